import { Tensor } from "../autodiff/mod.ts";
import { checkArgument, checkOptions, type Known, needed, number, record, text as textKind, whole } from "../autodiff/options.ts";
import { uniformFloat64 } from "../deps.ts";
import { type Moments, momentsOf } from "./bounds/bound.ts";
import type { Sample, Units } from "./constraints/batch.ts";
import { Constraint, type Leaf } from "./constraints/expression.ts";
import { valueOf } from "./constraints/evaluate.ts";
import { constraint } from "./language/parse.ts";
import { evaluatePromise, forTest, type Promised } from "./constraints/promise.ts";
import { promises } from "./problem/promises.ts";
import type { PromiseOptions } from "./problem/stated.ts";
import { promiseOptions } from "./problem/promise_kinds.ts";
import { kinshipOf } from "./constraints/membership.ts";
import { permutation, randomStream } from "./random.ts";

/** The assumptions of {@link samplesNeeded} about the model and the data. */
export interface SamplesNeededOptions extends Pick<PromiseOptions, "analysis" | "bound" | "shares"> {
  /** The probability that the test may be wrong. */
  delta: number;
  /**
   * For each measure, named as in the constraint: the rate of the model's decisions, and the fraction of all rows that it covers
   * (default 1).
   */
  rates: Readonly<Record<string, number | { rate: number; part?: number }>>;
  /** The probability with which the model should pass, default 0.9. */
  power?: number;
  /** Draws of the data for each number of rows, default 200; more make the answer more precise. */
  draws?: number;
  /** Default 0. */
  seed?: number;
}

const { analysis, bound, shares } = promiseOptions;
const known: Known<SamplesNeededOptions> = {
  delta: needed({ ...number, wanted: "the probability that the test may be wrong with, such as 0.05" }),
  rates: needed({ ...record, wanted: "the rate of each measure, such as { ACC: 0.97 }" }),
  power: number,
  draws: whole(1),
  seed: whole(),
  analysis,
  bound,
  shares,
};
const rateParts: Known<{ rate: number; part?: number }> = { rate: needed(number), part: number };

/** Beyond this, the answer is infinite. */
const mostRows = 1e7;

/**
 * The number of safety rows with which a model with these rates passes with this probability. It runs the same test on decisions
 * drawn with these rates, and doubles and halves the number until it is found to 3 %. Infinity if the rates do not keep the
 * constraint, or more than 10 million rows would be needed. Groups whose parts sum to at most 1 share no row. One rate takes
 * milliseconds, two groups of some thousand rows half a minute.
 *
 * @example
 * ```ts
 * import { samplesNeeded } from "@seldonian/kit";
 * const rows = samplesNeeded("ACC >= 0.9", { delta: 0.05, rates: { ACC: 0.93 }, power: 0.9 });
 * console.log(rows > 600 && rows < 900); // true
 * ```
 * @throws {RangeError} for a measure without a rate, a rate or a part outside [0, 1]
 */
export function samplesNeeded(
  text: string | Constraint,
  given: SamplesNeededOptions,
): number {
  const { delta, rates, power = 0.9, draws = 200, seed = 0, ...options } = checkOptions(
    "tell how much data is needed",
    given,
    known,
  );
  if (!(text instanceof Constraint)) checkArgument("tell how much data is needed", "the constraint", text, textKind);
  const read = text instanceof Constraint ? text : constraint(text);
  const [promised] = promises({ ...options, constraints: [{ text: read, delta }], rates: "decided" }).map(forTest);
  if (!(power > 0 && power < 1)) throw new RangeError(`Cannot ask for power ${power}: wanted a probability between 0 and 1`);
  const laws = lawsOf(read.leaves, rates, promised);
  const means = new Map(read.leaves.map((leaf) => [`${leaf}`, givenRate(leaf, rates).rate]));
  if (!(valueOf(read.g, means) < 0)) return Infinity;
  const passes = (rows: number) => passOften(promised, laws, rows, Math.ceil(power * draws), draws, seed);
  let high = 8;
  while (!passes(high)) if ((high *= 2) > mostRows) return Infinity;
  let low = high / 2;
  while (high - low > Math.max(1, 0.03 * high)) {
    const middle = Math.round((low + high) / 2);
    if (passes(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The law of rows that some measures cover: kinds of rows, each with its probability and the measures' values. */
interface Law {
  leaves: readonly Leaf[];
  /** The fraction of all rows that it covers. */
  part: number;
  kinds: readonly { p: number; values: readonly number[] }[];
}

function givenRate(leaf: Leaf, rates: SamplesNeededOptions["rates"]): { rate: number; part: number } {
  const given = rates[`${leaf}`];
  if (given === undefined) {
    throw new RangeError(
      `Cannot tell how much data is needed: "${leaf}" has no rate; those given are ${Object.keys(rates).join(", ") || "none"}`,
    );
  }
  const { rate, part = 1 } = typeof given === "number"
    ? { rate: given }
    : checkOptions("tell how much data is needed", given, rateParts, `rates["${leaf}"]`);
  for (const [name, value] of Object.entries({ rate, part })) {
    if (!(value >= 0 && value <= 1)) {
      throw new RangeError(`Cannot use the ${name} ${value} of "${leaf}": wanted a number from 0 to 1`);
    }
  }
  return { rate, part };
}

/** Groups measures of the same rows: what one shows of a row also limits the other. */
function lawsOf(leaves: readonly Leaf[], rates: SamplesNeededOptions["rates"], promised: Promised): Law[] {
  const groups: Leaf[][] = [];
  for (const leaf of leaves) {
    const group = groups.find(([first]) => first.data === leaf.data && kinshipOf(first, leaf, knownOf([])) === "same");
    if (group === undefined) groups.push([leaf]);
    else group.push(leaf);
  }
  return groups.map((leaves) => {
    const given = leaves.map((leaf) => givenRate(leaf, rates)), [{ part }] = given;
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

function knownOf(exclusive: readonly (readonly string[])[]): { exclusive: readonly (readonly string[])[]; classes: number } {
  return { exclusive, classes: 2 };
}

/**
 * Whether the test passes on enough of the draws. Equal counts are tested once, and testing stops as soon as the answer is known.
 */
function passOften(
  promised: Promised,
  laws: readonly Law[],
  rows: number,
  wanted: number,
  draws: number,
  seed: number,
): boolean {
  const random = randomStream(seed, "draws"), known = new Map<string, boolean>();
  let passed = 0;
  for (let draw = 0; draw < draws; draw++) {
    const counts = laws.map(({ part, kinds }) => {
      const found = kinds.map(() => 0);
      // The normal approximation fails for rare events; the trials are few enough to draw.
      for (let i = Math.round(part * rows); i > 0; i--) {
        let left = uniformFloat64(random), kind = 0;
        while (kind < kinds.length - 1 && (left -= kinds[kind].p) >= 0) kind++;
        found[kind]++;
      }
      return found;
    });
    const key = JSON.stringify(counts);
    let found = known.get(key);
    if (found === undefined) {
      known.set(key, found = evaluatePromise(promised, drawn(laws, counts, rows, seed)).interval.upper.value <= 0);
    }
    if (found) passed++;
    if (passed >= wanted || passed + draws - draw - 1 < wanted) break;
  }
  return passed >= wanted;
}

/** Rows with these counts of each kind, in a random order, as a sample for the test. */
function drawn(laws: readonly Law[], counts: readonly (readonly number[])[], rows: number, seed: number): Sample {
  const samples = new Map<string, { values: Tensor; rows: Tensor; moments: Moments }>();
  const apart = laws.reduce((sum, { part }) => sum + part, 0) <= 1 + 1e-9, random = randomStream(seed, "order");
  let start = 0;
  laws.forEach(({ leaves, kinds, part }, i) => {
    const kindOf = counts[i].flatMap((count, kind) => new Array<number>(count).fill(kind)), n = Math.min(kindOf.length, rows);
    const order = permutation(n, random), first = apart ? Math.min(start, rows - n) : 0;
    const places = Tensor.from(Int32Array.from({ length: n }, (_, j) => first + j));
    leaves.forEach((leaf, k) => {
      const values = Tensor.from(Float64Array.from(order, (j) => kinds[kindOf[j]].values[k]));
      samples.set(`${leaf}`, { values, rows: places, moments: momentsOf(values) });
    });
    if (apart) start += Math.round(part * rows);
  });
  const of = (leaf: Leaf) => samples.get(`${leaf}`)!;
  // Parts that sum to at most 1 are groups that exclude each other.
  const groups = apart ? [...new Set(laws.flatMap(({ leaves: [{ columns }] }) => columns.length === 1 ? columns : []))] : [];
  const sources = new Map<string | undefined, Units>();
  const source = ({ data }: Leaf) => {
    let units = sources.get(data);
    if (units === undefined) {
      units = {
        rows,
        testRows: rows,
        clustered: false,
        ...knownOf([groups]),
        rowNumber: (row) => row,
        place: (row) => `row ${row}`,
      };
      sources.set(data, units);
    }
    return units;
  };
  return {
    source,
    relation: (a, b) => a === b ? "same" : "unknown",
    key: samples,
    values: (leaf: Leaf) => of(leaf).values,
    rowsOf: (leaf: Leaf) => of(leaf).rows,
    rowValues: (leaf: Leaf) => ({
      values: of(leaf).values,
      rowNumber: (i) => of(leaf).rows.data[i],
      place: (i) => `row ${of(leaf).rows.data[i]}`,
    }),
    moments: (leaf: Leaf) => of(leaf).moments,
    estimate: (leaf: Leaf) => of(leaf).moments.mean,
  };
}
