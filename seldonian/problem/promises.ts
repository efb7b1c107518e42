import { Tensor } from "../../autodiff/mod.ts";
import { shown } from "../../autodiff/options.ts";
import { type Bound, tryBound } from "../bounds/bound.ts";
import { families, familyNamed } from "../bounds/mod.ts";
import { ConstraintError } from "../constraints/constraint_error.ts";
import { intervalOf } from "../constraints/evaluate.ts";
import { Constraint, Leaf } from "../constraints/expression.ts";
import { forEvery } from "../constraints/for_every.ts";
import { DomainError } from "../constraints/interval.ts";
import { chosenFor, familyOf, rangeOf, valueRangeOf } from "../constraints/judgement.ts";
import { constraint } from "../language/parse.ts";
import { promise, type Promised } from "../constraints/promise.ts";
import type { Measure } from "../constraints/measure.ts";
import { standardMeasures, taskNamed } from "../tasks/mod.ts";
import type { BoundChoice, Objective, PromiseOptions, StatedConstraint } from "./stated.ts";
import { checkMeasureParts, checkStated } from "./promise_kinds.ts";

/**
 * @throws {ConstraintError} for a text that cannot be read
 * @throws {RangeError} for an invalid option
 */
export function promises(
  {
    constraints,
    measures = [],
    analysis = "conjunctive",
    bound = "auto",
    rates = "expected",
    shares = "optimal",
    ranges = {},
    shift,
  }: PromiseOptions,
): Promised[] {
  if (constraints.length === 0) {
    throw new RangeError('Cannot promise nothing: wanted constraints, such as [{ text: "ACC >= 0.95", delta: 0.05 }]');
  }
  measures.forEach(checkMeasureParts);
  const judgement = { rates, ...familiesOf(bound), ranges };
  checkNamesOf(measures);
  constraints.forEach(checkStated);
  const promised = constraints.map((one) => {
    const { text, delta } = one;
    if (delta > 0.5 && delta < 1) {
      throw new RangeError(
        `Cannot promise "${text}" with delta ${delta}: its test might err more often than not; ` +
          `delta is the probability of an error, so did you mean ${Number((1 - delta).toPrecision(12))}?`,
      );
    }
    const own = one.bound === undefined ? judgement : { ...judgement, ...familiesOf(one.bound) };
    const { inflation, lambda } = one, stated = promise(statedConstraint(one, measures), delta, own, { analysis, shares });
    return {
      ...stated,
      ...(inflation !== undefined && { inflation }),
      ...(lambda !== undefined && { lambda }),
      ...(shift !== undefined && { shift }),
    };
  });
  checkMeasures(promised);
  const leaves = promised.flatMap(({ constraint }) => constraint.leaves), measured = leaves.map(({ measure }) => measure.name);
  const checkNamed = (what: string, named: object, known: readonly string[], where = "the constraints have") => {
    const unknown = Object.keys(named).find((name) => !known.includes(name));
    if (unknown === undefined) return;
    throw new RangeError(`Cannot use a ${what} for "${unknown}": ${where} ${[...new Set(known)].join(", ")}`);
  };
  checkNamed("range", ranges, [...measured, ...leaves.filter(({ index }) => index.length > 0).map(indexed)]);
  const byMeasure = (one: StatedConstraint["bound"]) => one === undefined || typeof one === "string" || isBound(one) ? {} : one;
  checkNamed("bound", byMeasure(bound), measured);
  promised.forEach(({ constraint }, i) =>
    checkNamed(
      "bound",
      byMeasure(constraints[i].bound),
      constraint.leaves.map(({ measure: { name } }) => name),
      "its constraint has",
    )
  );
  if (typeof shares === "object") checkNamed("weight", shares, leaves.map(String));
  for (const [name, range] of Object.entries(ranges)) {
    if (Array.isArray(range) && range[0] < range[1]) continue;
    const found = Array.isArray(range) ? `[${range}]` : shown(range);
    throw new RangeError(`Cannot use the range ${found} for "${name}": wanted [low, high] with low < high`);
  }
  promised.forEach(checkPossible);
  for (
    const { leaf, judgement } of promised.flatMap(({ constraint, judgement }) =>
      constraint.leaves.map((leaf) => ({ leaf, judgement }))
    )
  ) {
    const chosen = chosenFor(leaf, judgement), { measure } = leaf;
    if (measure.functional !== undefined && measure.task === "off_policy" && chosen !== undefined) {
      throw new RangeError(
        `Cannot bound ${leaf} by "${chosen.name}": it is no mean, and has its own bounds; ` +
          'leave out bound, or name one for other measures alone, as in bound: { J_pi_new_IS: "student" }',
      );
    }
    const family = familyOf(leaf, judgement), { name, values } = family, range = rangeOf(leaf, judgement), [low, high] = range;
    if (values === "any" || leaf.measure.functional !== undefined || high - low < Infinity) {
      if (!families.includes(family)) tryBound(family, { delta: 0.05, range });
      continue;
    }
    throw new RangeError(
      `Cannot bound ${leaf} by "${name}", which needs a finite range, and its values lie in [${low}, ${high}]: ` +
        `declare one, as in ranges: { ${leaf.measure.name}: [0, 25] }, or use "student"`,
    );
  }
  return promised;
}

/** The name that a range may have: a measure's, with its index. */
function indexed({ measure: { name }, index }: Leaf): string {
  return `${name}_[${index.join(", ")}]`;
}

/**
 * The constraint that somebody states.
 * @throws {ConstraintError} for a text that cannot be read
 */
export function statedConstraint(
  { text, forEvery: groups = {} }: Omit<StatedConstraint, "delta">,
  measures: readonly Measure[],
): Constraint {
  const known = [...new Set([...standardMeasures, ...measures])];
  const stated = text instanceof Constraint ? text : constraint(text, { measures: known });
  return Object.entries(groups).reduce((read, [name, columns]) => forEvery(name, columns, read), stated);
}

/** @throws {RangeError} for measures that a result could not tell apart by their names */
function checkNamesOf(measures: readonly Measure[]): void {
  const known = new Map<string, Measure>();
  for (const measure of measures) {
    const { name } = measure;
    if (standardMeasures.some((one) => one.name === name && one !== measure)) {
      throw new RangeError(`Cannot use a custom measure named "${name}": the kit has a measure of this name; rename yours`);
    }
    if ((known.get(name) ?? measure) !== measure) {
      throw new RangeError(`Cannot use two measures named "${name}": a result could not show which is which; rename one`);
    }
    known.set(name, measure);
  }
}

/** @throws {RangeError} for two measures of one name, and for a measure of outputs where decisions are judged */
export function checkMeasures(promised: readonly Promised[], objective?: Objective): void {
  const { rates } = promised[0].judgement;
  checkNamesOf(leavesOf(promised, objective).map(({ measure }) => measure));
  for (const { measure: { name, task } } of promised.flatMap(({ constraint }) => constraint.leaves)) {
    if (rates !== "decided" || taskNamed(task).decision !== null) continue;
    throw new RangeError(
      `Cannot judge decisions by ${name}, which is of a model's output: leave out rates: "decided", or test ${name} by itself`,
    );
  }
}

/** @throws {ConstraintError} for a constraint that no model can keep on any data */
function checkPossible({ constraint, judgement }: Promised): void {
  const ranges = new Map(constraint.leaves.map((leaf) => {
    const [low, high] = valueRangeOf(leaf, judgement);
    return [`${leaf}`, { lower: Tensor.scalar(low), upper: Tensor.scalar(high) }];
  }));
  let least: number;
  try {
    least = intervalOf(constraint.g, ranges).lower.value;
  } catch (error) {
    if (error instanceof DomainError) return;
    throw error;
  }
  if (!(least > 0) || least === Infinity) return;
  const percent = constraint.leaves.every((leaf) => valueRangeOf(leaf, judgement)[1] === 1) && least > 1;
  const [{ place }] = constraint.leaves,
    lies = constraint.leaves.map((leaf) => `${leaf} lies in [${valueRangeOf(leaf, judgement)}]`);
  throw new ConstraintError(
    `no model can keep it: ${lies.join(", ")}, so that ${constraint.g} is at least ${least}, and must be at most 0` +
      (percent ? "; rates are parts of 1, so write 0.95 for 95 %" : ""),
    place?.text ?? `${constraint}`,
    0,
  );
}

function familiesOf(bound: NonNullable<PromiseOptions["bound"]>): { bound: Bound | undefined; bounds: Record<string, Bound> } {
  if (typeof bound === "string" || isBound(bound)) return { bound: familyNamed(bound), bounds: {} };
  const named = Object.entries(bound).flatMap(([name, choice]) => {
    const family = familyNamed(choice);
    return family === undefined ? [] : [[name, family] as const];
  });
  return { bound: undefined, bounds: Object.fromEntries(named) };
}

function isBound(bound: Bound | Readonly<Record<string, BoundChoice>>): bound is Bound {
  return typeof bound.upper === "function";
}

/** The measures of constraints, and the objective if it is a measure. */
export function leavesOf(promised: readonly Promised[], objective: Objective | undefined): Leaf[] {
  return [...promised.flatMap(({ constraint }) => constraint.leaves), ...(objective instanceof Leaf ? [objective] : [])];
}
