import type { Compound, Constraint, Expression, Leaf } from "./expression.ts";
import type { LinearForm } from "./linear.ts";
import { operations } from "./operations.ts";

type Side = "lower" | "upper";

/** The part of delta that is spent on each bound of a measure; `undefined`: the bound is not needed. */
export interface Shares {
  leaf: Leaf;
  lower?: number;
  upper?: number;
}

/**
 * Splits delta over the distinct measures of a constraint, equally, and in a measure over the bounds that the upper bound of
 * g needs. By the union bound, all of them then hold together with probability at least 1 - delta.
 */
export function shareDelta({ g, leaves }: Pick<Constraint, "g" | "leaves">, delta: number): Shares[] {
  checkDelta(delta);
  const needs = new Map<string, Set<Side>>();
  const visit = (x: Expression, sides: ReadonlySet<Side>) => {
    if (x.kind === "leaf") needs.set(`${x}`, new Set([...sides, ...needs.get(`${x}`) ?? []]));
    else if (x.kind === "compound") x.operands.forEach((operand, i) => visit(operand, operandSides(x, i, sides)));
  };
  visit(g, new Set(["upper"]));
  return leaves.map((leaf) => {
    const sides = needs.get(`${leaf}`)!, share = delta / leaves.length / sides.size;
    return { leaf, lower: sides.has("lower") ? share : undefined, upper: sides.has("upper") ? share : undefined };
  });
}

/** Splits delta over a linear form's measures, of each of which its sign needs one bound; equally, or by weight. */
export function shareForm({ terms }: LinearForm, delta: number, weights?: readonly number[]): Shares[] {
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? terms.length;
  return terms.map(({ leaf, coefficient }, i) => {
    const share = delta * (weights?.[i] ?? 1) / total;
    return coefficient > 0 ? { leaf, upper: share } : { leaf, lower: share };
  });
}

/** @throws {RangeError} for a delta outside of (0, 1) */
export function checkDelta(delta: number): void {
  if (delta > 0 && delta < 1) return;
  throw new RangeError(`Cannot promise with delta ${delta}: wanted one between 0 and 1, such as 0.05`);
}

function operandSides({ operator }: Compound, i: number, sides: ReadonlySet<Side>): Set<Side> {
  const need = operations[operator].upperNeeds(i);
  if (need === "both") return new Set(["lower", "upper"]);
  if (need === "upper") return new Set(sides);
  return new Set([...sides].map((side) => side === "upper" ? "lower" : "upper"));
}
