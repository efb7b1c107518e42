import { loadProgressBar, type ProgressBar } from "../../deps.ts";
import { barOf, kernelHere, redrawing } from "../report/notebook.ts";
import type { Results } from "./results.ts";
import type { TrialResult } from "./trial.ts";

/** Hears of every result as it comes, how many of all there are, and asks for the results so far. */
export type OnTrial = (result: TrialResult, done: number, all: number, soFar: () => Results) => void;

/** Seconds between two plain lines. */
const interval = 10;

/**
 * Shows how far an experiment is, for `experiment({ onTrial: trialProgress(), … })`. On a terminal: a bar with the time left, on
 * standard error; otherwise a plain line every ten seconds; in a notebook: a bar and the figure, which grows.
 */
export function trialProgress(): OnTrial {
  const kernel = kernelHere();
  if (kernel !== undefined) {
    const show = redrawing(kernel), left = timeLeft();
    return (_, done, all, soFar) => {
      const text = `${done} of ${all} trials${left(done, all)}`;
      show(async () => ({ html: `<div>${barOf(done, all, text)}</div>${await soFar().plot()}`, text }), done === all);
    };
  }
  const { stderr } = (globalThis as { process?: { stderr?: { isTTY?: boolean } } }).process ?? {};
  return stderr?.isTTY ? onTerminal() : inLines();
}

function onTerminal(): OnTrial {
  let bar: ProgressBar | undefined, begun = false, ended = false;
  return (_, done, all) => {
    if (!begun) {
      begun = true;
      loadProgressBar("{bar} {percentage} %  {value} of {total} trials  {eta_formatted} left").then((loaded) => {
        if (ended) return;
        bar = loaded;
        bar.start(all, done, {});
      });
    }
    bar?.update(done, {});
    if (done < all) return;
    ended = true;
    // A running bar keeps the program alive.
    bar?.stop();
  };
}

function inLines(): OnTrial {
  const left = timeLeft();
  let told = performance.now();
  return (_, done, all) => {
    const text = `${done} of ${all} trials${left(done, all)}`, now = performance.now();
    if (now - told < 1000 * interval) return;
    told = now;
    console.error(text);
  };
}

/** How long the rest takes, if it goes on as it has: trials that were kept before took no time. */
function timeLeft(): (done: number, all: number) => string {
  let first: { done: number; at: number } | undefined;
  return (done, all) => {
    const now = performance.now();
    if (first === undefined) first = { done, at: now };
    if (done === first.done || done === all) return "";
    const seconds = (now - first.at) / (done - first.done) * (all - done) / 1000;
    return `, about ${seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`} left`;
  };
}
