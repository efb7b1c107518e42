import * as v from "../../deps.ts";
import { checkPath } from "../records/path.ts";
import type { Trial } from "../tuning/search.ts";

const schema = v.strictObject({
  settings: v.record(v.string(), v.unknown()),
  passing: v.number(),
  objective: v.nullable(v.number()),
});

/**
 * Keeps the trials of a search in a file, one line of JSON each, so that a killed search goes on where it stopped:
 * `tune({ …, ...await trialsFile("trials.jsonl") })`. A truncated last line is run again. The file belongs to one set of data and
 * options: use another file for others.
 * @throws {RangeError} if the file contains anything else
 */
export async function trialsFile(path: string): Promise<{ known: Trial[]; onTrial: (trial: Trial) => void }> {
  checkPath("keep trials", path);
  const { openSync, readFileSync, truncateSync, writeSync } = await import("node:fs");
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
  }
  const whole = text.slice(0, text.lastIndexOf("\n") + 1),
    known = whole.split("\n").slice(0, -1).map((line, i) => read(path, line, i));
  if (whole !== text) truncateSync(path, new TextEncoder().encode(whole).length);
  const file = openSync(path, "a");
  return { known, onTrial: (trial) => writeSync(file, `${JSON.stringify(trial)}\n`) };
}

function read(path: string, line: string, i: number): Trial {
  try {
    return v.parse(schema, JSON.parse(line)) as Trial;
  } catch {
    throw new RangeError(`Cannot go on from ${path}: line ${i + 1} is not a trial; fix it, or move the file away to start again`);
  }
}
