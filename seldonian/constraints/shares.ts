import type { Compound, Constraint, Expression, Leaf } from "./expression.ts";
import type { LinearForm } from "./linear.ts";
import { operations } from "./operations.ts";

type Side = "lower" | "upper";

/** The share of delta for each bound of a measure; `undefined`: the bound is not needed. */
export interface Shares {
  /** The bounded measure. */
  leaf: Leaf;
  /** The lower bound's share of delta, if needed. */
  lower?: number;
  /** The upper bound's share of delta, if needed. */
  upper?: number;
}

/**
 * Splits delta over the distinct measures of a constraint, equally or by weight, and within a measure equally over the bounds
 * that the upper bound of g depends on: as in the Python toolkit, or fewer where `signOf` knows a sign. By the union bound, all
 * of them hold together with probability at least 1 - delta.
 */
export function shareDelta(
  { g, leaves }: Pick<Constraint, "g" | "leaves">,
  delta: number,
  { weightOf, signOf }: { weightOf?: WeightOf; signOf?: SignOf } = {},
): Shares[] {
  const needs = new Map<string, Set<Side>>();
  const visit = (x: Expression, sides: ReadonlySet<Side>) => {
    if (x.kind === "leaf") needs.set(`${x}`, new Set([...sides, ...needs.get(`${x}`) ?? []]));
    else if (x.kind === "compound") x.operands.forEach((operand, i) => visit(operand, operandSides(x, i, sides, signOf)));
  };
  visit(g, new Set(["upper"]));
  return shared(leaves.map((leaf) => ({ leaf, sides: needs.get(`${leaf}`)! })), delta, weightOf);
}

/** Splits delta over a linear form's measures, equally or by weight; each needs one bound, chosen by its sign. */
export function shareForm({ terms }: LinearForm, delta: number, weightOf?: WeightOf): Shares[] {
  return shared(
    terms.map(({ leaf, coefficient }) => ({ leaf, sides: new Set<Side>([coefficient > 0 ? "upper" : "lower"]) })),
    delta,
    weightOf,
  );
}

/** The weight of a measure, the i-th of the formula, or of each of its bounds: finite and above 0. */
export type WeightOf = (leaf: Leaf, i: number) => number | Readonly<Partial<Record<Side, number>>>;

function shared(
  needs: readonly { leaf: Leaf; sides: ReadonlySet<Side> }[],
  delta: number,
  weightOf: WeightOf = () => 1,
): Shares[] {
  checkDelta(delta);
  const bounds = needs.flatMap(({ leaf, sides }, i) => {
    const weight = weightOf(leaf, i);
    return [...sides].map((side) => {
      const [own, parts] = typeof weight === "number" ? [weight, sides.size] : [weight[side], 1];
      if (own !== undefined) return { leaf, side, own, weight: own / parts };
      throw new RangeError(`Cannot share delta out: "${leaf}" has no weight for its ${side} bound, which the formula needs`);
    });
  });
  // Every bound has its own part, so no halving is rounded.
  const parts = splitByWeight(delta, bounds.map(({ weight }) => weight));
  return needs.map(({ leaf, sides }) => {
    const share = (side: Side): number | undefined => {
      if (!sides.has(side)) return undefined;
      const place = bounds.findIndex((bound) => bound.leaf === leaf && bound.side === side);
      if (parts[place] > 0) return parts[place];
      const { own } = bounds[place];
      throw new RangeError(
        `Cannot share delta out: the weight ${own} of "${leaf}" gets no share beside the others'; wanted a larger one`,
      );
    };
    return { leaf, lower: share("lower"), upper: share("upper") };
  });
}

/**
 * Splits delta in proportion to weights above 0. Each part is the greatest double not above the exact one, so in exact arithmetic
 * the parts never sum to more than delta, which would be another promise.
 */
export function splitByWeight(delta: number, weights: readonly number[]): number[] {
  const most = Math.max(...weights);
  // Weights too small for a double have no parts.
  if (most === 0) return weights.map(() => 0);
  const sum = weights.reduce((sum, weight) => sum + weight / most, 0);
  const whole = exactly(delta), total = weights.reduce((total, weight) => total + exactly(weight), 0n);
  return weights.map((weight) => {
    const fits = (part: number) => exactly(part) * total <= whole * exactly(weight);
    // Exact up to rounding: a few doubles away at most.
    let part = delta * (weight / most / sum);
    while (fits(neighbour(part, 1n))) part = neighbour(part, 1n);
    while (!fits(part)) part = neighbour(part, -1n);
    return part;
  });
}

/** x · 2^1074, a whole number for every double x >= 0. */
function exactly(x: number): bigint {
  const bits = bitsOf(x), exponent = bits >> 52n, fraction = bits & ((1n << 52n) - 1n);
  return exponent === 0n ? fraction : (fraction | 1n << 52n) << (exponent - 1n);
}

/** The next double up or down. */
function neighbour(x: number, step: 1n | -1n): number {
  return new Float64Array(BigUint64Array.of(bitsOf(x) + step).buffer)[0];
}

/** A double >= 0 as a whole number, in the same order. */
function bitsOf(x: number): bigint {
  return new BigUint64Array(Float64Array.of(x).buffer)[0];
}

/** @throws {RangeError} for a delta outside (0, 1) */
export function checkDelta(delta: number): void {
  if (delta > 0 && delta < 1) return;
  throw new RangeError(`Cannot promise with delta ${delta}: wanted one between 0 and 1, such as 0.05`);
}

/** The known sign of a formula, from the ranges of its measures: at least 0 (1), at most 0 (-1), or neither (0). */
export type SignOf = (x: Expression) => -1 | 0 | 1;

function operandSides(x: Compound, i: number, sides: ReadonlySet<Side>, signOf?: SignOf): Set<Side> {
  const need = signOf === undefined ? operations[x.operator].upperNeeds(i) : needBySign(x, i, signOf);
  if (need === "both") return new Set(["lower", "upper"]);
  if (need === "upper") return new Set(sides);
  return new Set([...sides].map((side) => side === "upper" ? "lower" : "upper"));
}

/** Which bound of operand i an upper bound depends on, given the operands' signs. */
function needBySign({ operator, operands }: Compound, i: number, signOf: SignOf): "upper" | "lower" | "both" {
  const [x, y] = operands.map(signOf);
  switch (operator) {
    case "negate":
      return "lower";
    case "*":
      return bySign(i === 0 ? y : x);
    case "/":
      // It rises with x if y is positive; it falls with y if x is positive and y keeps its sign.
      return i === 0 ? bySign(y) : y === 0 ? "both" : bySign(-x as -1 | 0 | 1);
    default:
      return operations[operator].upperNeeds(i);
  }
}

function bySign(sign: -1 | 0 | 1): "upper" | "lower" | "both" {
  return sign === 0 ? "both" : sign === 1 ? "upper" : "lower";
}
