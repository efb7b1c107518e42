import {
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
import { forTest } from "../constraints/promise.ts";
import { constraint } from "../language/parse.ts";
import { promiseOptions } from "../problem/promise_kinds.ts";
import { promises } from "../problem/promises.ts";
import type { PromiseOptions } from "../problem/stated.ts";
import { passOften } from "./draws.ts";
import { givenRate, lawsOf } from "./laws.ts";

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
 * @throws {RangeError} for a measure without a rate, a rate or a part outside [0, 1], and for `shift`, which it does not know
 */
export function samplesNeeded(
  text: string | Constraint,
  given: SamplesNeededOptions,
): number {
  if (typeof given === "object" && given !== null && Object.hasOwn(given, "shift")) {
    throw new RangeError(
      "Cannot tell how much data is needed for other populations: rates say nothing of the groups in shift. Leave it out, and take " +
        "Σ p² / q times as many rows, with p a group's part in the worst population and q in the data; or ask trainingSamplesNeeded(), of a pilot",
    );
  }
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
