import {
  callable,
  checkArgument,
  checkOptions,
  type Known,
  needed,
  number,
  record,
  text as textKind,
  whole,
} from "../../autodiff/options.ts";
import { valueOf } from "../constraints/evaluate.ts";
import { Constraint } from "../constraints/expression.ts";
import { type Compared, forTest, type Promised } from "../constraints/promise.ts";
import { constraint } from "../language/parse.ts";
import { promiseOptions } from "../problem/promise_kinds.ts";
import { promises } from "../problem/promises.ts";
import type { PromiseOptions } from "../problem/stated.ts";
import { passOften } from "./draws.ts";
import { givenRate, lawsOf, type Stratum } from "./laws.ts";
import { planned, type PlannedGroup } from "./populations.ts";

/** The assumptions of {@link samplesNeeded} about the model and the data. */
export interface SamplesNeededOptions extends Pick<PromiseOptions, "analysis" | "bound" | "shares" | "shift"> {
  /** The probability that the test may be wrong. */
  delta: number;
  /**
   * For each measure, named as in the constraint: the rate of the model's decisions, and the fraction of all rows that it covers
   * (default 1). With `shift` they are those of each of its {@link groups}.
   */
  rates?: Readonly<Record<string, number | { rate: number; part?: number }>>;
  /** With `shift`, what each of its groups is in the data, by its name there: its part of the rows, and the rates within it. */
  groups?: Readonly<Record<string, PlannedGroup>>;
  /** The probability with which the model should pass, default 0.9. */
  power?: number;
  /** Draws of the data for each number of rows, default 200, at most 1,000,000; more make the answer more precise. */
  draws?: number;
  /** Default 0. */
  seed?: number;
  /**
   * Hears of each number of rows that was tried, and whether it is enough: the answer lies between those that are not and those that
   * are. An error that it throws ends the search.
   */
  onTry?: (rows: number, isEnough: boolean) => void;
}

const { analysis, bound, shares, shift } = promiseOptions, action = "tell how much data is needed";
const rates = { ...record, wanted: "the rate of each measure, such as { ACC: 0.97 }" };
const groups = {
  ...record,
  wanted: "the groups of shift as they are in the data, such as { a: { part: 0.8, rates: { ACC: 0.97 } }, … }",
};
const known: Known<SamplesNeededOptions> = {
  delta: needed({ ...number, wanted: "the probability that the test may be wrong with, such as 0.05" }),
  rates,
  groups,
  power: number,
  draws: {
    type: "number",
    wanted: "a whole number from 1 to 1,000,000",
    holds: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1e6,
  },
  seed: whole(),
  analysis,
  bound,
  shares,
  shift,
  onTry: callable,
};

/** Beyond this, the answer is infinite; tests for other populations take longer. */
const mostRows = 1e7, mostShifted = 1e5;

/**
 * The number of safety rows with which a model with these rates passes with this probability. It runs the same test on decisions
 * drawn with these rates, and doubles and halves the number until it is found to 3 %. Infinity if the rates do not keep the
 * constraint, or more than 10 million rows would be needed. Groups whose parts sum to at most 1 share no row. One rate takes
 * milliseconds, two groups of some thousand rows half a minute.
 *
 * With `shift` it is the number of rows of today's data, whose groups have the given parts, with which the promise for all of these
 * populations passes; infinity beyond 100,000. One rate takes seconds, two groups in intervals of some hundred rows minutes, and so
 * does a rate where a group has a thousandth of the rows, or that is near its limit: `onTry` tells how far it is.
 *
 * @example
 * ```ts
 * import { samplesNeeded } from "@seldonian/kit";
 * const rows = samplesNeeded("ACC >= 0.9", { delta: 0.05, rates: { ACC: 0.93 }, power: 0.9 });
 * console.log(rows > 600 && rows < 900); // true
 * ```
 * @throws {RangeError} for a measure without a rate, a rate or a part outside [0, 1], and for what has no proof for a `shift`
 */
export function samplesNeeded(
  text: string | Constraint,
  given: SamplesNeededOptions,
): number {
  const options = checkOptions(action, given, known),
    { delta, power = 0.9, draws = 200, seed = 0, analysis, bound, shares, onTry } = options;
  if (!(text instanceof Constraint)) checkArgument(action, "the constraint", text, textKind);
  const read = text instanceof Constraint ? text : constraint(text), how = { analysis, bound, shares };
  const [promise] = promises({ ...how, constraints: [{ text: read, delta }], rates: "decided" }).map(forTest);
  if (!(power > 0 && power < 1)) throw new RangeError(`Cannot ask for power ${power}: wanted a probability between 0 and 1`);
  const { promised, strata, value } = assumed(promise, options);
  if (!(value < 0)) return Infinity;
  const passes = (rows: number) => {
    const isEnough = passOften(promised, strata, rows, Math.ceil(power * draws), draws, seed);
    onTry?.(rows, isEnough);
    return isEnough;
  };
  const most = options.shift === undefined ? mostRows : mostShifted;
  let high = 8;
  while (!passes(high)) if ((high *= 2) > most) return Infinity;
  let low = high / 2;
  while (high - low > Math.max(1, 0.03 * high)) {
    const middle = Math.round((low + high) / 2);
    if (passes(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The promise, the laws of rows, and the formula's value under them. */
function assumed(
  promised: Promised,
  { rates: given, groups: those, shift }: SamplesNeededOptions,
): { promised: Compared; strata: readonly Stratum[]; value: number } {
  const { g, leaves } = promised.constraint;
  const unread = shift === undefined
    ? those && "groups, which are of a shift; give shift"
    : given && "rates of all rows, and shift; give groups";
  if (unread !== undefined) throw new TypeError(`Cannot ${action}: there are ${unread}`);
  if (shift !== undefined) {
    checkArgument(action, "groups", those, groups);
    return planned(promised, shift, those!);
  }
  checkArgument(action, "rates", given, rates);
  const means = new Map(leaves.map((leaf) => [`${leaf}`, givenRate(leaf, given!).rate]));
  return { promised, strata: [{ part: 1, laws: lawsOf(leaves, given!, promised) }], value: valueOf(g, means) };
}
