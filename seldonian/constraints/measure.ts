import type { Tensor, TypedArray } from "../../autodiff/mod.ts";
import type { Arrays, Columns } from "../data/columns.ts";
import type { Bound } from "../bounds/bound.ts";
import type { Functional } from "../bounds/functional.ts";

/** The rows that a measure sees: the model's output and the data. */
export interface Outcomes {
  /**
   * The model's output, float64: [rows] (or [rows, 1]) or [rows, classes]; for a measure of "regression", columns of any kind.
   */
  predictions: Tensor;
  /** [rows], float64; a class is its number. */
  labels: Tensor;
  /** The data's columns by name, one value a row. */
  columns: Columns;
  /** Its columns with several numbers a row, by name: float64 [rows, …]. */
  arrays: Arrays;
}

/** The name of a task; see `seldonian/tasks/`. */
export type TaskName = "classification" | "regression" | "off_policy" | "custom";

/** What labels are, by the task: classes 0, 1, …, or any numbers. */
export const labelsOf: Readonly<Record<TaskName, "classes" | "numbers">> = {
  classification: "classes",
  regression: "numbers",
  off_policy: "numbers",
  custom: "numbers",
};

/** A quantity in a constraint: the mean of one number a row over the rows that count, or another functional of it. */
export interface Measure {
  /** Its published name, which constraints use ("FPR"). */
  name: string;
  /**
   * The meaning of labels and outputs. "classification": classes 0, 1, … and their probabilities; "regression": numbers;
   * "off_policy": what policies say of episodes; "custom": numbers of any meaning.
   */
  task: TaskName;
  /** The number of class indices, as in `CM_[0, 1]`, where the model has a probability for each class. */
  indices: number;
  /** 1 if it needs one output a row; left out: its `values` see all of them. */
  outputs?: 1;
  /** The range of its values; [0, 1] for probabilities. */
  range: readonly [number, number];
  /**
   * Whether its values on decisions, which are 0 or 1, are only the ends of `range`. Then the exact bound for counts may be used,
   * and any other value is an error. Default: false.
   */
  binary?: boolean;
  /** Why an index is wrong for a model with this many outputs a row, if it is; replaces the check of classes. */
  wrongIndex?(index: readonly number[], outputs: number): string | undefined;
  /**
   * For a mean whose range says nothing of its values, such as one of weighted values: the measure to bound on a side, with the
   * same mean. `range` is that of the mean; `null` if it is unknown, or if the family of bounds takes any values.
   */
  sided?(
    side: "lower" | "upper",
    range: readonly [number, number] | null,
    outcomes: Outcomes,
    index: readonly number[],
  ): SidedMeasure;
  /** Replaces the mean of the values; the index is its level, as in `CVaR_[0.1]`. */
  functional?: Functional;
  /** Whether a row counts, by its label; left out: every row counts. */
  counts?(label: number, index: readonly number[]): boolean;
  /**
   * Whether there is one value a row (default), or any number of independent ones, such as one for each pair of rows. The order
   * of the rows is random and the same at every call for them. Such a measure takes no conditions, and is bounded separately.
   */
  perRow?: boolean;
  /** One number a row, [rows], differentiable; values of rows that do not count are ignored. */
  values(outcomes: Outcomes, index: readonly number[]): Tensor;
}

/** A measure that stands for another one where a side of it is bounded. */
export interface SidedMeasure extends Measure {
  /** The name of that measure; its own is another one. */
  of: string;
  /** The family that "auto" chooses; default: by the range. */
  bound?: Bound;
  /** The measure to bound instead where it stands alone, not in a form, and no family was chosen: by a functional's bounds. */
  alone?: Measure;
  /** Why values like these are too few for a family that is not proven, if they are. */
  scarce?(values: TypedArray): string | undefined;
}

/** The cure for several outputs a row, where none is known to be the prediction. */
export const severalOutputs = "write a custom measure, as in measures: [mine], whose values() see all of them";
