import { log } from "../../autodiff/mathematics/elementary.ts";
import { decided } from "../../autodiff/recorder.ts";
import { Tensor, weightedSum } from "../../autodiff/mod.ts";
import { put } from "../../autodiff/primitives/indexing.ts";
import { type Members, oneAccount, oneAccountDistance } from "../bounds/one_account.ts";
import { keptQuantile } from "../bounds/quantiles.ts";
import type { Sample, Units } from "../constraints/sample.ts";
import { combined, type Group, rangeOfGroup, unitValues } from "../constraints/groups.ts";
import type { Judgement } from "../constraints/judgement.ts";
import { blocksOf, type Strata } from "./strata.ts";

/** Measures on the same rows, and the mixture of strata that these rows are from. */
export interface MixedGroup {
  group: Group;
  mixture: readonly number[];
}

/*
 * A mean of z over the rows of A, in a population of known proportions p: μ = Σ_d p_d E[a z | d] / Σ_d p_d E[a | d], a: whether a
 * row is in A. So Σ_d p_d E[a (μ - z) | d] = 0, whatever the proportions of A within strata are. In blocks with c_d rows of
 * stratum d, rows with weights p_d / c_d have this sum for their mean: what `bounds/one_account.ts` asks of blocks.
 */

/** An upper bound on constant + Σ of one or two groups' forms, each in its population; and the number of rows that count. */
export function shiftedUpper(
  constant: number,
  mixed: readonly MixedGroup[],
  delta: number,
  sample: Sample & Units,
  strata: Strata,
  judgement: Judgement,
): { value: number; n: number } {
  const used = strata.counts.flatMap((_, d) => mixed.some(({ mixture }) => mixture[d] > 0) ? [d] : []);
  const { rows, starts, shares } = blocksOf(strata, used), ranges = mixed.map(({ group }) => rangeOfGroup(group, judgement));
  let n = 0;
  const members = mixed.map(({ group, mixture }, i): Members => {
    const [low, high] = ranges[i], { member, values } = unitValues(group, sample, ranges[i]);
    for (const row of group.rows.data) if (mixture[strata.of[row]] > 0) n++;
    return {
      coefficient: high - low,
      member: Uint8Array.from(rows, (row) => mixture[strata.of[row]] > 0 ? member[row] : 0),
      values: Float64Array.from(rows, (row) => values[row]),
      weights: shares.map((share, place) => share * mixture[strata.of[rows[place]]]),
    };
  });
  const none = { coefficient: 0, member: new Uint8Array(rows.length), values: new Float64Array(rows.length) };
  const [first, second = none] = members, lows = ranges.reduce((sum, [low]) => sum + low, constant);
  const most = ranges.reduce((sum, [, high]) => sum + high, constant);
  const value = lows + oneAccount.upper(first, second, delta, starts) + 2 ** -40 * (Math.abs(lows) + Math.abs(most));
  return { value: Math.min(most, value), n };
}

/** A group's mean in its population, and what each row adds to the error of its estimate. */
export interface MixedMean {
  mean: Tensor;
  /** [rows that count]. */
  influence: Tensor;
  rows: Tensor;
  /** The most that one row can add. */
  most: Tensor;
}

/** By the delta method: the influence of a row is p_d / c_d a (z - μ) / P(A). */
export function mixedMean(
  { group, mixture }: MixedGroup,
  sample: Sample & Units,
  { of, counts }: Strata,
  judgement: Judgement,
): MixedMean {
  const values = combined(group, sample),
    weights = Float64Array.from(group.rows.data, (row) => mixture[of[row]] / counts[of[row]]);
  const part = weights.reduce((sum, weight) => sum + weight, 0), own = Tensor.from(weights.map((weight) => weight / part));
  const mean = values.mul(own).sum(), [, high] = rangeOfGroup(group, judgement);
  const most = Math.max(...mixture.map((p, d) => p > 0 ? p / counts[d] : 0)) / part;
  return {
    mean,
    influence: values.sub(mean).mul(own),
    rows: group.rows,
    most: weightedSum([mean], [-most], high * most),
  };
}

/** The bound of a safety test as candidate rows predict it. */
export function shiftedForecast(constant: number, means: readonly MixedMean[], delta: number, { rows, testRows }: Units): {
  mean: Tensor;
  upper: Tensor;
} {
  const mean = weightedSum(means.map(({ mean }) => mean), means.map(() => 1), constant);
  const spread = means.map(({ influence, rows: own }) =>
    means.length === 1 ? influence : put([influence, own], { shape: [rows] })
  );
  const variance = spread.reduce((sum, one) => sum.add(one)).square().sum().mul(rows / testRows);
  const deviation = decided(() => variance.value > 0) ? variance.sqrt() : variance.mul(0);
  const worst = means.map(({ most }) => most).reduce((x, y) => decided(() => y.value > x.value) ? y : x);
  const { normal, worst: most } = oneAccountDistance;
  const upper = weightedSum(
    [mean, deviation, worst],
    [1, normal * keptQuantile(Math.min(delta, 0.4), Infinity), most * -log(delta) * rows / testRows],
  );
  return { mean, upper };
}
