import type { Tensor } from "../../autodiff/mod.ts";
import type { Loss } from "../../nn/losses.ts";
import type { Measure, TaskName } from "../constraints/measure.ts";

/** The name of a loss in {@link Task.losses}. */
export type LossName = "logLoss" | "meanSquaredError" | "meanAbsoluteError";

/**
 * The meaning of a model's outputs, and what depends on it. To add a task, add its file, its test, its name and a line in
 * `mod.ts`.
 */
export interface Task {
  /** Its name in measures. */
  readonly name: TaskName;
  /** The measures that constraints may name, besides custom ones. */
  readonly measures: readonly Measure[];
  /** Losses by name, the default first. */
  readonly losses: Readonly<Partial<Record<LossName, Loss>>>;
  /** Its names in the Python toolkit's meta-data. */
  readonly regimes: readonly string[];
  /** The number of indices, as in `PR_[k]`, for a model with this many outputs a row. */
  indices(outputs: number): number;
  /**
   * Checks a model's outputs on some rows.
   * @throws {RangeError} for outputs or labels that do not fit the task, with the row
   */
  check(told: Told): void;
  /** How outputs become decisions; `null` if an output is the answer. */
  readonly decision: Decision | null;
}

/** A model's outputs on some rows. */
export interface Told {
  /** [rows], [rows, 1] or [rows, outputs], float64. */
  predictions: Tensor;
  /** The labels of these rows, or of more, if known. */
  labels: ArrayLike<number>;
  /** The place of a row, for messages. */
  placeOf(row: number): string;
  /** Another cure for an output that does not fit the task, for messages. */
  otherwise: string;
}

/** How a model's outputs become decisions. */
export interface Decision {
  /** 1 for the decided class and 0 for others, in the shape of the outputs. */
  decisions(outputs: Tensor): Tensor;
  /** A smooth stand-in for decisions; it approaches them as `temperature` falls to 0. */
  softened(outputs: Tensor, temperature: Tensor | number): Tensor;
  /** The decided class of each row, [rows] int32. */
  decided(outputs: Tensor): Tensor;
  /** A class for each row, drawn from its probabilities by a number in [0, 1): [rows] int32. */
  drawn(outputs: Tensor, uniform: (row: number) => number): Tensor;
  /** How far a row's outputs lie from those that would decide otherwise. */
  margin(outputs: Tensor, row: number): number;
}
