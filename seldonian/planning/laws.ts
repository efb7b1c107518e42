import { checkOptions, type Known, needed, number } from "../../autodiff/options.ts";
import type { Leaf } from "../constraints/expression.ts";
import { kinshipOf } from "../constraints/membership.ts";
import type { Promised } from "../constraints/promise.ts";

/** The rate of each measure by its name in a constraint, and the fraction of all rows that it covers (default 1). */
export type Rates = Readonly<Record<string, number | { rate: number; part?: number }>>;

const rateParts: Known<{ rate: number; part?: number }> = { rate: needed(number), part: number };

/** The law of rows that some measures cover: kinds of rows, each with its probability and the measures' values. */
export interface Law {
  leaves: readonly Leaf[];
  /** The fraction of the rows, or of those of its stratum, that it covers. */
  part: number;
  kinds: readonly { p: number; values: readonly number[] }[];
}

/** A group of the rows, its part of them, and the laws within it. */
export interface Stratum {
  part: number;
  laws: readonly Law[];
}

/**
 * The rate of a measure, and its part of the rows.
 * @param place of the rates, for messages
 * @throws {RangeError} without a rate, and for one outside [0, 1]
 */
export function givenRate(leaf: Leaf, rates: Rates, place = "rates"): { rate: number; part: number } {
  const given = rates[`${leaf}`], where = place === "rates" ? "" : ` in ${place}`;
  if (given === undefined) {
    throw new RangeError(
      `Cannot tell how much data is needed: "${leaf}" has no rate${where}; those given are ${
        Object.keys(rates).join(", ") || "none"
      }`,
    );
  }
  const { rate, part = 1 } = typeof given === "number"
    ? { rate: given }
    : checkOptions("tell how much data is needed", given, rateParts, `${place}["${leaf}"]`);
  for (const [name, value] of Object.entries({ rate, part })) {
    if (!(value >= 0 && value <= 1)) {
      throw new RangeError(`Cannot use the ${name} ${value} of "${leaf}"${where}: wanted a number from 0 to 1`);
    }
  }
  return { rate, part };
}

/** Groups measures of the same rows: what one shows of a row also limits the other. */
export function lawsOf(leaves: readonly Leaf[], rates: Rates, promised: Promised, place?: string): Law[] {
  const groups: Leaf[][] = [];
  for (const leaf of leaves) {
    const group = groups.find(([first]) =>
      first.data === leaf.data && kinshipOf(first, leaf, { exclusive: [], classes: 2 }) === "same"
    );
    if (group === undefined) groups.push([leaf]);
    else group.push(leaf);
  }
  return groups.map((leaves) => {
    const given = leaves.map((leaf) => givenRate(leaf, rates, place)), [{ part }] = given;
    if (given.some((other) => other.part !== part)) {
      throw new RangeError(`Cannot use different parts for ${leaves.join(" and ")}: they are of the same rows`);
    }
    const [{ rate }] = given;
    if (leaves.length === 1) return { leaves, part, kinds: [{ p: rate, values: [1] }, { p: 1 - rate, values: [0] }] };
    return { leaves, part, kinds: jointLaw(leaves, given.map(({ rate }) => rate), weightsOf(leaves, promised)) };
  });
}

/** A measure's value on a row by its true and its decided class (1 is the class in question): TP, FP, TN, FN. */
const cells: Readonly<Record<string, readonly number[]>> = {
  TP: [1, 0, 0, 0],
  FP: [0, 1, 0, 0],
  TN: [0, 0, 1, 0],
  FN: [0, 0, 0, 1],
  ACC: [1, 0, 1, 0],
  ER: [0, 1, 0, 1],
  PR: [1, 1, 0, 0],
  NR: [0, 0, 1, 1],
  TPR: [1, 0, 0, 0],
  FNR: [0, 0, 0, 1],
  FPR: [0, 1, 0, 0],
  TNR: [0, 0, 1, 0],
};

/**
 * The joint law of several measures of the same rows. If the rates leave it open, as those of ACC and PR do, it is the one with
 * the greatest variance of the tested formula: an extreme case, a basic solution of the linear program.
 */
function jointLaw(leaves: readonly Leaf[], rates: readonly number[], weights: readonly number[]): Law["kinds"] {
  const indices = new Set(leaves.map(({ index }) => `${index}`)),
    unknown = leaves.find(({ measure }) => !Object.hasOwn(cells, measure.name));
  if (indices.size > 1 || unknown !== undefined) {
    throw new RangeError(
      `Cannot tell how much data is needed for ${
        leaves.join(" and ")
      } of the same rows: their rates do not say how often they are 1 ` +
        `together; wanted measures of one class among ${Object.keys(cells).join(", ")}`,
    );
  }
  const values = leaves.map(({ measure: { name } }) => cells[name]);
  // Rows of one true class have two cells.
  const possible = leaves[0].measure.counts === undefined
    ? [0, 1, 2, 3]
    : [0, 1, 2, 3].filter((k) => values.some((of) => of[k] === 1));
  const all = leaves[0].measure.counts === undefined || possible.length > 1 ? possible : [...possible, (possible[0] + 2) % 4];
  const square = (k: number) => weights.reduce((sum, weight, i) => sum + weight * values[i][k], 0) ** 2;
  let best: number[] | null = null, most = -Infinity;
  for (let chosen = 1; chosen < 1 << all.length; chosen++) {
    const some = all.filter((_, i) => chosen & (1 << i)), p = solved(some, values, rates);
    if (p === null) continue;
    const spread = some.reduce((sum, k, i) => sum + p[i] * square(k), 0);
    if (spread > most + 1e-12) [best, most] = [all.map((k) => some.includes(k) ? p[some.indexOf(k)] : 0), spread];
  }
  if (best === null) {
    throw new RangeError(
      `Cannot use the rates of ${leaves.map((leaf, i) => `${leaf} ${rates[i]}`).join(", ")}: no rows have them together`,
    );
  }
  return all.map((k, i) => ({ p: best[i], values: values.map((of) => of[k]) }));
}

/** The probabilities of some cells that sum to 1 and have these rates, if unique; otherwise `null`. */
function solved(some: readonly number[], values: readonly (readonly number[])[], rates: readonly number[]): number[] | null {
  const rows = [[...some.map(() => 1), 1], ...values.map((of, i) => [...some.map((k) => of[k]), rates[i]])], n = some.length;
  for (let column = 0; column < n; column++) {
    const pivot = rows.findIndex((row, i) => i >= column && Math.abs(row[column]) > 1e-9);
    if (pivot < 0) return null;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    const scale = rows[column][column];
    rows[column] = rows[column].map((x) => x / scale);
    rows.forEach((row, i) => {
      if (i !== column) rows[i] = row.map((x, j) => x - row[column] * rows[column][j]);
    });
  }
  if (rows.slice(n).some((row) => Math.abs(row[n]) > 1e-9)) return null;
  const p = rows.slice(0, n).map((row) => row[n]);
  return p.every((x) => x > -1e-9) ? p.map((x) => Math.max(0, x)) : null;
}

/** The weight of each measure in the tested formula. */
function weightsOf(leaves: readonly Leaf[], { ways }: Promised): number[] {
  const form = ways.flat().find(({ form }) => form?.terms.some(({ leaf }) => `${leaf}` === `${leaves[0]}`))?.form;
  return leaves.map((leaf) => form?.terms.find((term) => `${term.leaf}` === `${leaf}`)?.coefficient ?? (form ? 0 : 1));
}
