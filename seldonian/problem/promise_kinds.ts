import {
  callable,
  checkOptions,
  interval,
  isFunction,
  isRecord,
  type Kind,
  type Known,
  list,
  needed,
  oneOf,
  record,
  shown,
  text,
  truth,
  whole,
} from "../../autodiff/options.ts";
import { Constraint, Leaf } from "../constraints/expression.ts";
import type { Measure } from "../constraints/measure.ts";
import type * as classification from "../measures/classification.ts";
import type * as regression from "../measures/regression.ts";
import { tasks } from "../tasks/mod.ts";
import type { LossName } from "../tasks/task.ts";
import type { Objective, PromiseOptions, StatedConstraint } from "./stated.ts";

/** Names of losses and measures. */
export type ObjectiveName =
  | LossName
  | Exclude<keyof typeof classification | keyof typeof regression, "CM" | "CVaR">;

/** Losses first. CM exists once for each pair of classes, CVaR once for each level, so neither has a name here. */
const named: ReadonlyMap<string, Objective> = new Map<string, Objective>([
  ...tasks.flatMap(({ losses }) => Object.entries(losses)),
  ...tasks.flatMap(({ measures }) => measures).filter(({ indices, functional }) => indices < 2 && functional === undefined)
    .map((measure) => [measure.name, new Leaf(measure)] as const),
]);

/** The allowed objectives. */
export const objectiveKind: Kind = {
  names: [...named.keys()],
  wanted: 'a loss, "logLoss", "meanSquaredError", "meanAbsoluteError" or a function of predictions and labels, or a measure, ' +
    'such as "ER" or measures.ER',
  holds(value) {
    const found = objectiveNamed(value as Objective);
    return found instanceof Leaf || isFunction(found);
  },
};

/** The objective that a name stands for. */
export function objectiveNamed(objective: Objective | ObjectiveName): Objective {
  return (typeof objective === "string" ? named.get(objective) : undefined) ?? objective as Objective;
}

const boundKind: Kind = {
  wanted: "the name of a family, a Bound, or one for each of some measures",
  holds: (value) => typeof value === "string" || isRecord(value),
};

/** The allowed options of promises; {@link promises} looks up the names in them. */
export const promiseOptions: Known<PromiseOptions> = {
  constraints: needed({
    ...list,
    wanted: 'a list, such as [{ text: "ACC >= 0.95", delta: 0.05 }]',
    within: ["text", "delta", "forEvery"],
  }),
  measures: list,
  analysis: oneOf("conjunctive", "interval"),
  bound: boundKind,
  rates: oneOf("expected", "decided"),
  shares: {
    names: ["optimal", "equal"],
    wanted: '"optimal", "equal" or a weight for each measure',
    holds: (value) => value === "optimal" || value === "equal" || isRecord(value),
  },
  ranges: record,
  independent: list,
  paired: list,
  shift: record,
};

const finiteFrom0: Kind = {
  type: "number",
  wanted: "a finite number from 0",
  holds: (value) => (value as number) >= 0 && (value as number) < Infinity,
};

const statedConstraint: Known<StatedConstraint> = {
  text: needed({
    wanted: 'a text, such as "ACC >= 0.95", or a constraint built in code',
    holds: (value) => typeof value === "string" || value instanceof Constraint,
  }),
  delta: needed({ type: "number", wanted: "the probability that it may be broken, such as 0.05" }),
  forEvery: record,
  bound: boundKind,
  inflation: finiteFrom0,
  lambda: finiteFrom0,
};

/** @throws {TypeError} unless it states both a promise and its probability of failure */
export function checkStated(stated: unknown): void {
  if (typeof stated === "string" || stated instanceof Constraint) {
    const text = JSON.stringify(`${stated}`);
    throw new TypeError(
      `Cannot promise ${text} without a delta: wanted { text: ${text}, delta: 0.05 }, where delta is the probability that it may be broken`,
    );
  }
  const { text } = Object(stated) as Partial<StatedConstraint>, action = text === undefined ? "promise" : `promise "${text}"`;
  checkOptions(action, stated as StatedConstraint, statedConstraint);
}

const parts: Known<Measure> = {
  name: needed(text),
  task: needed(oneOf(...tasks.map(({ name }) => name))),
  outputs: { type: "number", wanted: "1, where it needs one output a row", holds: (value) => value === 1 },
  indices: needed(whole(0)),
  range: needed(interval),
  binary: truth,
  functional: record,
  wrongIndex: callable,
  sided: callable,
  counts: callable,
  perRow: truth,
  values: needed(callable),
};

/** @throws {TypeError} unless it is a measure */
export function checkMeasureParts(measure: Measure): void {
  checkOptions(`use the measure ${shown(Object(measure).name)}`, measure, parts);
}
