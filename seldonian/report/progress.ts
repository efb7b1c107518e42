import { loadProgressBar, type ProgressBar } from "../../deps.ts";
import type { Progress } from "../records/log.ts";
import { kernelHere, notebookProgress } from "./notebook.ts";
import { short } from "./verdict.ts";

/** Seconds between two plain lines. */
const interval = 10;

/**
 * Shows a run, for `train({ onProgress: progressBar(), … })` and for `tune()`: the search for settings, training, and the choice among
 * the best steps. On a terminal: a bar with the time left, on standard error; otherwise a plain line every ten seconds; in a
 * notebook: a bar and the growing curves of training. A search that ends without settings that are predicted to pass says so.
 */
export function progressBar(): (progress: Progress) => void {
  const kernel = kernelHere();
  if (kernel !== undefined) return notebookProgress(kernel);
  const { stderr } = (globalThis as { process?: { stderr?: { isTTY?: boolean } } }).process ?? {};
  return stderr?.isTTY ? onTerminal() : inLines();
}

function onTerminal(): (progress: Progress) => void {
  let bar: ProgressBar | undefined, stage: Progress["doing"] | undefined;
  const stop = () => {
    // A running bar keeps the program alive.
    bar?.stop();
    [bar, stage] = [undefined, undefined];
  };
  return (progress) => {
    const { doing, running } = progress, [done, of] = countsOf(progress), payload = { state: stateOf(progress) };
    if (!running) {
      stop();
      return complain(progress);
    }
    if (doing !== stage) {
      stop();
      stage = doing;
      loadProgressBar("{bar} {percentage} %  {state}  {eta_formatted} left").then((loaded) => {
        if (stage !== doing || bar !== undefined) return;
        bar = loaded;
        bar.start(of, done, payload);
      });
    }
    bar?.update(done, payload);
  };
}

function inLines(): (progress: Progress) => void {
  let printed = 0, stage: Progress["doing"] | undefined;
  return (progress) => {
    const { doing, seconds, running } = progress, [done, of] = countsOf(progress), isFirst = doing !== stage;
    if (!running) return complain(progress);
    if (!isFirst && done < of && seconds - printed < interval) return;
    [printed, stage] = [seconds, doing];
    // The first step has nothing before it to tell the time by.
    const before = doing === "training" ? done - 1 : done;
    const left = before > 0 && done < of ? `, about ${Math.round(seconds / before * (of - done))} s left` : "";
    console.error(`${placeOf(doing, done, of)}${stateOf(progress)}${left}`);
  };
}

function placeOf(doing: Progress["doing"], done: number, of: number): string {
  if (doing === "choosing") return done === 0 ? `comparing the ${of} best steps` : `comparing the best steps: ${done} of ${of}`;
  return `${doing === "training" ? "step" : "tuning: training"} ${done} of ${of}`;
}

/** Says so if a search has found nothing that is predicted to pass: the rows of the safety test need not be spent. */
function complain(progress: Progress): void {
  if (progress.doing !== "tuning" || progress.passing === undefined || progress.passing >= 0.5) return;
  console.error(
    `no settings are predicted to pass: the best with probability ${short(progress.passing)}; interrupt it, to keep the safety ` +
      "data for a promise with more room, for more data or for another model",
  );
}

function countsOf(progress: Progress): [done: number, of: number] {
  return progress.doing === "training" ? [progress.step, progress.steps] : [progress.done, progress.of];
}

function stateOf(progress: Progress): string {
  if (progress.doing !== "training") {
    return progress.passing === undefined ? "" : `: the best settings pass with probability ${short(progress.passing)}`;
  }
  const { epoch, epochs, f, g, lambda } = progress,
    list = (values: number[]) => values.map((value) => value.toFixed(3)).join(" ");
  return `: epoch ${epoch}/${epochs}  f ${f.toFixed(3)}  g ${list(g)}  lambda ${list(lambda)}`;
}
