import type { Tensor } from "../../autodiff/mod.ts";
import type { Columns } from "../data/columns.ts";
import type { Functional } from "../bounds/functional.ts";

/** What a measure sees of some rows: the model's output and what the data says of them. */
export interface Outcomes {
  /** The model's output, float64: [rows] (or [rows, 1]) or [rows, classes]; for a measure of "regression" columns of any kind. */
  predictions: Tensor;
  /** [rows], float64; a class is its number. */
  labels: Tensor;
  /** What else the data has, by the column's name: one value a row, or several numbers as a tensor [rows, …]. */
  columns: Columns;
}

/** The name of a task; see `seldonian/tasks/`. */
export type TaskName = "classification" | "regression" | "custom";

/** What labels are, by the task: classes 0, 1, …, or any numbers. */
export const labelsOf: Readonly<Record<TaskName, "classes" | "numbers">> = {
  classification: "classes",
  regression: "numbers",
  custom: "numbers",
};

/** A quantity of which a constraint speaks: the mean of one number a row, over the rows that count, or another functional of it. */
export interface Measure {
  /** How constraints name it, as published ("FPR"). */
  name: string;
  /**
   * What labels and outputs are: "classification", classes 0, 1, …, and their probabilities; "regression", numbers; "custom", numbers
   * of any meaning.
   */
  task: TaskName;
  /** How many class indices it takes, as in `CM_[0, 1]`, where the model gives a probability for each class. */
  indices: number;
  /** 1 where it needs one output a row; left out: its `values` see all of them. */
  outputs?: 1;
  /** Between which numbers its values lie, probabilities being in [0, 1]. */
  range: readonly [number, number];
  /**
   * Whether of a decision, which is 0 or 1, its values are the ends of `range` alone, so that the exact bound for counts may be used; a
   * row with another value is an error then. Default: false.
   */
  binary?: boolean;
  /** What is taken of the values instead of their mean, with the index as its level, as in `CVaR_[0.1]`. */
  functional?: Functional;
  /** Whether a row counts, by its label; left out: every row does. */
  counts?(label: number, index: readonly number[]): boolean;
  /**
   * Whether there is one value a row (default), or any number of independent ones, as of pairs of rows. The order of the rows is
   * random and the same at every call for them. Such a measure takes no conditions, and is bounded by itself.
   */
  perRow?: boolean;
  /** One number a row, [rows], differentiable; rows that do not count are never looked at. */
  values(outcomes: Outcomes, index: readonly number[]): Tensor;
}
