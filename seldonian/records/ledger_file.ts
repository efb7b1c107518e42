import * as v from "../../deps.ts";
import { builtin } from "../builtin.ts";
import type { Ledger, Uses } from "./ledger.ts";
import { linesFile } from "./lines_file.ts";

/** Rows whose keys are kept: those with `level` low bits of 0. */
const part = v.strictObject({ rows: v.number(), level: v.number(), keys: v.string() });
const noted = v.strictObject({
  version: v.literal(1),
  id: v.string(),
  tested: part,
  trained: part,
  delta: v.number(),
  halving: v.boolean(),
});
/** What a test really could spend, once known. */
const settled = v.strictObject({ version: v.literal(1), id: v.string(), spent: v.number() });
type Part = v.InferOutput<typeof part>;
type Noted = v.InferOutput<typeof noted>;
type Settled = v.InferOutput<typeof settled>;

/** The approximate number of rows kept of each part. */
const mostKept = 20000;

/** The fewest rows of a sample that show whether two tests have rows in common. */
const fewest = 10;

/** The number of uses in this process. */
let uses = 0;

/** Opens the file of a ledger; `ledgerFile()` says what it does. */
export async function openLedger(path: string, spend: "whole" | "halving"): Promise<Required<Omit<Ledger, "spend">>> {
  const lines = await linesFile<Noted | Settled>(path, {
    unchecked: '{"version":1,',
    parse: (json) => v.parse(v.union([noted, settled]), json),
    refuse: (line) =>
      new RangeError(
        `Cannot read the ledger ${path}, line ${line}: wanted a line that ledgerFile() wrote; fix it, or move the file away ` +
          "to start again",
      ),
  });
  return {
    async use({ tested, trained, deltas }) {
      const { pid } = await builtin("node:process"), most = Math.max(...deltas);
      const id = `${pid} ${performance.timeOrigin} ${uses++}`, keepAll = spend === "halving";
      lines.add({
        version: 1,
        id,
        tested: kept(tested, keepAll),
        trained: kept(trained, keepAll),
        delta: most,
        halving: keepAll,
      });
      const all = lines.all(), really = new Map(all.flatMap((line) => "spent" in line ? [[line.id, line.spent] as const] : []));
      const noted = all.filter((line): line is Noted => "tested" in line), own = noted.findIndex((line) => line.id === id);
      const found = usesOf(tested, trained, noted.slice(0, own), really);
      if (spend === "whole") return { ...found, deltas, halving: false, id };
      const left = deltas.map((delta) => (delta - found.spent) / 2);
      if (left.some((delta) => !(delta > 0))) {
        lines.add({ version: 1, id, spent: 0 });
        throw new RangeError(
          `Cannot test these rows again: ${found.tests} earlier tests of some of them have spent ${
            short(found.spent)
          }, and delta is ` +
            `${Math.min(...deltas)}; get new data`,
        );
      }
      lines.add({ version: 1, id, spent: Math.max(...left) });
      return { ...found, deltas: left, halving: true, id };
    },
    unused({ id }) {
      if (id !== undefined) lines.add({ version: 1, id, spent: 0 });
      return Promise.resolve();
    },
  };
}

/** How earlier uses relate to a use. */
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

/** The delta that a use has spent: as settled, or as expected if it is under way; cached in `really`. */
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

/** Whether some of the rows are in a set; if too few of them would have been kept to decide, they count as in it. */
function haveMet(rows: Uint32Array, { level, keys }: KeySet): boolean {
  let looked = 0;
  for (let i = 0; i < rows.length; i += 2) {
    if (!isKept(rows[i + 1], level)) continue;
    looked++;
    if (keys.has(textOf(rows[i], rows[i + 1]))) return true;
  }
  return level > 0 && looked < fewest;
}

/** The words of the kept keys. */
function keysIn({ keys }: Part): Uint32Array {
  return Uint32Array.from({ length: keys.length / 8 }, (_, i) => Number.parseInt(keys.slice(8 * i, 8 * i + 8), 16));
}

/** The number of rows in some of the sets, estimated from the rows that all of them would have kept. */
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
