import { Tensor } from "../autodiff/mod.ts";
import { uniformFloat64 } from "../deps.ts";
import { type Moments, momentsOf } from "./bounds/bound.ts";
import type { Sample } from "./constraints/batch.ts";
import { Constraint, type Leaf } from "./constraints/expression.ts";
import { valueOf } from "./constraints/evaluate.ts";
import { constraint } from "./constraints/parse.ts";
import { evaluatePromise, forTest, type Promised } from "./constraints/promise.ts";
import { type PromiseOptions, promises } from "./problem.ts";
import { randomStream } from "./random.ts";

/** What {@link samplesNeeded} takes for granted of the model and the data. */
export interface SamplesNeededOptions extends Pick<PromiseOptions, "analysis" | "bound" | "shares"> {
  /** The probability that the test may be wrong with. */
  delta: number;
  /** For each measure, as the constraint names it: the rate of the model's decisions, and the part of all rows that it is of (default 1). */
  rates: Readonly<Record<string, number | { rate: number; part?: number }>>;
  /** The probability with which the model shall pass, default 0.9. */
  power?: number;
  /** Draws of the data for each number of rows that is tried, default 200; the answer is as exact as they are. */
  draws?: number;
  /** Default 0. */
  seed?: number;
}

/** Past this, more rows are no answer. */
const mostRows = 1e7;

/**
 * How many rows the safety data needs for a model with these rates to pass with this probability: the same test, on decisions drawn
 * with these rates, doubled and halved until the number is found to 3 %. Infinity where the rates do not keep the constraint, or more
 * than 10 million rows would be needed. Groups whose parts sum to at most 1 share no row. One rate takes
 * milliseconds, two groups of some thousand rows half a minute.
 *
 * @example
 * ```ts
 * import { samplesNeeded } from "@seldonian/kit";
 * const rows = samplesNeeded("ACC >= 0.9", { delta: 0.05, rates: { ACC: 0.93 }, power: 0.9 });
 * console.log(rows > 600 && rows < 900); // true
 * ```
 * @throws {RangeError} for a measure without a rate, a rate or a part outside of [0, 1]
 */
export function samplesNeeded(
  text: string | Constraint,
  { delta, rates, power = 0.9, draws = 200, seed = 0, ...options }: SamplesNeededOptions,
): number {
  const read = text instanceof Constraint ? text : constraint(text);
  const [promised] = promises({ ...options, constraints: [{ text: read, delta }], rates: "decided" }).map(forTest);
  if (!(power > 0 && power < 1)) throw new RangeError(`Cannot ask for power ${power}: wanted a probability between 0 and 1`);
  const laws = new Map(read.leaves.map((leaf) => [`${leaf}`, lawOf(leaf, rates)]));
  if (!(valueOf(read.g, new Map([...laws].map(([name, { rate }]) => [name, rate]))) < 0)) return Infinity;
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

interface Law {
  leaf: Leaf;
  rate: number;
  part: number;
}

function lawOf(leaf: Leaf, rates: SamplesNeededOptions["rates"]): Law {
  const given = rates[`${leaf}`];
  if (given === undefined) {
    throw new RangeError(
      `Cannot tell how much data is needed: "${leaf}" has no rate; those given are ${Object.keys(rates).join(", ") || "none"}`,
    );
  }
  const { rate, part = 1 } = typeof given === "number" ? { rate: given } : given;
  for (const [name, value] of Object.entries({ rate, part })) {
    if (!(value >= 0 && value <= 1)) {
      throw new RangeError(`Cannot use the ${name} ${value} of "${leaf}": wanted a number from 0 to 1`);
    }
  }
  return { leaf, rate, part };
}

/** Whether the test passes on so many of the draws. Equal counts are tested once, and no more than it takes to tell. */
function passOften(
  promised: Promised,
  laws: ReadonlyMap<string, Law>,
  rows: number,
  wanted: number,
  draws: number,
  seed: number,
): boolean {
  const random = randomStream(seed, "draws"), known = new Map<string, boolean>();
  let passed = 0;
  for (let draw = 0; draw < draws; draw++) {
    const counts = [...laws.values()].map(({ rate, part }) => {
      // The normal approximation would not do for rare events; trials are few enough to be drawn.
      let k = 0;
      for (let i = Math.round(part * rows); i > 0; i--) if (uniformFloat64(random) < rate) k++;
      return k;
    });
    const key = `${counts}`;
    let found = known.get(key);
    if (found === undefined) {
      known.set(key, found = evaluatePromise(promised, drawn(laws, counts, rows)).interval.upper.value <= 0);
    }
    if (found) passed++;
    if (passed >= wanted || passed + draws - draw - 1 < wanted) break;
  }
  return passed >= wanted;
}

/** Rows with so many decisions of each kind, spread evenly: what a test asks of its rows. */
function drawn(laws: ReadonlyMap<string, Law>, counts: readonly number[], rows: number): Sample {
  const samples = new Map<string, { values: Tensor; rows: Tensor; moments: Moments }>();
  const apart = [...laws.values()].reduce((sum, { part }) => sum + part, 0) <= 1 + 1e-9;
  let start = 0, i = 0;
  for (const [name, { part }] of laws) {
    const n = Math.min(Math.round(part * rows), rows - (apart ? start : 0)), k = Math.min(n, counts[i++]), first = start;
    // The j-th is a success where j k / n passes a whole number.
    const values = Float64Array.from({ length: n }, (_, j) => Math.floor((j + 1) * k / n) - Math.floor(j * k / n));
    const tensor = Tensor.from(values), places = Tensor.from(Int32Array.from({ length: n }, (_, j) => first + j));
    samples.set(name, { values: tensor, rows: places, moments: momentsOf(tensor) });
    if (apart) start += n;
  }
  const of = (leaf: Leaf) => samples.get(`${leaf}`)!;
  const all = { rows, testRows: rows, rowNumber: (row: number) => row };
  return {
    source: () => all,
    key: samples,
    values: (leaf: Leaf) => of(leaf).values,
    rowsOf: (leaf: Leaf) => of(leaf).rows,
    moments: (leaf: Leaf) => of(leaf).moments,
    estimate: (leaf: Leaf) => of(leaf).moments.mean,
  };
}
