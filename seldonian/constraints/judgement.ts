import { type Tensor, weightedSum } from "../../autodiff/mod.ts";
import { boundFor } from "../bounds/auto.ts";
import type { Bound } from "../bounds/bound.ts";
import type { Leaf } from "./expression.ts";

/** How measures are judged and their means bounded. */
export interface Judgement {
  /** Of probabilities or of decisions, which are 0 or 1. */
  rates: "expected" | "decided";
  /** The family of all bounds; `undefined`: chosen for each measure by what is known of its values. */
  bound: Bound | undefined;
  /** Families for some measures, by name, before that. */
  bounds?: Readonly<Record<string, Bound>>;
  /** Ranges that the user declares, by the measure's name. */
  ranges: Readonly<Record<string, readonly [number, number]>>;
}

/** How a safety test is predicted from candidate data. */
export interface Forecast {
  /** Factor on the distance of every predicted bound from its mean. */
  inflation: number;
}

/** The numbers between which a measure's values lie: its own, or declared. */
export function rangeOf({ measure }: Leaf, { ranges }: Judgement): readonly [number, number] {
  return ranges[measure.name] ?? measure.range;
}

/** The family that was chosen for a measure, if one was. */
export function chosenFor({ measure: { name } }: Leaf, { bound, bounds = {} }: Judgement): Bound | undefined {
  return Object.hasOwn(bounds, name) ? bounds[name] : bound;
}

/** The family that bounds a measure; of clusters, whose means are no longer 0 or 1, another one. */
export function familyOf(leaf: Leaf, judgement: Judgement, clustered = false): Bound {
  return chosenFor(leaf, judgement) ??
    boundFor({ range: rangeOf(leaf, judgement), binary: !clustered && isBinary(leaf, judgement) });
}

/** Whether a measure is known to take the ends of its range alone. */
export function isBinary(leaf: Leaf, judgement: Judgement): boolean {
  const { binary = false, range } = leaf.measure, [low, high] = rangeOf(leaf, judgement);
  return binary && judgement.rates === "decided" && low === range[0] && high === range[1];
}

/** The fewest values that a family says anything of; of fewer than 5, as in the Python toolkit, none that is approximate does. */
export function fewestFor({ fewest = 1, guarantee }: Pick<Bound, "fewest" | "guarantee">): number {
  return guarantee === "approximate" ? Math.max(5, fewest) : fewest;
}

/** A predicted bound with its distance from the mean inflated. */
export function inflated(bound: Tensor, mean: Tensor, inflation: number): Tensor {
  return inflation === 1 ? bound : weightedSum([bound, mean], [inflation, 1 - inflation]);
}
