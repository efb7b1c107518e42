import { checkOptions, type Kind, type Known, oneOf } from "../../autodiff/options.ts";
import * as v from "../../deps.ts";
import { checkPath } from "./path.ts";

/** What is noted of a test: the keys of its rows, two words each, of the rows that the model was trained on, and what it may err with. */
export interface Use {
  /** Rows of the safety data, of all data sets. */
  tested: Uint32Array;
  /** Rows that were trained on, as far as they are known. */
  trained: Uint32Array;
  /** The delta of each constraint. */
  deltas: readonly number[];
}

/** What earlier uses have to do with the rows of a test, and what it may spend. */
export interface Uses {
  /** Rows of this test. */
  rows: number;
  /** Earlier tests that had some of them. */
  tests: number;
  /** Of the rows, how many were tested before. Of more than 20,000 it is told from a sample. */
  tested: number;
  /** Of the rows, how many are equal to rows that a model was trained on, for this test or an earlier one. */
  trained: number;
  /** The sum of the greatest deltas of the earlier tests. */
  spent: number;
  /** The delta that each constraint is tested with: as stated, or less where the ledger halves what is left. */
  deltas: readonly number[];
  /** Whether it does. */
  halving: boolean;
  /** By which the ledger knows this use. */
  id?: string;
}

/** Remembers the rows of tests. */
export interface Ledger {
  /**
   * What a test may spend of its delta: "whole" (default), and the result warns of rows that were tested before; or "halving", half of
   * what earlier tests of some of its rows have left, so that all tests of a row together err with probability at most delta.
   */
  readonly spend?: "whole" | "halving";
  /**
   * Notes a test before it is made, and says what was noted of its rows before.
   * @throws {RangeError} where nothing of delta is left to spend
   */
  use(use: Use): Promise<Uses>;
  /** Takes a use back, after which no test was made. */
  unused?(uses: Uses): Promise<void>;
}

/** What a ledger may be. */
export const ledgerKind: Kind = {
  type: "object",
  wanted: 'a ledger, as ledgerFile("tests.ledger.jsonl") makes one',
  holds: (value) => value !== null && typeof (value as Partial<Ledger>).use === "function",
};

const known: Known<Pick<Ledger, "spend">> = { spend: oneOf("whole", "halving") };

/** Rows whose keys are kept: those of which so many low bits are 0. */
const part = v.strictObject({ rows: v.number(), level: v.number(), keys: v.string() });
const noted = v.strictObject({
  version: v.literal(1),
  id: v.string(),
  tested: part,
  trained: part,
  delta: v.number(),
  halving: v.boolean(),
});
/** What a test could really spend, once that was known. */
const settled = v.strictObject({ version: v.literal(1), id: v.string(), spent: v.number() });
type Part = v.InferOutput<typeof part>;
type Noted = v.InferOutput<typeof noted>;
type Settled = v.InferOutput<typeof settled>;

/** Rows that are kept of each part, about. */
const mostKept = 20000;

/** Rows of a sample from which on it tells whether a test has rows in common with another. */
const fewest = 10;

/** Uses of this process. */
let uses = 0;

/**
 * A ledger in a file beside the data: `train({ ledger: ledgerFile("loans.ledger.jsonl"), … })`. A test is only as good as its data is
 * new: who tries until one passes breaks the promise with a probability of up to the number of tries times delta. Rows are known by
 * their content, so that neither another split nor another seed, name or function makes them new; equal rows count as the same row. A
 * test is noted before the file is read, so that of tests side by side the later ones know the earlier.
 * @throws {RangeError} from `use`, if a line is no use, or nothing of delta is left
 */
export function ledgerFile(path: string, options: Pick<Ledger, "spend"> = {}): Ledger {
  const { spend = "whole" } = checkOptions("keep a ledger", options, known);
  checkPath("keep a ledger", path);
  const add = async (line: Noted | Settled) => {
    const { appendFile } = await import("node:fs/promises");
    await appendFile(path, `${JSON.stringify(line)}\n`);
  };
  return {
    spend,
    async use({ tested, trained, deltas }) {
      const { readFile } = await import("node:fs/promises"), { pid } = await import("node:process"), most = Math.max(...deltas);
      const id = `${pid} ${performance.timeOrigin} ${uses++}`, keepAll = spend === "halving";
      await add({
        version: 1,
        id,
        tested: kept(tested, keepAll),
        trained: kept(trained, keepAll),
        delta: most,
        halving: keepAll,
      });
      const lines = (await readFile(path, "utf8")).split("\n").flatMap((one, i) => one === "" ? [] : [read(path, i + 1, one)]);
      const really = new Map(lines.flatMap((line) => "spent" in line ? [[line.id, line.spent] as const] : []));
      const all = lines.filter((line): line is Noted => "tested" in line), own = all.findIndex((line) => line.id === id);
      const found = usesOf(tested, trained, all.slice(0, own), really);
      if (spend === "whole") return { ...found, deltas, halving: false, id };
      const left = deltas.map((delta) => (delta - found.spent) / 2);
      if (left.some((delta) => !(delta > 0))) {
        await add({ version: 1, id, spent: 0 });
        throw new RangeError(
          `Cannot test these rows again: ${found.tests} earlier tests of some of them have spent ${
            short(found.spent)
          }, and delta is ` +
            `${Math.min(...deltas)}; get new data`,
        );
      }
      await add({ version: 1, id, spent: Math.max(...left) });
      return { ...found, deltas: left, halving: true, id };
    },
    async unused({ id }) {
      if (id !== undefined) await add({ version: 1, id, spent: 0 });
    },
  };
}

/** What earlier uses have to do with a use. */
function usesOf(
  tested: Uint32Array,
  trained: Uint32Array,
  earlier: readonly Noted[],
  really: Map<string, number>,
): Omit<Uses, "deltas" | "halving" | "id"> {
  const own = setOf(kept(trained, true));
  const met = earlier.map((use) => ({ use, rows: setOf(use.tested) })).filter(({ rows }) => haveMet(tested, rows));
  return {
    rows: tested.length / 2,
    tests: met.length,
    tested: countIn(tested, met.map(({ rows }) => rows)),
    trained: countIn(tested, [own, ...earlier.map((use) => setOf(use.trained))]),
    spent: met.reduce((sum, { use }) => sum + spentBy(use, earlier, really), 0),
  };
}

/** What a use has spent: as it settled, or as it will, if it is under way; noted in `really`. */
function spentBy({ id, delta, halving, tested }: Noted, all: readonly Noted[], really: Map<string, number>): number {
  const settled = really.get(id);
  if (settled !== undefined || !halving) return settled ?? delta;
  const own = keysIn(tested), before = all.slice(0, all.findIndex((use) => use.id === id));
  const met = before.filter((use) => haveMet(own, setOf(use.tested)));
  const spent = Math.max(0, delta - met.reduce((sum, use) => sum + spentBy(use, before, really), 0)) / 2;
  really.set(id, spent);
  return spent;
}

function short(x: number): number {
  return Number(x.toPrecision(6));
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

/** Whether some of the rows are in a set; where too few of them would have been kept for it to tell, they count as such. */
function haveMet(rows: Uint32Array, { level, keys }: KeySet): boolean {
  let looked = 0;
  for (let i = 0; i < rows.length; i += 2) {
    if (!isKept(rows[i + 1], level)) continue;
    looked++;
    if (keys.has(textOf(rows[i], rows[i + 1]))) return true;
  }
  return level > 0 && looked < fewest;
}

/** The words of keys that were kept. */
function keysIn({ keys }: Part): Uint32Array {
  return Uint32Array.from({ length: keys.length / 8 }, (_, i) => Number.parseInt(keys.slice(8 * i, 8 * i + 8), 16));
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

function kept(keys: Uint32Array, all: boolean): Part {
  const rows = keys.length / 2, level = all ? 0 : Math.max(0, Math.ceil(Math.log2(rows / mostKept)));
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

function read(path: string, number: number, text: string): Noted | Settled {
  try {
    return v.parse(v.union([noted, settled]), JSON.parse(text));
  } catch {
    throw new RangeError(
      `Cannot read the ledger ${path}, line ${number}: wanted a use as ledgerFile() writes it; mend the line, or move the file away ` +
        "to begin anew",
    );
  }
}
