import * as v from "../../deps.ts";
import { checkPath } from "../records/path.ts";
import type { TrialResult } from "./trial.ts";

/** Keeps the results of trials, so that a killed experiment goes on where it was, and several machines may fill one. */
export interface TrialStore {
  /** The kept results under a setting, in any order. */
  known(setting: string): Promise<TrialResult[]>;
  /** Keeps a result, whole or not at all. A second one of the same trial changes nothing. */
  keep(setting: string, result: TrialResult): Promise<void>;
  /** Ends its connections. */
  close(): Promise<void>;
}

/** The version of the tables and lines. */
export const storeVersion = 1;

const schema = v.strictObject({
  contender: v.string(),
  size: v.number(),
  trial: v.number(),
  solution: v.boolean(),
  performance: v.nullable(v.number()),
  values: v.array(v.nullable(v.number())),
  broken: v.boolean(),
  seconds: v.number(),
  error: v.optional(v.string()),
});

/** @throws {RangeError} unless it is a result as JSON */
export function readResult(text: string, place: string): TrialResult {
  try {
    return resultIn(JSON.parse(text));
  } catch {
    throw noResult(place);
  }
}

/** @throws {Error} unless it is a result */
export function resultIn(json: unknown): TrialResult {
  return v.parse(schema, json) as TrialResult;
}

/** The error for something else in a store. */
export function noResult(place: string): RangeError {
  return new RangeError(`Cannot go on from ${place}: it is no result of a trial; move the file away to start again`);
}

/**
 * Writes to a store. What was kept before stays.
 * @throws {Error} that names the place, such as that of a full disk
 */
export async function written(place: string, write: () => unknown): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new Error(`Cannot keep results in ${place}: ${(error as Error).message}; those kept before are there`, {
      cause: error,
    });
  }
}

/** The key of a trial under its setting. */
export function trialKey({ contender, size, trial }: Pick<TrialResult, "contender" | "size" | "trial">): string {
  return JSON.stringify([contender, size, trial]);
}

/** Keeps results as long as the program runs. */
export function memoryStore(): TrialStore {
  const kept = new Map<string, Map<string, TrialResult>>();
  return {
    known: (setting) => Promise.resolve([...kept.get(setting)?.values() ?? []]),
    keep(setting, result) {
      const own = kept.get(setting) ?? new Map<string, TrialResult>(), key = trialKey(result);
      kept.set(setting, own);
      if (!own.has(key)) own.set(key, result);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

/**
 * A store at a place: `results.sqlite` (SQLite, by the runtime's own module), `results.jsonl` (lines of JSON), or
 * `postgres://…` (for many machines).
 * @throws {RangeError} for another place, and for a store of another version
 */
export async function storeAt(place: string): Promise<TrialStore> {
  checkPath("keep results", place);
  if (/\.(sqlite3?|db)$/.test(place)) return await (await import("./sqlite_store.ts")).sqliteStore(place);
  if (/\.jsonl$/.test(place)) return await (await import("./lines_store.ts")).linesStore(place);
  if (/^postgres(ql)?:/.test(place)) return await (await import("./postgres_store.ts")).postgresStore(place);
  throw new RangeError(`Cannot keep results in ${place}: wanted a name that ends with .sqlite or .jsonl, or postgres://…`);
}
