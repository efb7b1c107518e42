import * as v from "../../deps.ts";
import { replaceFile } from "./replace_file.ts";

/** Counts how often the same safety data was used. */
export interface Ledger {
  /** Notes a use of the data with this digest, and says how many there were with it. */
  use(digest: string): Promise<number>;
}

const schema = v.strictObject({ uses: v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(0))) });

/**
 * A ledger in a JSON file beside the data: `train({ ledger: ledgerFile("loans.ledger.json"), … })`. A test is only as good as its
 * data is new: who tries until one passes breaks the promise with a probability of up to the number of tries times delta. The file
 * is replaced as a whole, so that a run that is killed leaves the old one or the new one.
 * @throws {RangeError} from `use`, if the file is no ledger
 */
export function ledgerFile(path: string): Ledger {
  return {
    async use(digest) {
      const { readFile } = await import("node:fs/promises");
      let text = '{ "uses": {} }';
      try {
        text = await readFile(path, "utf8");
      } catch (error) {
        if ((error as { code?: string }).code !== "ENOENT") throw error;
      }
      const { uses } = read(path, text), count = (uses[digest] ?? 0) + 1;
      await replaceFile(path, `${JSON.stringify({ uses: { ...uses, [digest]: count } }, null, 2)}\n`);
      return count;
    },
  };
}

function read(path: string, text: string): v.InferOutput<typeof schema> {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    throw new RangeError(
      `Cannot read the ledger ${path}: wanted { "uses": { digest: count } }; mend it, or move it away to begin anew`,
    );
  }
}
