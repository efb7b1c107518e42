import { builtin } from "../builtin.ts";
import { linesFile } from "../records/lines_file.ts";
import { noResult, resultIn, trialKey, type TrialStore, written } from "./store.ts";
import type { TrialResult } from "./trial.ts";

/** A line of the file. */
interface Kept {
  setting: string;
  result: TrialResult;
}

/**
 * Keeps results as lines of JSON, which several processes of one machine may add to at once. The line of a killed process is
 * dropped. Where a trial is there twice, since two runs had it at once, the first counts.
 * @throws {RangeError} for a file with other lines
 */
export async function linesStore(path: string): Promise<TrialStore> {
  const { closeSync, openSync } = await builtin("node:fs");
  // A folder that is not there is better known before the first trial.
  await written(path, () => closeSync(openSync(path, "a")));
  const file = await linesFile<Kept>(path, {
    unchecked: '{"setting":',
    parse(json) {
      const { setting, result } = json as Kept;
      return { setting: `${setting}`, result: resultIn(result) };
    },
    refuse: (line) => noResult(`line ${line} of ${path}`),
  });
  let items: readonly Kept[] = [], read = 0, kept = new Map<string, Map<string, TrialResult>>();
  const under = (setting: string): Map<string, TrialResult> => {
    const all = file.all();
    if (all !== items) [items, read, kept] = [all, 0, new Map()];
    for (; read < items.length; read++) {
      const { setting, result } = items[read], own = kept.get(setting) ?? new Map<string, TrialResult>(), key = trialKey(result);
      kept.set(setting, own);
      if (!own.has(key)) own.set(key, result);
    }
    return kept.get(setting) ?? new Map();
  };
  under("");
  return {
    known: (setting) => Promise.resolve([...under(setting).values()]),
    keep: (setting, result) => written(path, () => under(setting).has(trialKey(result)) || file.add({ setting, result })),
    close: () => Promise.resolve(),
  };
}
