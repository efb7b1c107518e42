import { decided, observed } from "../../autodiff/recorder.ts";
import { Tensor } from "../../autodiff/mod.ts";
import type { Sample } from "./sample.ts";
import { conjuncts } from "./conjuncts.ts";
import { type Conjunct, evaluate, type Evaluation, valueIn } from "./evaluate.ts";
import { type Constraint, type Expression, leavesIn } from "./expression.ts";
import { DomainError, type Interval, point } from "./interval.ts";
import { type Forecast, type Judgement, valueRangeOf } from "./judgement.ts";
import type { LeafReport } from "./leaf_bounds.ts";
import { formText, linearForm } from "./linear.ts";
import { operations } from "./operations.ts";
import type { Populations, Shift } from "../shift/shift.ts";
import { checkDelta, shareDelta, shareForm, type SignOf, splitByWeight, type WeightOf } from "./shares.ts";

/**
 * How g is bounded. "conjunctive": as formulas that must all hold, each tested at the whole delta. "interval": as one formula,
 * from the bounds of all its measures by interval arithmetic, as in the Python toolkit.
 */
export type Analysis = "conjunctive" | "interval";

/**
 * How a formula's delta is split over measures that are bounded separately: equally; optimally, with the lowest predicted bound
 * on candidate data; or by weights, one for each measure as the constraint writes it, or one for each of its bounds. A measure
 * that needs both bounds gives half its weight to each.
 */
export type SharesOption = "equal" | "optimal" | Readonly<Record<string, number | Readonly<{ lower?: number; upper?: number }>>>;

/** A constraint, its promise, and how to test it. */
export interface Promised {
  /** The constraint. */
  constraint: Constraint;
  /** The probability that it may fail. */
  delta: number;
  /** Bounds, ranges and kinds of rates. */
  judgement: Judgement;
  /** How g is bounded. */
  analysis: Analysis;
  /** How to split delta over measures. */
  shares: SharesOption;
  /**
   * Ways to keep it: all formulas of one way must hold. A safety test needs one way, chosen before, or splits delta over them.
   */
  ways: readonly (readonly Conjunct[])[];
  /** Factor on the predicted bounds in training; default: the optimizer's. */
  inflation?: number;
  /** Where its multiplier starts; default: as the optimizer says. */
  lambda?: number;
  /** The populations that it must hold for, as stated; default: the one that the data is from. */
  shift?: Shift;
}

/** A promise that has been compared with the data. */
export interface Compared extends Promised {
  /** The populations of its shift. */
  populations?: Populations;
}

/** A constraint on some data. */
export interface PromiseEvaluation {
  /** g with every measure at its mean. */
  value: number;
  /** High-confidence bounds on the greatest formula of the best way, shape [], differentiable where predicted. */
  interval: Interval;
  /** The formulas of the best way. */
  conjuncts: (Evaluation & { text: string })[];
  leaves: LeafReport[];
  note?: string;
}

/** A constraint's promise, before any data is seen. */
export function promise(
  constraint: Constraint,
  delta: number,
  judgement: Judgement,
  { analysis, shares }: { analysis: Analysis; shares: SharesOption },
): Promised {
  checkDelta(delta);
  const ways = analysis === "interval"
    ? [[{
      g: constraint.g,
      form: null,
      shares: shareDelta(constraint, delta, { weightOf: weightsIn(shares) }),
      asOne: false,
      delta,
    }]]
    : conjuncts(constraint.g).map((way) => way.map((g) => conjunct(g, delta, judgement, shares)));
  return { constraint, delta, judgement, analysis, shares, ways };
}

/** The same promise with another delta, before any data is seen. */
export function atDelta(promised: Promised, delta: number): Promised {
  return promised.delta === delta
    ? promised
    : { ...promised, ...promise(promised.constraint, delta, promised.judgement, promised) };
}

/** The prediction of its safety test in training. */
export function forecastFor({ inflation }: Promised, settings: Forecast, part?: Tensor): Forecast {
  return { inflation: inflation ?? settings.inflation, part };
}

/** The same promise with delta split over the remaining ways, so that all of them can be tested (the union bound). */
export function forTest(promised: Promised): Promised {
  const { ways, delta, judgement, shares } = promised;
  if (ways.length === 1) return promised;
  const parts = splitByWeight(delta, ways.map(() => 1));
  return { ...promised, ways: ways.map((way, i) => way.map(({ g }) => conjunct(g, parts[i], judgement, shares))) };
}

/** Bounds a promise: the lowest bound over its ways, each the greatest over its formulas. */
export function evaluatePromise(
  { constraint, ways, judgement, populations }: Compared,
  sample: Sample,
  forecast?: Forecast,
): PromiseEvaluation {
  const over = populations?.evaluate ?? evaluate;
  const found = ways.map((way) => way.map((conjunct) => judged(conjunct, over(conjunct, sample, judgement, forecast))));
  const uppers = found.map((way) =>
    way.map(({ interval }) => interval.upper).reduce((x, y) => decided(() => y.value > x.value) ? y : x)
  );
  const best = uppers.reduce((least, upper, i) => decided(() => upper.value < uppers[least].value) ? i : least, 0);
  const way = found[best];
  const lower = way.length === 1 && ways.length === 1 ? way[0].interval.lower : Tensor.scalar(-Infinity);
  // With populations, the worst one's, which no single estimate of a measure shows.
  const value = populations === undefined
    ? valueIn(constraint.g, sample)
    : () => Math.max(...way.map(({ estimate }) => estimate()));
  const isUndefined = decided(() => Number.isNaN(value()));
  return {
    value: observed(value),
    interval: { lower, upper: isUndefined ? Tensor.scalar(Infinity) : uppers[best] },
    conjuncts: way.map((evaluation, i) => ({ text: textOf(ways[best][i]), ...evaluation })),
    leaves: merged(way.flatMap(({ leaves }) => leaves)),
    note: way.find(({ note }) => note !== undefined)?.note ?? (isUndefined ? `${constraint.g} is not a number` : undefined),
  };
}

/** Whether an upper bound shows that a formula is at most 0. Below its own estimate it contradicts itself, and shows nothing. */
export function isShown(value: number, upper: number): boolean {
  return upper <= 0 && !(value > 0);
}

/** An evaluation without bounds if the formula is not a number, as 0 * log(0): interval arithmetic may bound it all the same. */
function judged(conjunct: Conjunct, evaluation: Evaluation): Evaluation {
  if (decided(() => !Number.isNaN(evaluation.estimate()))) return evaluation;
  const interval = { lower: Tensor.scalar(-Infinity), upper: Tensor.scalar(Infinity) };
  return { ...evaluation, interval, note: evaluation.note ?? `${conjunct.g} is not a number` };
}

/** A formula with its shares of delta. It is bounded as one statistic if its form has several measures. */
export function conjunct(g: Expression, delta: number, judgement: Judgement, shares: SharesOption): Conjunct {
  const form = linearForm(g, (leaf) => valueRangeOf(leaf, judgement)), weightOf = weightsIn(shares);
  if (form === null) {
    const how = { weightOf, signOf: signIn(judgement) };
    return { g, form, shares: shareDelta({ g, leaves: leavesIn(g) }, delta, how), asOne: false, delta };
  }
  const means = form.terms.every(({ leaf }) => leaf.measure.functional === undefined);
  const asOne = means && form.terms.length > 1 && weightOf === undefined;
  return { g, form, shares: shareForm(form, delta, weightOf), asOne, delta };
}

/** Ranges of formulas, as far as known, by what they were judged by. */
const ranges = new WeakMap<Judgement, WeakMap<Expression, Interval | null>>();

/** The signs of formulas, from the measures' ranges. Each part of a formula is asked for, and computed once. */
function signIn(judgement: Judgement): SignOf {
  const known = ranges.get(judgement) ?? new WeakMap<Expression, Interval | null>();
  ranges.set(judgement, known);
  const computed = (x: Expression): Interval | null => {
    if (x.kind === "constant") return point(x.value);
    if (x.kind === "leaf") {
      const [low, high] = valueRangeOf(x, judgement);
      return { lower: Tensor.scalar(low), upper: Tensor.scalar(high) };
    }
    const operands = x.operands.map(interval);
    try {
      return operands.every((operand) => operand !== null) ? operations[x.operator].interval(...operands) : null;
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  };
  const interval = (x: Expression): Interval | null => {
    let found = known.get(x);
    if (found === undefined) known.set(x, found = computed(x));
    return found;
  };
  return (x) => {
    const found = interval(x);
    return found === null ? 0 : found.lower.value >= 0 ? 1 : found.upper.value <= 0 ? -1 : 0;
  };
}

/**
 * The user's weights of measures, if any.
 * @throws {RangeError} unless each is a number above 0
 */
function weightsIn(shares: SharesOption): WeightOf | undefined {
  if (typeof shares !== "object") return undefined;
  for (const [name, weight] of Object.entries(shares)) {
    const parts: readonly unknown[] = typeof weight === "object" && weight !== null ? [weight.lower, weight.upper] : [weight];
    if (parts.some((part) => part !== undefined) && parts.every((part) => part === undefined || isPositive(part))) continue;
    const [found, more] = typeof weight === "object"
      ? [JSON.stringify(weight), " for one of its bounds, or for both"]
      : [weight, ""];
    throw new RangeError(
      `Cannot share delta out: the weight of "${name}" is ${found}; wanted a number above 0${more}`,
    );
  }
  return (leaf) => {
    if (Object.hasOwn(shares, `${leaf}`)) return shares[`${leaf}`];
    const given = Object.keys(shares).join(", ") || "none";
    throw new RangeError(`Cannot share delta out: there is no weight for "${leaf}"; the weights given are for ${given}`);
  };
}

function isPositive(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function textOf({ g, form }: Conjunct): string {
  return `${form === null || form.terms.length === 0 ? g : formText(form)} <= 0`;
}

/** One report a measure, with the wider of two bounds on the same side. */
function merged(reports: LeafReport[]): LeafReport[] {
  const found = new Map<string, LeafReport>();
  for (const report of reports) {
    const other = found.get(report.name);
    if (other === undefined) {
      found.set(report.name, report);
      continue;
    }
    const [lower, upper] = [other, report].reduce<(LeafReport | undefined)[]>(([low, high], r) => [
      r.deltaLower !== null && (low === undefined || r.lower < low.lower) ? r : low,
      r.deltaUpper !== null && (high === undefined || r.upper > high.upper) ? r : high,
    ], [undefined, undefined]);
    found.set(report.name, {
      ...report,
      lower: lower?.lower ?? -Infinity,
      deltaLower: lower?.deltaLower ?? null,
      upper: upper?.upper ?? Infinity,
      deltaUpper: upper?.deltaUpper ?? null,
    });
  }
  return [...found.values()];
}
