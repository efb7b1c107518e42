import type { Tensor } from "../../autodiff/mod.ts";
import type { Loss } from "../../nn/losses.ts";
import type { Measure, TaskName } from "../constraints/measure.ts";

/** A loss by its name, as {@link Task.losses} have it. */
export type LossName = "logLoss" | "meanSquaredError" | "meanAbsoluteError";

/** What a model's outputs mean, and what follows from that. A further task is its file, its test, its name and a line in `mod.ts`. */
export interface Task {
  /** As measures name it. */
  readonly name: TaskName;
  /** What constraints may name, beside custom measures. */
  readonly measures: readonly Measure[];
  /** Losses by name, the usual one first. */
  readonly losses: Readonly<Partial<Record<LossName, Loss>>>;
  /** How the Python toolkit's meta-data names it. */
  readonly regimes: readonly string[];
  /** How many indices, as in `PR_[k]`, a model with so many outputs a row has. */
  indices(outputs: number): number;
  /** Looks at what a model told of some rows. @throws {RangeError} for outputs or labels that are not of the task, with the row */
  check(told: Told): void;
  /** How outputs become decisions; `null` where an output is the answer. */
  readonly decision: Decision | null;
}

/** What a model told of some rows. */
export interface Told {
  /** [rows], [rows, 1] or [rows, outputs], float64. */
  predictions: Tensor;
  /** Of these rows, or of more, if they are known. */
  labels: ArrayLike<number>;
  /** Where a row stands, for messages. */
  placeOf(row: number): string;
  /** What else can be done about an output that is not of the task, for messages. */
  otherwise: string;
}

/** How a model's outputs become decisions. */
export interface Decision {
  /** 1 for the decided class and 0 for others, in the shape of the outputs. */
  decisions(outputs: Tensor): Tensor;
  /** A smooth stand-in for them, which ends in the decision as `temperature` falls to 0. */
  softened(outputs: Tensor, temperature: number): Tensor;
  /** The decided class of each row, [rows] int32. */
  decided(outputs: Tensor): Tensor;
  /** A class of each row, drawn from its probabilities by a number in [0, 1): [rows] int32. */
  drawn(outputs: Tensor, uniform: (row: number) => number): Tensor;
  /** How far a row's outputs lie from those that would be decided otherwise. */
  margin(outputs: Tensor, row: number): number;
}
