import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { coreCount } from "../../autodiff/mod.ts";
import { experiment, queueRunner, type Results, serveQueue, slurmScript, trialProgress } from "../experiments/mod.ts";
import { replaceFile } from "../records/replace_file.ts";
import type { Thread } from "../runner/threads.ts";
import { bytes, text } from "./files.ts";
import { experimentIn } from "./experiment_spec.ts";
import { checkedFlags } from "./read_flags.ts";

/** How to call it. */
export const experimentUsage =
  `seldonian experiment [status | plot] spec.json [--out folder] [--store results.sqlite | postgres://…]
                                                  [--trials 50] [--threads 2 | --queue redis://…] [--part 3/20 | --slurm 20]
                                                  [--against contender]
       seldonian worker redis://… | postgres://… [--threads 2]`;

/** Reads the spec of an experiment and the files that it names. */
export async function experimentAt(file: string): ReturnType<typeof experimentIn> {
  return await experimentIn(file, await text(file), (name) => bytes(join(dirname(file), name)));
}

const flags = ["out", "store", "trials", "threads", "queue", "part", "slurm", "against"] as const;

/**
 * Runs an experiment in worker threads or through a queue, or with `status` says how far it is, or with `plot` writes what there is.
 * Results are kept in the store, by default `results.sqlite` in the folder, so that a killed run goes on; figures, a page and a CSV
 * are written to the folder. With `--slurm` it only prints a script for `sbatch`.
 * @returns whether all trials are there
 */
export async function experimentCommand(args: readonly string[], print: Print): Promise<boolean> {
  const { values: { out, store: place, queue, part, slurm, against, ...given }, positionals } = flagsIn(args, flags);
  const action = ["status", "plot"].find((name) => name === positionals[0]),
    [file] = positionals.slice(action === undefined ? 0 : 1);
  if (file === undefined) throw new TypeError(`usage: ${experimentUsage}`);
  if (slurm !== undefined) {
    const kept = place === undefined ? "" : ` --store '${place.replaceAll("'", `'\\''`)}'`;
    return print(slurmScript(file, wholeOf("slurm", slurm), { command: `npx seldonian experiment${kept}` }).trimEnd()), true;
  }
  const store = place ?? (out === undefined ? undefined : join(out, "results.sqlite"));
  if (store === undefined && action !== undefined) {
    throw new TypeError(`Cannot ${action === "plot" ? "draw" : "find"} kept results without their place: give --out or --store`);
  }
  const { spec, question } = await experimentAt(file), trials = wholeOf("trials", given.trials ?? spec.trials ?? 50);
  if (out !== undefined) await mkdir(out, { recursive: true });
  const own = partOf(part), names = Object.keys(question.contenders), { index, count } = own ?? { index: 0, count: 1 };
  const all = Math.ceil((spec.sizes.length * trials * names.length - index) / count);
  // After all trials it would be late.
  if (against !== undefined && !names.includes(against)) {
    throw new RangeError(`Cannot compare with ${against}: the contenders are ${names.join(", ")}`);
  }
  const where = action !== undefined
    ? { signal: AbortSignal.abort() }
    : queue !== undefined
    ? { runner: await queueRunner(queue, { about: file, onError: (error) => print(error.message) }) }
    : { workers: { count: wholeOf("threads", given.threads ?? coreCount()), start: () => startWorker(file) } };
  const results = await experiment({
    ...question,
    ...where,
    sizes: spec.sizes,
    trials,
    store,
    part: own,
    onTrial: trialProgress(),
  });
  const { length } = results.trials;
  if (length > 0) print(`${results}`);
  if (length > 0 && against !== undefined) print(results.table({ against }));
  if (length < all) print(`${length} of ${all} trials are there`);
  if (out !== undefined && own === undefined && action !== "status" && length > 0) await written(results, out, against, print);
  return length >= all;
}

/** Runs trials from a queue in worker threads, until it is stopped. Every trial names its spec, which must be at the same place here. */
export async function workerCommand(args: readonly string[], print: Print): Promise<boolean> {
  const { values: { threads }, positionals: [url] } = flagsIn(args, ["threads"] as const);
  if (url === undefined) throw new TypeError(`usage: ${experimentUsage}`);
  const count = wholeOf("threads", threads ?? coreCount());
  print(`Waiting for trials in ${count} threads`);
  await serveQueue(url, { count, start: () => startWorker("") }, { onError: (error) => print(error.message) });
  return true;
}

type Print = (line: string) => void;

/** Flags with a value, by name, and the other arguments. */
function flagsIn<const Name extends string>(args: readonly string[], names: readonly Name[]) {
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  const { values, positionals } = parseArgs({ args: checkedFlags(args, names), options, allowPositionals: true });
  return { values: values as Partial<Record<Name, string>>, positionals };
}

/** A part such as 3/20. */
function partOf(given: string | undefined): { index: number; count: number } | undefined {
  if (given === undefined) return undefined;
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(given) ?? [];
  if (Number(index) < Number(count)) return { index: Number(index), count: Number(count) };
  throw new RangeError(`Cannot run an experiment: --part is ${given}; wanted a part and their number, as 0/20 to 19/20`);
}

async function written(results: Results, folder: string, against: string | undefined, print: Print): Promise<void> {
  const files: Record<string, string | Uint8Array> = {
    "results.csv": results.toCsv(),
    "figure.svg": await results.plot(),
    "page.html": await results.page({ against }),
  };
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
