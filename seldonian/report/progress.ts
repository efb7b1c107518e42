import { loadProgressBar, type ProgressBar } from "../../deps.ts";
import type { Progress } from "../records/log.ts";
import { kernelHere, notebookProgress } from "./notebook.ts";

/** Seconds between two plain lines. */
const interval = 10;

/** The work left after the last step. */
const afterwards = "comparing the best steps on candidate data, then the safety test";

/**
 * Shows training, for `train({ onProgress: progressBar(), … })`. On a terminal: a bar with the time left, on standard error;
 * otherwise a plain line every ten seconds; in a notebook: a bar and the growing curves of training.
 */
export function progressBar(): (progress: Progress) => void {
  const kernel = kernelHere();
  if (kernel !== undefined) return notebookProgress(kernel);
  const { stderr } = (globalThis as { process?: { stderr?: { isTTY?: boolean } } }).process ?? {};
  return stderr?.isTTY ? onTerminal() : inLines();
}

function onTerminal(): (progress: Progress) => void {
  let bar: ProgressBar | undefined, first = true, ended = false;
  return (progress) => {
    const { step, steps, running } = progress, payload = { state: state(progress) };
    if (first) {
      first = false;
      loadProgressBar("{bar} {percentage} %  {state}  {eta_formatted} left").then((loaded) => {
        if (ended) return;
        bar = loaded;
        bar.start(steps, step, payload);
      });
    }
    if (running && step < steps) return bar?.update(step, payload);
    // A running bar keeps the program alive.
    if (!ended) bar?.stop();
    if (running) console.error(afterwards);
    ended = true;
  };
}

function inLines(): (progress: Progress) => void {
  let printed = 0;
  return (progress) => {
    const { step, steps, seconds, running } = progress;
    if (!running || (step > 1 && step < steps && seconds - printed < interval)) return;
    printed = seconds;
    const left = step > 1 && step < steps ? `, about ${Math.round(seconds / (step - 1) * (steps - step))} s left` : "";
    console.error(`step ${step} of ${steps}: ${state(progress)}${left}`);
    if (step === steps) console.error(afterwards);
  };
}

function state({ epoch, epochs, f, g, lambda }: Progress): string {
  const list = (values: number[]) => values.map((value) => value.toFixed(3)).join(" ");
  return `epoch ${epoch}/${epochs}  f ${f.toFixed(3)}  g ${list(g)}  lambda ${list(lambda)}`;
}
