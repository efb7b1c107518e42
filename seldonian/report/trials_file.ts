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
 * `tune({ …, ...await trialsFile("trials.jsonl") })`. A trial whose line was cut is run again. Searches may run at once; each
 * adds its trials. The file belongs to one set of data and options: use another file for others.
 * @throws {RangeError} if the file contains anything else
 */
export async function trialsFile(path: string): Promise<{ known: Trial[]; onTrial: (trial: Trial) => void }> {
  checkPath("keep trials", path);
  const lines = await (await import("../records/lines_file.ts")).linesFile<Trial>(path, {
    unchecked: '{"settings":',
    parse: (json) => v.parse(schema, json) as Trial,
    refuse: (line) =>
      new RangeError(`Cannot go on from ${path}: line ${line} is not a trial; fix it, or move the file away to start again`),
  });
  return { known: [...lines.all()], onTrial: (trial) => lines.add(trial) };
}
