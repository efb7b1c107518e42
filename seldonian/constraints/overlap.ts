import { decided } from "../../autodiff/recorder.ts";
import { log } from "../../autodiff/mathematics/elementary.ts";
import { Tensor, weightedSum } from "../../autodiff/mod.ts";
import { pick } from "../../autodiff/primitives/indexing.ts";
import type { Moments } from "../bounds/bound.ts";
import { oneAccount, oneAccountDistance } from "../bounds/one_account.ts";
import { keptQuantile } from "../bounds/quantiles.ts";
import { type Found, type JoinedForm, partsOf, rangeOfGroup, unitValues } from "./groups.ts";
import { inflated } from "./judgement.ts";

/**
 * Bounds a form over two groups that may overlap, even if no row of the data is in both. Given that a row is in both, its value
 * has another mean than in either group, so neither rows in both nor blocks would be valid.
 */
export function account({ form, groups, delta, sample, judgement, forecast }: JoinedForm): Found {
  const { rows, testRows } = groups[0].source;
  const ranges = groups.map((group) => rangeOfGroup(group, judgement));
  if (forecast === undefined) {
    const [first, second] = groups.map((group, i) => {
      const [low, high] = ranges[i];
      return { coefficient: high - low, ...unitValues(group, sample, ranges[i]) };
    });
    const lows = ranges.reduce((sum, [low]) => sum + low, form.constant),
      most = ranges.reduce((sum, [, high]) => sum + high, form.constant);
    // Rounding of the sums is far below this margin.
    const found = Math.min(most, lows + oneAccount.upper(first, second, delta) + 2 ** -40 * (Math.abs(lows) + Math.abs(most)));
    return { n: rows, value: Tensor.scalar(found) };
  }
  const { mean, variance, worst } = accountMoments({ form, groups, sample }, ranges);
  const deviation = decided(() => variance.value > 0) ? variance.sqrt() : variance.mul(0),
    { normal, worst: most } = oneAccountDistance;
  const factor = normal * keptQuantile(Math.min(delta, 0.4), Infinity) / Math.sqrt(testRows),
    rest = most * -log(delta) / testRows;
  return { n: testRows, value: inflated(weightedSum([mean, deviation, worst], [1, factor, rest]), mean, forecast) };
}

/**
 * The form, and the variance of a row's part in it: Σ over groups G of 1{row in G} (z - μ_G) / P(G). By the delta method it is
 * Σ_G var_G / P(G) + 2 P(A and B) cov / (P(A) P(B)), cov over the rows in both. Also the most that one row can add: the greatest
 * (high_G - μ_G) / P(G).
 */
function accountMoments(
  { form, groups, sample }: Pick<JoinedForm, "form" | "groups" | "sample">,
  ranges: readonly (readonly [number, number])[],
): Moments & { worst: Tensor } {
  const [first, second] = groups, { rows } = first.source, found = partsOf(groups, sample);
  const moments = found.map(({ moments }) => moments), factors = found.map(({ factor }) => factor);
  const mean = weightedSum(moments.map(({ mean }) => mean), factors, form.constant);
  const parts = groups.map(({ rows: { size } }) => size / rows);
  const taken = moments.map(({ mean }, i) => weightedSum([mean], [-factors[i] / parts[i]], ranges[i][1] / parts[i]));
  const worst = decided(() => taken[0].value > taken[1].value) ? taken[0] : taken[1];
  const alone = moments.map(({ variance }) => variance), weights = factors.map((factor, i) => factor * factor / parts[i]);
  const [inFirst, inSecond] = sample.common(first.terms[0].leaf, second.terms[0].leaf);
  if (inFirst.size === 0) return { mean, variance: weightedSum(alone, weights), worst };
  const [x, y] = found.map((part, i) => pick([part.values(), i === 0 ? inFirst : inSecond]).sub(moments[i].mean));
  const both = x.mul(y).sum();
  const variance = weightedSum([...alone, both], [...weights, 2 * factors[0] * factors[1] / (parts[0] * parts[1] * rows)]);
  return { mean, variance, worst };
}
