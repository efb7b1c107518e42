import * as v from "../../deps.ts";

/** What is noted of a test: the keys of its rows, two words each, and of the rows that the model was trained on. */
export interface Use {
  /** Rows of the safety data, of all data sets. */
  tested: Uint32Array;
  /** Rows that were trained on, as far as they are known. */
  trained: Uint32Array;
}

/** What earlier uses have to do with the rows of a test. */
export interface Uses {
  /** Rows of this test. */
  rows: number;
  /** Earlier tests that had some of them. */
  tests: number;
  /** Of the rows, how many were tested before. Of more than 20,000 it is told from a sample. */
  tested: number;
  /** Of the rows, how many a model was trained on, for this test or an earlier one. */
  trained: number;
}

/** Remembers the rows of tests. */
export interface Ledger {
  /**
   * What a test may spend of its delta: "whole" (default), and the result warns of rows that were tested before; or "halving", 1/2 of it
   * in the first test of some rows, 1/4 in the second and so on, so that all of them together err with probability at most delta.
   */
  readonly spend?: "whole" | "halving";
  /** Notes a test before it is made, and says what was noted of its rows before. */
  use(use: Use): Promise<Uses>;
}

/** Rows whose keys are kept: those of which so many low bits are 0. */
const part = v.strictObject({ rows: v.number(), level: v.number(), keys: v.string() });
const line = v.strictObject({ version: v.literal(1), tested: part, trained: part });
type Part = v.InferOutput<typeof part>;

/** Rows that are kept of each part, about. */
const mostKept = 20000;

/**
 * A ledger in a file beside the data: `train({ ledger: ledgerFile("loans.ledger.jsonl"), … })`. A test is only as good as its data is
 * new: who tries until one passes breaks the promise with a probability of up to the number of tries times delta. Rows are known by
 * their content, so that neither another split nor another seed, name or function makes them new; equal rows count as the same row. A
 * line is added at each use, so that runs side by side lose none.
 * @throws {RangeError} from `use`, if a line is no use
 */
export function ledgerFile(path: string, { spend = "whole" }: Pick<Ledger, "spend"> = {}): Ledger {
  if (spend !== "whole" && spend !== "halving") {
    throw new RangeError(`Cannot spend delta by "${spend}": wanted "whole" or "halving"`);
  }
  return {
    spend,
    async use(use) {
      const { appendFile, readFile } = await import("node:fs/promises");
      let text = "";
      try {
        text = await readFile(path, "utf8");
      } catch (error) {
        if ((error as { code?: string }).code !== "ENOENT") throw error;
      }
      const lines = text.split("\n").flatMap((one, i) => one === "" ? [] : [read(path, i + 1, one)]);
      const noted = { version: 1, tested: kept(use.tested), trained: kept(use.trained) };
      await appendFile(path, `${text === "" || text.endsWith("\n") ? "" : "\n"}${JSON.stringify(noted)}\n`);
      return usesOf(use, lines);
    },
  };
}

/** What earlier uses have to do with a use. */
function usesOf({ tested, trained }: Use, earlier: readonly { tested: Part; trained: Part }[]): Uses {
  const now = kept(trained), sets = earlier.map((use) => setOf(use.tested));
  return {
    rows: tested.length / 2,
    tests: sets.filter((set) => countIn(tested, [set]) > 0).length,
    tested: countIn(tested, sets),
    trained: countIn(tested, [now, ...earlier.map((use) => use.trained)].map(setOf)),
  };
}

interface KeySet {
  level: number;
  keys: ReadonlySet<string>;
}

function setOf({ level, keys }: Part): KeySet {
  const found = new Set<string>();
  for (let i = 0; i < keys.length; i += 16) found.add(keys.slice(i, i + 16));
  return { level, keys: found };
}

/** How many rows are in some of the sets, from the rows that all of them would have kept. */
function countIn(rows: Uint32Array, sets: readonly KeySet[]): number {
  const level = sets.reduce((most, set) => Math.max(most, set.level), 0);
  let count = 0;
  for (let i = 0; i < rows.length; i += 2) {
    if (!isKept(rows[i + 1], level)) continue;
    const key = textOf(rows[i], rows[i + 1]);
    if (sets.some(({ keys }) => keys.has(key))) count++;
  }
  return Math.min(rows.length / 2, count * 2 ** level);
}

function kept(keys: Uint32Array): Part {
  const rows = keys.length / 2, level = Math.max(0, Math.ceil(Math.log2(rows / mostKept)));
  const texts: string[] = [];
  for (let i = 0; i < keys.length; i += 2) if (isKept(keys[i + 1], level)) texts.push(textOf(keys[i], keys[i + 1]));
  return { rows, level, keys: texts.join("") };
}

function isKept(low: number, level: number): boolean {
  return low % 2 ** level === 0;
}

function textOf(high: number, low: number): string {
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

function read(path: string, number: number, text: string): v.InferOutput<typeof line> {
  try {
    return v.parse(line, JSON.parse(text));
  } catch {
    throw new RangeError(
      `Cannot read the ledger ${path}, line ${number}: wanted a use as ledgerFile() writes it; mend the line, or move the file away ` +
        "to begin anew",
    );
  }
}
