import { contiguousData } from "../../autodiff/ndarray.ts";
import { here } from "../../autodiff/remote_array.ts";
import { checked, decided } from "../../autodiff/recorder.ts";
import { log } from "../../autodiff/mathematics/elementary.ts";
import { type Tensor, type TypedArray, weightedSum } from "../../autodiff/mod.ts";
import type { Bound } from "../bounds/bound.ts";
import { keptQuantile } from "../bounds/quantiles.ts";
import { star } from "../bounds/star.ts";
import { student } from "../bounds/student.ts";
import type { Measure, SidedMeasure } from "../constraints/measure.ts";
import { oneSidedStar } from "./one_sided.ts";
import { returnMean } from "./return_functionals.ts";
import { type Weighed, weighed, weightedLaw } from "./outputs.ts";

/**
 * How the values of a measure have weights: one an episode, one a step, one that depends on all episodes, none, or by whether it is 0.
 */
export type Weighing = "episode" | "step" | "all" | "none" | "support";

/**
 * A measure of the same mean J as w G (or as D, with one weight a step), with an end on a side; E[w] = 1 in all of them.
 *
 * Weights of at most `most`: c + w (G - c), or c + D - w c, for a constant c, such as a typical return. Deviations from c are
 * smaller than G, and so is the variance. The range is finite, so any proven family bounds the mean.
 * Weights without a limit: l + w (G - l) >= l from below, h - w (h - G) <= h from above, where G is in [l, h]; those of D are in
 * `ended_returns.ts`, with l <= 0 <= h, because a part of no steps has 0. Guesses within a room move ends of D by it, see
 * `DoublyRobust`.
 * Source: N. Karampatziakis, P. Mineiro and A. Ramdas, "Off-policy confidence sequences", ICML 2021; P. S. Thomas, G. Theocharous
 * and M. Ghavamzadeh, "High-confidence off-policy evaluation", AAAI 2015.
 * @param range of J; `null`: the values as they are, without an end
 * @throws {RangeError} from its values, for a return outside of the range, and for a weight above the greatest
 */
export function sidedReturn(
  measure: Measure,
  weighs: Weighing,
  side: "lower" | "upper",
  range: readonly [number, number] | null,
  { most, baseline: c, weight, ends: known, room: given }: Weighed,
): SidedMeasure {
  const own = { ...measure, of: measure.name, sided: undefined };
  if (weighs === "all" || (weighs === "support" && !decided(() => areAlike(weight.data)))) range = null;
  if (range === null) {
    const isWeighted = weighs !== "none" && weighs !== "support";
    return {
      ...own,
      name: `${measure.name} as it is`,
      range: [-Infinity, Infinity],
      bound: weighs === "none" ? undefined : student,
      ...(isWeighted && { scarce: (values) => scarce(measure.name, values) }),
    };
  }
  const bySteps = weighs === "step", room = bySteps ? (1 + 1e-9) * given : 0;
  if (room < 0) {
    throw new RangeError(
      `Cannot bound ${measure.name} by a range: guesses may add anything to it; give them room, as in new DoublyRobust(policy, ` +
        "values, { room: 1, behaviour }), or leave the range out for Student's bound, which is approximate",
    );
  }
  // Sums of rewards that are an end are not quite that end.
  const slack = 1e-9 * (range[1] - range[0]), [low, high] = [range[0] - slack, range[1] + slack];
  const within = ({ weight, value, gained }: Weighed) => {
    requireWithin(`a return under ${measure.name}`, value, [low, high], "give ranges that hold for every episode");
    if (bySteps && (most < Infinity || known === null)) {
      const parts = `rewards under ${measure.name}`, cure = "give ranges that hold for any part of an episode's steps";
      requireWithin(`the return of positive ${parts}`, gained, [0, Math.max(0, high)], cure);
      requireWithin(`the return of negative ${parts}`, value.sub(gained), [Math.min(0, low), Math.max(0, slack)], cure);
    }
    if (most < Infinity) requireWithin("an importance weight", weight, [0, most * (1 + 1e-9)], "correct greatestWeight");
  };
  if (weighs === "none" || weighs === "support") {
    return {
      ...own,
      name: `${measure.name} in ${range}`,
      range: [low, high],
      values(outcomes, index) {
        within(weighed(outcomes.predictions, index[0] ?? 0));
        return measure.values(outcomes, index);
      },
    };
  }
  if (most === Infinity) {
    const [least, greatest] = !bySteps ? range : known ?? [Math.min(0, range[0]), Math.max(0, range[1])],
      rest = 1e-9 * (greatest - least);
    const end = side === "lower" ? least - rest : greatest + rest, last = side === "lower" ? end - room : end + room;
    return {
      ...own,
      name: `${measure.name} from ${last}`,
      range: side === "lower" ? [last, Infinity] : [-Infinity, last],
      bound: oneSidedStar(greatest - least),
      values({ predictions }, [k = 0]) {
        const found = weighed(predictions, k), { weight, value } = found;
        within(found);
        if (!bySteps) return weight.mul(value.sub(end)).add(end);
        const { ended } = found;
        return ended[side].add(ended.weight.mul(-end)).add(end);
      },
    };
  }
  const ends = weighs === "episode"
    ? [Math.min(0, low - c), Math.max(0, high - c)]
    : [Math.min(0, low) - Math.max(0, c), Math.max(0, high) - Math.min(0, c)];
  return {
    ...own,
    name: `${measure.name} about ${c}`,
    range: [c + most * ends[0] - room, c + most * ends[1] + room],
    bound: starOfWeights,
    ...(weighs === "episode" && { alone: aloneIn(own, range, within) }),
    values({ predictions }, [k = 0]) {
      const found = weighed(predictions, k), { weight, value, perDecision } = found;
      within(found);
      return weighs === "episode" ? weight.mul(value.sub(c)).add(c) : perDecision.sub(weight.mul(c)).add(c);
    },
  };
}

/** The mean of w G by bets on w (G - m), which need no typical return. */
function aloneIn(own: Measure, range: readonly [number, number], within: (weighed: Weighed) => void): Measure {
  return {
    ...own,
    name: `${own.name} by bets in ${range}`,
    range,
    functional: returnMean,
    values({ predictions }, [k = 0]) {
      const found = weighed(predictions, k);
      within(found);
      return weightedLaw(found);
    },
  };
}

/** The fewest equal values for Student's bound, as in the Python toolkit. */
const fewest = 5;

/**
 * Whether weighted values are worth fewer than that: (sum |z|)^2 / sum z^2 equal ones with 0 for the rest. The bound is then about the
 * few large ones, and misses in most samples where a weight is so rare that they are none.
 * Source: L. Kish, "Survey sampling" (1965), for the effective number of weighted values.
 */
function scarce(name: string, values: TypedArray): string | undefined {
  let [sum, squares] = [0, 0];
  for (const z of values) {
    sum += Math.abs(z);
    squares += z * z;
  }
  if (sum * sum >= (fewest - 1e-9) * squares && squares > 0) return undefined;
  const few = Number((squares === 0 ? 0 : sum * sum / squares).toPrecision(2));
  return `${name} rests on few episodes with weight, as much as ${few} episodes would alike, and Student's bound needs ${fewest}; ` +
    `declare a range of returns, as in ranges: { ${name}: [0, 25] }, for a proven bound, or keep weights near 1`;
}

/**
 * Whether all weights but 0 are the same c. Then P(w > 0) = 1 / c, because E[w] = 1, and the mean of G where w > 0 is the mean of w G.
 */
function areAlike(weights: ArrayLike<number>): boolean {
  const some = Array.from(weights).filter((w) => w > 0), [first] = some;
  return some.every((w) => Math.abs(w - first) <= 1e-9 * first);
}

/** @throws {RangeError} for a number outside of a range */
function requireWithin(what: string, { array }: Tensor, [low, high]: readonly [number, number], cure: string): void {
  checked(array, () => {
    const data = contiguousData(here(array)), at = data.findIndex((x) => x < low || x > high);
    if (at >= 0) throw new RangeError(`Cannot bound a return: ${what} is ${data[at]}, outside of [${low}, ${high}]; ${cure}`);
  });
}

/**
 * {@link star}, with a forecast for ranges that are many times wider than the deviation: no bet may exceed 1 / (high - m), so that n
 * values need a distance of about ln(1 / delta) (high - m) / n, however small the variance.
 */
const starOfWeights: Bound = {
  ...star,
  forecast({ mean, variance }, { n, delta, range: [, high] }) {
    const normal = 1.05 * keptQuantile(Math.min(delta, 0.4), Infinity), gap = decided(() => high - mean.value);
    return weightedSum([mean, variance.mul(normal * normal / n).add((-log(delta) * gap / n) ** 2).sqrt()], [1, 1]);
  },
};
