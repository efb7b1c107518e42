import { loadProgressBar, type ProgressBar } from "../../deps.ts";
import type { Progress } from "../candidate_selection.ts";

/** Seconds between two plain lines. */
const interval = 10;

/**
 * Shows training on standard error, for `train({ onProgress: progressBar(), … })`: a bar with the time left on a terminal, a
 * plain line every ten seconds elsewhere.
 */
export function progressBar(): (progress: Progress) => void {
  const { stderr } = (globalThis as { process?: { stderr?: { isTTY?: boolean } } }).process ?? {};
  return stderr?.isTTY ? onTerminal() : inLines();
}

function onTerminal(): (progress: Progress) => void {
  let bar: ProgressBar | undefined, loading: Promise<void> | undefined;
  return (progress) => {
    const { step, steps } = progress;
    loading ??= loadProgressBar("{bar} {percentage} %  {state}  {eta_formatted} left").then((loaded) => {
      bar = loaded;
      bar.start(steps, step, { state: state(progress) });
    });
    bar?.update(step, { state: state(progress) });
    if (step === steps) bar?.stop();
  };
}

function inLines(): (progress: Progress) => void {
  let printed = 0;
  return (progress) => {
    const { step, steps, seconds } = progress;
    if (step > 1 && step < steps && seconds - printed < interval) return;
    printed = seconds;
    const left = step > 1 ? `, about ${Math.round(seconds / (step - 1) * (steps - step))} s left` : "";
    console.error(`step ${step} of ${steps}: ${state(progress)}${left}`);
  };
}

function state({ epoch, epochs, f, g, lambda }: Progress): string {
  const list = (values: number[]) => values.map((value) => value.toFixed(3)).join(" ");
  return `epoch ${epoch}/${epochs}  f ${f.toFixed(3)}  g ${list(g)}  lambda ${list(lambda)}`;
}
