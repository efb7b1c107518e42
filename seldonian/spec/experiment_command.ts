import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { coreCount } from "../../autodiff/mod.ts";
import { experiment, type Results } from "../experiments/mod.ts";
import { replaceFile } from "../records/replace_file.ts";
import type { Thread } from "../runner/threads.ts";
import { bytes, text } from "./files.ts";
import { experimentIn } from "./experiment_spec.ts";

/** How to call it. */
export const experimentUsage = `seldonian experiment [status | plot] spec.json [--out folder] [--trials 50] [--threads 2]`;

/** Reads the spec of an experiment and the files that it names. */
export async function experimentAt(file: string): ReturnType<typeof experimentIn> {
  return await experimentIn(file, await text(file), (name) => bytes(join(dirname(file), name)));
}

/**
 * Runs an experiment in worker threads, or with `status` says how far it is, or with `plot` writes what there is. Results are kept
 * in `results.sqlite` in the folder, so that a killed run goes on; figures, a page and a CSV are written beside it.
 * @returns whether all trials are there
 */
export async function experimentCommand(args: readonly string[], print: (line: string) => void): Promise<boolean> {
  const texts = ["out", "trials", "threads"] as const,
    options = Object.fromEntries(texts.map((name) => [name, { type: "string" as const }]));
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const action = ["status", "plot"].find((name) => name === positionals[0]),
    [file] = positionals.slice(action === undefined ? 0 : 1);
  if (file === undefined) throw new TypeError(`usage: ${experimentUsage}`);
  const { out, trials: given, threads = coreCount() } = values as Partial<Record<typeof texts[number], string>>;
  const { spec, question } = await experimentAt(file), trials = wholeOf("trials", given ?? spec.trials ?? 50);
  if (out !== undefined) await mkdir(out, { recursive: true });
  else if (action !== undefined) {
    throw new TypeError(`Cannot ${action === "plot" ? "draw" : "find"} kept results without their folder: give --out`);
  }
  const all = spec.sizes.length * trials * Object.keys(question.contenders).length, began = performance.now();
  let ran = 0, told = began;
  const results = await experiment({
    ...question,
    sizes: spec.sizes,
    trials,
    store: out === undefined ? undefined : join(out, "results.sqlite"),
    ...(action === undefined
      ? { workers: { count: wholeOf("threads", threads), start: () => startWorker(file) } }
      : { signal: AbortSignal.abort() }),
    onTrial(_, done) {
      ran++;
      const now = performance.now();
      if (now - told < 5000) return;
      told = now;
      print(`${done} of ${all} trials; ${timeText((all - done) * (now - began) / ran / 1000)} left`);
    },
  });
  const { length } = results.trials;
  if (length > 0) print(`${results}`);
  if (length < all) print(`${length} of ${all} trials are there`);
  if (out !== undefined && action !== "status" && length > 0) await written(results, out, print);
  return length === all;
}

async function written(results: Results, folder: string, print: (line: string) => void): Promise<void> {
  const files = { "results.csv": results.toCsv(), "figure.svg": await results.plot(), "page.html": await results.page() };
  for (const [name, content] of Object.entries(files)) await replaceFile(join(folder, name), content);
  print(`Written to ${folder}: ${Object.keys(files).join(", ")}`);
}

function startWorker(file: string): Thread {
  const { Worker } = globalThis as unknown as { Worker: new (url: URL, options: { type: "module" }) => Thread };
  return new Worker(new URL(`./experiment_worker.ts#${encodeURIComponent(file)}`, import.meta.url), { type: "module" });
}

function wholeOf(name: string, given: string | number): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`Cannot run an experiment: --${name} is ${given}; wanted a whole number from 1`);
}

function timeText(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
