import type { Loss } from "../../nn/losses.ts";
import type { Bound } from "../bounds/bound.ts";
import type { BoundName } from "../bounds/mod.ts";
import type { Constraint, Leaf } from "../constraints/expression.ts";
import type { Analysis, SharesOption } from "../constraints/promise.ts";
import type { Measure } from "../constraints/measure.ts";
import type { Shift } from "../shift/shift.ts";

/** A constraint as a user states it: a text, or one built in code, and the probability that the promise may be broken. */
export interface StatedConstraint {
  /** A text such as `"ACC >= 0.95"`, or a constraint built in code. */
  text: string | Constraint;
  /**
   * Columns that a name in the text stands for, one after the other:
   * `{ text: "(PR | [g]) >= 0.3", forEvery: { g: ["young", "old"] } }` is kept if it is kept for each of them. The same works for
   * values: `{ text: "(PR | [race == r]) >= 0.3", forEvery: { r: ["a", "b"] } }`. Each is tested at the whole delta.
   */
  forEvery?: Readonly<Record<string, readonly (string | number)[]>>;
  /** Between 0 and 1, such as 0.05. */
  delta: number;
  /** The family of its bounds, as in {@link PromiseOptions.bound}, which it replaces. */
  bound?: BoundChoice | Readonly<Record<string, BoundChoice>>;
  /** Factor on its predicted bounds in training; default: `optimizer.inflation`. */
  inflation?: number;
  /** Where its multiplier starts; default: `optimizer.lambda`. */
  lambda?: number;
}

/** The objective to minimise: a loss, or the mean of a measure such as `measures.ER`. */
export type Objective = Loss | Leaf;

/** The name of a family of bounds, or a custom bound. */
export type BoundChoice = BoundName | Bound;

/** How promises are judged and tested; the same in candidate selection and safety test. */
export interface PromiseOptions {
  /** The promises. */
  constraints: readonly StatedConstraint[];
  /** Custom measures that the texts may name, in addition to the kit's. */
  measures?: readonly Measure[];
  /** Default "conjunctive". */
  analysis?: Analysis;
  /**
   * The family of the confidence bounds, by name or as a Bound; default "auto": "clopper-pearson" for decisions, "star" for other
   * values with a finite range, both proven for every number of rows; "student", which rests on normality, for the rest; and for
   * a form of two groups "buehler" or "one-account", or "star" on blocks. Or a choice for some measures:
   * `{ PR: "hoeffding", Mean_Error: "student" }`, with "auto" for the others.
   */
  bound?: BoundChoice | Readonly<Record<string, BoundChoice>>;
  /**
   * What measures judge: "expected" (default) is the model's probabilities, as for a classifier that draws its label from them;
   * "decided" is its decisions: the most probable class, or class 1 at a probability of 0.5 or more.
   */
  rates?: "expected" | "decided";
  /** Default "optimal". */
  shares?: SharesOption;
  /** Known ranges of values, by measure: `{ Mean_Squared_Error: [0, 25] }`. Default: the measures' own. */
  ranges?: Readonly<Record<string, readonly [number, number]>>;
  /**
   * Names of `others` whose rows are drawn independently of the main data and of each other. A formula of both is then bounded as
   * one statistic; otherwise such measures are bounded separately. No data can show independence.
   */
  independent?: readonly string[];
  /** Names of `others` whose i-th row belongs to the i-th row of the main data, such as the same person asked again. */
  paired?: readonly string[];
  /**
   * The populations that promises must hold for, where groups have other proportions than in the data, and rows of a group are as
   * they are in the data: `{ race: { a: 0.4, b: 0.6 } }`, or with intervals, `{ race: { a: [0.2, 0.4], b: [0.6, 0.8] } }`; then a
   * promise is kept in the worst of them. Also by conditions: `{ "age < 25": 0.3, "age >= 25": 0.7 }`. Each row must be in one
   * group. Default: the population that the data is from.
   */
  shift?: Shift;
}
