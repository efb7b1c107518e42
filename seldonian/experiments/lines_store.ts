import { readResult, trialKey, type TrialStore } from "./store.ts";

/**
 * Keeps results as lines of JSON, for one process at a time. The last line of a killed process is dropped.
 * @throws {RangeError} for a file with other lines
 */
export async function linesStore(path: string): Promise<TrialStore> {
  const { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } = await import("node:fs");
  let bytes = new Uint8Array();
  try {
    bytes = new Uint8Array(readFileSync(path));
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
  }
  const end = bytes.lastIndexOf(10) + 1, kept = new Map<string, Map<string, ReturnType<typeof readResult>>>();
  const take = (setting: string, result: ReturnType<typeof readResult>): boolean => {
    const own = kept.get(setting) ?? new Map(), key = trialKey(result);
    kept.set(setting, own);
    return !own.has(key) && own.set(key, result) !== undefined;
  };
  const lines = new TextDecoder().decode(bytes.subarray(0, end)).split("\n").slice(0, -1);
  lines.forEach((line, i) => {
    const [, setting, text] = /^\["([0-9a-f]{64})",(.*)\]$/s.exec(line) ?? [];
    take(setting, readResult(text ?? "", `line ${i + 1} of ${path}`));
  });
  if (end < bytes.length) truncateSync(path, end);
  const file = openSync(path, "a");
  return {
    known: (setting) => Promise.resolve([...kept.get(setting)?.values() ?? []]),
    keep(setting, result) {
      if (!take(setting, result)) return Promise.resolve();
      const line = new TextEncoder().encode(`["${setting}",${JSON.stringify(result)}]\n`);
      // A full disk may take a part of it.
      for (let at = 0; at < line.length;) at += writeSync(file, line, at);
      fsyncSync(file);
      return Promise.resolve();
    },
    close() {
      closeSync(file);
      return Promise.resolve();
    },
  };
}
