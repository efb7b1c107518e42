import type { Condition } from "../constraints/conditions.ts";
import type { Constraint } from "../constraints/expression.ts";
import type { Measure } from "../constraints/measure.ts";
import type { Description } from "../data/description.ts";
import type { Shift } from "../shift/shift.ts";
import type { PromiseOptions, StatedConstraint } from "../problem/stated.ts";
import type { Drift, Inputs } from "./drift.ts";
import type { Capital } from "./e_process.ts";

/** A promise to watch: as it was stated for training or tested, whose delta and bounds play no part here, or its text alone. */
export type ToWatch =
  | string
  | Constraint
  | (Pick<StatedConstraint, "text" | "forEvery"> & { [other in Exclude<keyof StatedConstraint, "text" | "forEvery">]?: unknown });

/** The options of a {@link Monitor}. */
export interface MonitorOptions {
  /** The probability that an alarm is ever false, over all time and all promises together. Default 0.05. */
  alpha?: number;
  /** Custom measures that the texts may name. */
  measures?: readonly Measure[];
  /** As in {@link PromiseOptions.rates}. Default: the certificate's, or "expected". */
  rates?: "expected" | "decided";
  /** Known ranges of values, by measure. Default: the certificate's, or the measures' own. A value beyond counts as the end. */
  ranges?: PromiseOptions["ranges"];
  /** Sets of columns of 0 and 1 in which no row has two 1s, as in `DataSet`; an outcome that has two is refused. */
  exclusive?: readonly (readonly string[])[];
  /** Names of labels, in the order of classes: `["no", "yes"]`. Default: labels are numbers. */
  classes?: readonly (string | number)[];
  /**
   * The populations that promises are for, as in {@link PromiseOptions.shift}; each outcome must be in one of its groups. Default: the
   * certificate's, or the one that outcomes are from.
   */
  shift?: Shift;
  /**
   * Whether promises are about clusters, each of the same weight: then outcomes come in lists, one list a cluster. Default: the
   * certificate's, or false.
   */
  clusters?: boolean;
  /** A description of the training table, from `describe()`, to compare inputs with. Default: the first 1,000 outcomes. */
  reference?: Description;
}

/** An alarm. It stays. */
export interface Alarm {
  /** The number of the outcome that rang it, from 1. */
  outcome: number;
  /** The evidence then. */
  eValue: number;
}

/** A formula of a promise, which must be at most 0. */
export interface FormulaReport {
  /** Its text. */
  text: string;
  /** Its value over the outcomes as first known, without corrections; NaN if they do not give one yet. */
  value: number;
  /** The lower end of its confidence sequence. With probability 1 - alpha no formula of any promise ever leaves its interval. */
  lower: number;
  /** The upper end. */
  upper: number;
  /** The evidence that it is above 0. */
  eValue: number;
}

/** A promise, as the outcomes show it. */
export interface PromiseReport {
  /** The promise. */
  text: string;
  /** The evidence that it is broken, by itself; 1 at the beginning. */
  eValue: number;
  /** The same with its share of alpha where several promises are watched; the alarm rings at 1 / alpha. */
  shared: number;
  /** Its alarm, if it has rung. */
  alarm: Alarm | null;
  /** Its formulas: if there are ways to keep it, those of all ways. */
  formulas: FormulaReport[];
  /** Its measures. */
  measures: MeasureReport[];
}

/** A measure over the outcomes that count for it. */
export interface MeasureReport {
  /** As the promise writes it. */
  name: string;
  /** The number of outcomes that count. */
  n: number;
  /** The mean of their values, with corrections; NaN without outcomes. */
  mean: number;
}

/** What a monitor knows. */
export interface MonitorReport {
  /** The number of outcomes, or of clusters. */
  outcomes: number;
  /** The probability that an alarm is ever false. */
  alpha: number;
  /** The first alarm: some promise is broken. */
  alarm: Alarm | null;
  /** The evidence that some promise is broken: of each promise, and of all together. */
  eValue: number;
  /** The promises. */
  promises: PromiseReport[];
  /** The populations that promises are for, in words; left out: the one that outcomes are from. */
  populations?: string;
  /** The number of values beyond their declared range. */
  beyond: number;
  /** The number of corrections. */
  corrections: number;
  /** Means of outputs and columns, the most moved first: a hint without a promise. Empty before there is enough to compare. */
  drift: Drift[];
}

/** A point of the figure. */
export interface MonitorPoint {
  /** After so many outcomes. */
  outcomes: number;
  /** The formulas of all promises, in the order of the report; `null` where there is no finite number. */
  formulas: Record<"value" | "lower" | "upper", number | null>[];
  /** The promises' evidence. */
  eValues: (number | null)[];
}

/** Everything that a monitor keeps, as JSON; its size does not grow with the number of outcomes. */
export interface MonitorState {
  /** The format's version. */
  format: "seldonian monitor 4";
  /** CRC-32 of the rest, which shows whether it was changed by mishap. */
  check: number;
  /** The promises' texts. */
  promises: string[];
  /** The options, without custom measures. */
  options: Omit<MonitorOptions, "measures" | "reference">;
  /** What the outcomes left. */
  kept: Kept;
}

/** What the outcomes left. */
export interface Kept {
  /** The number of outcomes. */
  outcomes: number;
  /** The number of outputs of each; `null` before the first. */
  outputs: number | null;
  /** The conditions of the groups in a shift, as the columns of outcomes are compared; left out without one, and before the first. */
  conditions?: readonly Condition[];
  /** See {@link MonitorReport}. */
  beyond: number;
  /** See {@link MonitorReport}. */
  corrections: number;
  /** The first alarm. */
  alarm: Alarm | null;
  /** Alarms by promise. */
  alarms: (Alarm | null)[];
  /** By measure, the number of values and their sum. */
  means: Record<string, [number, number]>;
  /** By promise, way and formula. */
  states: unknown[][][];
  /** Capital of bets on all formulas at once. */
  pool: Capital;
  /** Means of inputs. */
  inputs: Inputs;
  /** Whether their reference is given. */
  hasReference: boolean;
  /** Points of the figure, one in `stride` outcomes. */
  points: MonitorPoint[];
  /** See {@link points}. */
  stride: number;
}
