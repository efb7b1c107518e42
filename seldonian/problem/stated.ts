import type { Loss } from "../../nn/losses.ts";
import type { Bound } from "../bounds/bound.ts";
import type { BoundName } from "../bounds/mod.ts";
import type { Constraint, Leaf } from "../constraints/expression.ts";
import type { Analysis, SharesOption } from "../constraints/promise.ts";
import type { Measure } from "../constraints/measure.ts";

/** A constraint as a user states it: a text or one built in code, and the probability that the promise may be broken. */
export interface StatedConstraint {
  /** As in `"ACC >= 0.95"`, or built in code. */
  text: string | Constraint;
  /**
   * Columns that a name in the text stands for, one after the other: `{ text: "(PR | [g]) >= 0.3", forEvery: { g: ["young", "old"] } }`
   * is kept if it is kept for each of them; so is `{ text: "(PR | [race == r]) >= 0.3", forEvery: { r: ["a", "b"] } }` for values.
   * Each is tested at the whole delta.
   */
  forEvery?: Readonly<Record<string, readonly (string | number)[]>>;
  /** Between 0 and 1, such as 0.05. */
  delta: number;
}

/** What is minimised: a loss, or the mean of a measure such as `measures.ER`. */
export type Objective = Loss | Leaf;

/** A family of bounds by name, or a custom one. */
export type BoundChoice = BoundName | Bound;

/** How promises are judged and tested; the same for candidate selection and safety test. */
export interface PromiseOptions {
  /** What must hold. */
  constraints: readonly StatedConstraint[];
  /** Custom measures that the texts may name, beside the kit's. */
  measures?: readonly Measure[];
  /** Default "conjunctive". */
  analysis?: Analysis;
  /**
   * The family of the confidence bounds, by name or a Bound; default "auto": Clopper and Pearson's for decisions, betting for other
   * values of a finite range, both proven at every number of rows; Student's, which rests on normality, for the rest. Or one for
   * each of some measures: `{ PR: "hoeffding", Mean_Error: "student" }`, "auto" for the others.
   */
  bound?: BoundChoice | Readonly<Record<string, BoundChoice>>;
  /**
   * What measures judge: "expected" (default), the model's probabilities, as for a classifier that draws its label from them; or
   * "decided", its decisions: the most probable class, or class 1 from a probability of 0.5 on.
   */
  rates?: "expected" | "decided";
  /** Default "optimal". */
  shares?: SharesOption;
  /** Ranges that values are known to lie in, by measure: `{ Mean_Squared_Error: [0, 25] }`. Default: the measures' own. */
  ranges?: Readonly<Record<string, readonly [number, number]>>;
  /**
   * Names of `others` whose rows are drawn independently of the main data's, and of each other's, so that a formula of both is bounded
   * as one statistic. No data can tell that; without it such measures are bounded apart.
   */
  independent?: readonly string[];
  /** Names of `others` whose i-th row belongs to the i-th row of the main data, as the same person asked again. */
  paired?: readonly string[];
}
