import { Tensor } from "../../autodiff/mod.ts";
import type { Functional } from "../bounds/functional.ts";
import { Leaf } from "../constraints/expression.ts";
import type { Measure } from "../constraints/measure.ts";
import { alternatesIn, type Weighed, weighed, weightedLaw } from "./outputs.ts";
import { quantile, returnCvar, returnVariance } from "./return_functionals.ts";
import { sidedReturn, type Weighing } from "./sided_return.ts";
import { stateless } from "../training/stateless.ts";

/*
 * The return of a new policy pi, from episodes of a behaviour policy b: w = prod_t pi(a_t | o_t) / b(a_t | o_t), and
 * G = sum_t gamma^t r_t. With an index, as in J_pi_new_IS_[1], r is the alternate reward of that number, counted from 1.
 *
 * Without a declared range of returns, bounds are Student's, and approximate: weighted returns are as skewed as values can be. With
 * one, as in ranges: { J_pi_new_IS: [-10, 1] }, those of IS and PDIS are proven.
 */

/** Importance sampling: the mean of w G. */
export const J_pi_new_IS: Leaf = leaf("J_pi_new_IS", ({ weight, value }) => weight.mul(value), { weighs: "episode" });

/**
 * Per-decision importance sampling: the mean of sum_t gamma^t w_t r_t, w_t the weight up to step t. Its declared range must hold for
 * the discounted rewards of any part of an episode's steps. Where weights have no limit, a range of every reward, as in
 * `episodes(list, { rewardRange: [-1, 1] })`, makes bounds narrower: see `ended_returns.ts`.
 */
export const J_pi_new_PDIS: Leaf = leaf("J_pi_new_PDIS", ({ perDecision }) => perDecision, { weighs: "step" });

/** Weighted importance sampling: sum w G / sum w. Biased, and its values depend on each other: bounds are always approximate. */
export const J_pi_new_WIS: Leaf = leaf(
  "J_pi_new_WIS",
  ({ weight, value }) => weight.div(weight.mean()).mul(value),
  { weighs: "all", perRow: false },
);

/**
 * The mean return of the episodes whose actions all lie in the support of the new policy: for a behaviour policy that draws actions
 * alike, the return of one that draws alike among fewer of them, as in the Python toolkit's diabetes example; otherwise it is another
 * number. Where the weights of the data show that, bounds are approximate. It has no slope.
 */
export const J_pi_new_US: Leaf = leaf(
  "J_pi_new_US",
  ({ weight: { data }, value }) => value.take(Tensor.from(Int32Array.from(data.keys()).filter((i) => data[i] > 0))),
  { weighs: "support", perRow: false },
);

/** The return of the behaviour policy: the mean of G. */
export const J_b: Leaf = leaf("J_b", ({ value }) => value, { weighs: "none" });

/**
 * Conditional value at risk: the mean of the worst fraction of returns, as in `J_pi_new_CVaR_[0.1]`, or of an alternate reward,
 * `J_pi_new_CVaR_[0.1, 1]`; proven bounds with a declared range of returns. See `return_functionals.ts` for these three.
 */
export const J_pi_new_CVaR: Leaf = ofLaw("J_pi_new_CVaR", returnCvar);

/** Value at risk: a quantile of returns, as in `J_pi_new_Quantile_[0.5]`, the median. */
export const J_pi_new_Quantile: Leaf = ofLaw("J_pi_new_Quantile", quantile);

/** The variance of returns; `ranges` declares the range of returns. */
export const J_pi_new_Variance: Leaf = ofLaw("J_pi_new_Variance", returnVariance);

/** The same of the behaviour policy. */
const olds = ([[J_pi_new_CVaR, "CVaR"], [J_pi_new_Quantile, "Quantile"], [J_pi_new_Variance, "Variance"]] as const)
  .map(([{ measure }, name]) => ofLaw(`J_b_${name}`, measure.functional!, true));

const leaves = [
  ...[J_pi_new_IS, J_pi_new_PDIS, J_pi_new_WIS, J_pi_new_US, J_b],
  ...[J_pi_new_CVaR, J_pi_new_Quantile, J_pi_new_Variance, ...olds],
];

/** All of them, for `train({ measures })`; each of a new policy under a shorter name too, such as J_IS. */
export const measures: readonly Measure[] = leaves.flatMap(({ measure }) => {
  const short = measure.name.replace("_pi_new", "");
  const same = { ...measure, name: short };
  if (stateless.has(measure)) stateless.add(same);
  return short === measure.name ? [measure] : [measure, same];
});

/** What measures of returns have, after so many levels. */
function ofReturns(name: string, levels: number): Pick<Measure, "name" | "task" | "indices" | "range" | "wrongIndex"> {
  return {
    name,
    task: "off_policy",
    indices: levels + 1,
    range: [-Infinity, Infinity],
    wrongIndex(index, outputs) {
      const most = alternatesIn(outputs), k = index[levels] ?? 0;
      if (!Number.isInteger(most)) return `${name} is of a policy, and the model is none: give a Policy, and episodes() as data`;
      return k >= 0 && k <= most ? undefined : `there is no alternate reward ${k}: the episodes have ${most}`;
    },
  };
}

/** A quantity of the law of returns under the new policy, or under the old one. */
function ofLaw(name: string, functional: Functional, isOld = false): Leaf {
  const { levels = 1 } = functional;
  return new Leaf({
    ...ofReturns(name, levels),
    functional,
    values({ predictions }, index) {
      const found = weighed(predictions, index[levels] ?? 0);
      return weightedLaw(isOld ? { ...found, weight: found.weight.mul(0).add(1), most: 1 } : found);
    },
  });
}

/** A measure of returns. */
function leaf(
  name: string,
  values: (weighed: Weighed) => Tensor,
  { weighs, perRow }: { weighs: Weighing; perRow?: boolean },
): Leaf {
  const measure: Measure = {
    ...ofReturns(name, 0),
    ...(perRow === false && { perRow }),
    values: ({ predictions }, [k = 0]) => values(weighed(predictions, k)),
    sided(side, range, { predictions }, [k = 0]) {
      return sidedReturn(this, weighs, side, range, weighed(predictions, k));
    },
  };
  // The support is read from the numbers, which a replay would not do again.
  if (weighs !== "support") stateless.add(measure);
  return new Leaf(measure);
}
