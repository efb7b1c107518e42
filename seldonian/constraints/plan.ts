import { exp } from "../../autodiff/mathematics/elementary.ts";
import { noGrad } from "../../autodiff/mod.ts";
import type { Sample } from "./sample.ts";
import { type Conjunct, evaluate } from "./evaluate.ts";
import type { Forecast } from "./judgement.ts";
import type { Compared, Promised } from "./promise.ts";
import { shareForm, type Shares } from "./shares.ts";

/**
 * Plans the safety test on candidate data: which way of a disjunction to test, whether to bound a linear form as one statistic or
 * measure by measure, and how to split delta. Each choice minimises the predicted bound. The safety data plays no part, so the
 * test keeps its delta.
 */
export function planned(promised: Promised, sample: Sample): Promised {
  const forecast = { inflation: 1 };
  return noGrad(() => {
    const ways = promised.ways.map((way) => way.map((conjunct) => refined(conjunct, promised, sample, forecast)));
    if (ways.length === 1) return { ...promised, ways };
    const uppers = ways.map((way) => Math.max(...way.map((conjunct) => upperOf(conjunct, promised, sample, forecast))));
    return { ...promised, ways: [ways[uppers.indexOf(Math.min(...uppers))] ?? ways[0]] };
  });
}

function refined(conjunct: Conjunct, promised: Promised, sample: Sample, forecast: Forecast): Conjunct {
  const { form, delta } = conjunct;
  if (form === null || form.terms.length < 2) return conjunct;
  const apart = (weights?: number[]): Conjunct => ({
    ...conjunct,
    shares: weights ? shareForm(form, delta, (_, i) => weights[i]) : conjunct.shares,
    asOne: false,
  });
  const of = (candidate: Conjunct) => upperOf(candidate, promised, sample, forecast);
  // No shares can beat all of delta for every measure.
  const whole = { ...apart(), shares: conjunct.shares.map((share) => wholeDelta(share, delta)) };
  if (conjunct.asOne && of(conjunct) <= of(whole)) return conjunct;
  const best = promised.shares === "optimal"
    ? apart(optimalWeights(form.terms.length, (weights) => of(apart(weights))))
    : apart();
  return conjunct.asOne && of(conjunct) <= of(best) ? { ...best, asOne: true } : best;
}

function wholeDelta({ leaf, lower, upper }: Shares, delta: number): Shares {
  return { leaf, lower: lower && delta, upper: upper && delta };
}

/** Weights that sum to 1 and minimise `upper`, by steps along one measure after the other. */
function optimalWeights(count: number, upper: (weights: number[]) => number): number[] {
  const normalised = (logs: number[]) => {
    const powers = logs.map(exp), total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map((power) => power / total);
  };
  let logs = new Array<number>(count).fill(0), least = upper(normalised(logs));
  for (let step = 1.5; step > 0.04; step /= 2) {
    // Only ratios of weights matter, so the first stays.
    for (let i = 1; i < count; i++) {
      for (const move of [step, -step]) {
        const next = logs.with(i, logs[i] + move), found = upper(normalised(next));
        if (found < least) [logs, least] = [next, found];
      }
    }
  }
  return normalised(logs);
}

function upperOf(conjunct: Conjunct, { judgement, populations }: Compared, sample: Sample, forecast: Forecast): number {
  return (populations?.evaluate ?? evaluate)(conjunct, sample, judgement, forecast).interval.upper.value;
}
