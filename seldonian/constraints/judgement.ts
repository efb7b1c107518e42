import { type Tensor, weightedSum } from "../../autodiff/mod.ts";
import { boundFor } from "../bounds/auto.ts";
import type { Bound } from "../bounds/bound.ts";
import type { Sample } from "./sample.ts";
import type { Leaf } from "./expression.ts";
import type { SidedMeasure } from "./measure.ts";

/** How to judge measures and bound their means. */
export interface Judgement {
  /** Whether to judge probabilities, or decisions, which are 0 or 1. */
  rates: "expected" | "decided";
  /** The family of all bounds; `undefined`: chosen for each measure from its range and kind of values. */
  bound: Bound | undefined;
  /** Families for some measures, by name; they take precedence. */
  bounds?: Readonly<Record<string, Bound>>;
  /** Ranges that the user declares, by the measure's name. */
  ranges: Readonly<Record<string, readonly [number, number]>>;
}

/** How candidate data predicts a safety test. */
export interface Forecast {
  /** Factor on each predicted bound's distance from its mean. */
  inflation: number;
  /** Another factor, shape [], which changes during training. */
  part?: Tensor;
}

/** The range of a measure's values: declared, for its index or for all, or its own. A mean of them has the same. */
export function rangeOf({ measure, index }: Leaf, { ranges }: Judgement): readonly [number, number] {
  return ranges[`${measure.name}_[${index.join(", ")}]`] ?? ranges[measure.name] ?? measure.range;
}

/** The range of a measure itself, such as that of a variance, which is no mean: signs and ends of formulas come from it. */
export function valueRangeOf(leaf: Leaf, judgement: Judgement): readonly [number, number] {
  const range = rangeOf(leaf, judgement);
  return leaf.measure.functional?.range?.(range) ?? range;
}

/** The leaf to bound on a side, see {@link Measure.sided}. */
export function sidedFor(leaf: Leaf, side: "lower" | "upper", sample: Sample, judgement: Judgement): Leaf {
  if (leaf.measure.sided === undefined) return leaf;
  const range = rangeOf(leaf, judgement), usesRange = chosenFor(leaf, judgement)?.values !== "any";
  return sample.sided(leaf, side, usesRange && range[1] - range[0] < Infinity ? range : null);
}

/** The user's choice of family for a measure, if any. */
export function chosenFor({ measure }: Leaf, { bound, bounds = {} }: Judgement): Bound | undefined {
  const name = (measure as Partial<SidedMeasure>).of ?? measure.name;
  return Object.hasOwn(bounds, name) ? bounds[name] : bound;
}

/** The family that bounds a measure. Means of clusters are no longer 0 or 1, so they need another one. */
export function familyOf(leaf: Leaf, judgement: Judgement, clustered = false): Bound {
  return chosenFor(leaf, judgement) ?? (leaf.measure as Partial<SidedMeasure>).bound ??
    boundFor({ range: rangeOf(leaf, judgement), binary: !clustered && isBinary(leaf, judgement) });
}

/** Whether a measure is known to take only the ends of its range. */
export function isBinary(leaf: Leaf, judgement: Judgement): boolean {
  const { binary = false, range } = leaf.measure, [low, high] = rangeOf(leaf, judgement);
  return binary && judgement.rates === "decided" && low === range[0] && high === range[1];
}

/** The fewest values that a family needs; at least 5 for approximate families, as in the Python toolkit. */
export function fewestFor({ fewest = 1, guarantee }: Pick<Bound, "fewest" | "guarantee">): number {
  return guarantee === "approximate" ? Math.max(5, fewest) : fewest;
}

/** A predicted bound, its distance from the mean inflated. */
export function inflated(bound: Tensor, mean: Tensor, { inflation, part }: Forecast): Tensor {
  if (part !== undefined) return weightedSum([bound.sub(mean).mul(part), mean], [inflation, 1]);
  return inflation === 1 ? bound : weightedSum([bound, mean], [inflation, 1 - inflation]);
}
