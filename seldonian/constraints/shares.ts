import type { Compound, Constraint, Expression, Leaf } from "./expression.ts";
import type { LinearForm } from "./linear.ts";
import { operations } from "./operations.ts";

type Side = "lower" | "upper";

/** The part of delta that is spent on each bound of a measure; `undefined`: the bound is not needed. */
export interface Shares {
  /** What is bounded. */
  leaf: Leaf;
  /** The part of delta for its lower bound, if it needs one. */
  lower?: number;
  /** The part of delta for its upper bound, if it needs one. */
  upper?: number;
}

/**
 * Splits delta over the distinct measures of a constraint, equally, and in a measure over the bounds that the upper bound of
 * g needs: as in the Python toolkit, or fewer where `signOf` tells. By the union bound, all of them then hold together with probability at least 1 - delta.
 */
export function shareDelta({ g, leaves }: Pick<Constraint, "g" | "leaves">, delta: number, signOf?: SignOf): Shares[] {
  checkDelta(delta);
  const needs = new Map<string, Set<Side>>();
  const visit = (x: Expression, sides: ReadonlySet<Side>) => {
    if (x.kind === "leaf") needs.set(`${x}`, new Set([...sides, ...needs.get(`${x}`) ?? []]));
    else if (x.kind === "compound") x.operands.forEach((operand, i) => visit(operand, operandSides(x, i, sides, signOf)));
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

/** Whether a formula is known to be at least 0 (1) or at most 0 (-1), from the ranges of its measures; 0: neither. */
export type SignOf = (x: Expression) => -1 | 0 | 1;

function operandSides(x: Compound, i: number, sides: ReadonlySet<Side>, signOf?: SignOf): Set<Side> {
  const need = signOf === undefined ? operations[x.operator].upperNeeds(i) : needBySign(x, i, signOf);
  if (need === "both") return new Set(["lower", "upper"]);
  if (need === "upper") return new Set(sides);
  return new Set([...sides].map((side) => side === "upper" ? "lower" : "upper"));
}

/** Which bound of operand i an upper bound needs, where the signs of operands tell. */
function needBySign({ operator, operands }: Compound, i: number, signOf: SignOf): "upper" | "lower" | "both" {
  const [x, y] = operands.map(signOf);
  switch (operator) {
    case "negate":
      return "lower";
    case "*":
      return bySign(i === 0 ? y : x);
    case "/":
      // It rises with x where y is positive; it falls with y where x is positive and y keeps its sign.
      return i === 0 ? bySign(y) : y === 0 ? "both" : bySign(-x as -1 | 0 | 1);
    default:
      return operations[operator].upperNeeds(i);
  }
}

function bySign(sign: -1 | 0 | 1): "upper" | "lower" | "both" {
  return sign === 0 ? "both" : sign === 1 ? "upper" : "lower";
}
