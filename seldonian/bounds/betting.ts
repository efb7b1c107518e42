import { log, log1p } from "../../autodiff/mathematics/elementary.ts";
import { leastWhere } from "./bisect.ts";
import type { Bound } from "./bound.ts";
import { star } from "./star.ts";

/** The greatest fraction of the capital to stake. */
const greatestStake = 0.5;

/**
 * The one-sided half of the hedged capital bound, as published. Against "the mean is at least m", on [0, 1], capital 1 becomes Π
 * (1 + min(λ_t, 1 / (2 (1 - m))) (m - z_t)) with λ_t = √(2 ln(1 / delta) / (n v_t)), where v_t is the variance of the earlier
 * values with one more of 1/4. The capital grows with m, and ever reaches 1 / delta with probability at most delta (J. Ville,
 * 1939). The order of values matters.
 * Source: I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86 (2024), Theorem 3
 * and (26); `betting` of the Python package confseq.
 */
export const betting: Bound = {
  name: "betting",
  assumes: "independent values in a known finite range",
  guarantee: "finite-sample",
  values: "bounded",
  ordered: true,
  upper(values, { delta, range: [low, high] }) {
    const width = high - low, n = values.length, target = -log(delta);
    const z = values.map((value) => (value - low) / width), bets = new Float64Array(n);
    for (let t = 0, sum = 0.5, squares = 0.25; t < n; t++) {
      bets[t] = Math.sqrt(2 * target * (t + 1) / (n * squares));
      sum += z[t];
      squares += (z[t] - sum / (t + 2)) ** 2;
    }
    const refused = (m: number) => {
      for (let t = 0, capital = 0; t < n; t++) {
        capital += log1p(Math.min(bets[t], greatestStake / (1 - m)) * (m - z[t]));
        if (capital >= target + 1e-9) return true;
      }
      return false;
    };
    return low + width * leastWhere(refused, 0, 1);
  },
  forecast: (moments, request) => {
    // √(2 ln(1 / delta)) standard errors replace the normal quantile: the same form at another delta.
    const { mean } = moments, wider = Math.sqrt(2 * -log(request.delta)) / 1.645;
    return star.forecast(moments, { ...request, delta: 0.05 }).sub(mean).mul(wider).add(mean);
  },
};
