import { decided } from "../../autodiff/recorder.ts";
import { exp, log, log1p, nearLog } from "../../autodiff/mathematics/elementary.ts";
import { type Tensor, weightedSum } from "../../autodiff/mod.ts";
import { leastWhere } from "../bounds/bisect.ts";
import { type Bound, type ForecastRequest, type Moments, parametric } from "../bounds/bound.ts";
import { keptQuantile } from "../bounds/quantiles.ts";

/*
 * Bounds on the mean of values with one known end, however far they go on the other side: h - z >= 0 is all that they need. Values
 * far from the end make a bet against "the mean is at least m" win more, so the far side needs no end.
 */

/** The weight of the prior among the squares in the data, in units of `scale`^2. */
const prior = 0.25;
/** As in `star`. */
const aim = 1.02, rounding = 1e-9;
/** Means to try in a unit of `scale`, and the units: a bound beyond them would be true of no mean in a range like that unit. */
const steps = 4096, units = 8;

/**
 * Betting as `star` does, for values at most h: against "the mean is at least m = h - mu", capital 1 becomes
 * prod (1 + lambda_t (x_t - mu)), x_t = (h - z_t) / scale >= 0, with bets lambda_t in [0, 1 / mu] that depend on earlier values only.
 * It has mean at most 1 and is never negative, so it reaches 1 / delta with probability at most delta (J. Ville, 1939). Means are
 * tried from h down in fixed steps, until the first that is not refused; the last refused one is the bound.
 * Source: I. Waudby-Smith, L. Wu, A. Ramdas, N. Karampatziakis and P. Mineiro, "Anytime-valid off-policy inference for contextual
 * bandits" (2022), for bets without a greatest weight; V. Voracek and F. Orabona, "STaR-Bets" (2025), for the bets.
 * @param scale a typical h - z, in the unit of values: any number is valid
 */
export function oneSidedStar(scale: number): Bound {
  return own(scale, {
    name: "one-sided-star",
    assumes: "independent values with a known end on one side",
    guarantee: "finite-sample",
    values: "half-bounded",
    ordered: true,
    upper: (values, { delta, range: [, high] }) => high - scale * lastRefused(refuses, scaled(values, high, scale), delta),
    forecast: forecastFor(scale),
  });
}

/**
 * A bound that holds after every number of values at once: with probability 1 - delta none of those after 1, 2, 3, ... values misses, so
 * one may look after each, and stop when one likes. The capital is as in {@link oneSidedStar}, with bets that know no last value:
 * lambda_t = (m_t - mu) / (v_t + (m_t - mu)^2), between 0 and 1 / mu, with mean m_t and variance v_t of the earlier values. A bound of
 * more values is never wider. About 1.5 times as far from the mean as one for a known number. Values are taken in the order given, that
 * of their arrival: `lowerBound(values, { method: anytimeBets(1), delta, range: [0, Infinity] })` after each. A safety test draws an
 * order of its own for its rows, and is one look.
 * Source: I. Waudby-Smith, L. Wu, A. Ramdas, N. Karampatziakis and P. Mineiro (2022), as above; the bets: I. Waudby-Smith and A. Ramdas,
 * "Estimating means of bounded random variables by betting", JRSS B 86 (2024), "aGRAPA".
 * @param scale a typical h - z, in the unit of values: any number is valid
 */
export function anytimeBets(scale: number): Bound {
  const forecast = forecastFor(scale);
  return own(scale, {
    name: "anytime-bets",
    assumes: "independent values with a known end on one side",
    guarantee: "finite-sample",
    values: "half-bounded",
    upper: (values, { delta, range: [, high] }) => high - scale * lastRefused(everRefuses, scaled(values, high, scale), delta),
    forecast: (moments, request) => weightedSum([forecast(moments, request), moments.mean], [1.5, -0.5]),
  });
}

/** (h - z) / scale. */
function scaled(values: Float64Array, high: number, scale: number): Float64Array {
  return values.map((z) => (high - z) / scale);
}

/** The last of the means 1 / steps, 2 / steps, ... up to which each is refused. */
function lastRefused(refuses: (x: Float64Array, mu: number, delta: number) => boolean, x: Float64Array, delta: number): number {
  let last = 0;
  while (last < units * steps && refuses(x, (last + 1) / steps, delta)) last++;
  return last / steps;
}

/** Whether betting against a mean of at most mu ever turns 1 into 1 / delta. */
function everRefuses(x: Float64Array, mu: number, delta: number): boolean {
  let capital = delta, sum = mu, squares = prior, count = 1;
  for (const z of x) {
    const mean = sum / count, gap = mean - mu, bet = gap / (squares / count + gap * gap);
    capital *= 1 + Math.max(0, Math.min(bet, 1 / mu)) * (z - mu);
    if (capital >= 1 + rounding) return true;
    if (!(capital > 1e-300)) return false;
    squares += (z - mean) ** 2;
    sum += z;
    count++;
  }
  return false;
}

/** Whether betting against a mean of at most mu turns 1 into 1 / delta. */
function refuses(x: Float64Array, mu: number, delta: number): boolean {
  const n = x.length, greatest = 1 / mu;
  let capital = delta, squares = prior;
  for (let t = 0; t < n; t++) {
    const gap = x[t] - mu, bet = Math.sqrt(-2 * nearLog(capital / aim) * (t + 1) / ((n - t) * squares));
    capital *= 1 + Math.min(bet, greatest) * gap;
    if (capital >= 1 + rounding) return true;
    if (!(capital > 1e-300)) return false;
    squares += gap * gap;
  }
  return false;
}

/** The rates of smoothing, in units of sqrt(2 ln(1 / delta) / n) / scale; each has the same part of the capital. */
const rates = [4, 2, 1, 0.5, 0.25, 0.125, 0.0625, 0.03125];

/**
 * Logarithmic smoothing, for values at most h and x = (h - z) / scale >= 0: for every lambda, prod (1 + lambda x_i) / (1 + lambda mu)
 * has mean 1, and reaches 1 / delta with probability at most delta (Markov), and so does the mean over fixed lambdas. The bound is
 * where it does. The logarithm tames large values: it is the mean of ln(1 + lambda x) / lambda that is bounded. The order of values
 * does not matter.
 * Source: O. Sakhi, I. Aouali, P. Alquier and N. Chopin, "Logarithmic smoothing for pessimistic off-policy evaluation, selection and
 * learning", NeurIPS 2024, Corollary 4, for one lambda.
 * @param scale a typical h - z, in the unit of values: any number is valid
 */
export function logarithmicSmoothing(scale = 1): Bound {
  return own(scale, {
    name: "logarithmic-smoothing",
    assumes: "independent values with a known end on one side",
    guarantee: "finite-sample",
    values: "half-bounded",
    upper(values, { delta, range: [, high] }) {
      const n = values.length, wanted = -log(delta) + rounding, unit = Math.sqrt(2 * wanted / n);
      const sums = rates.map((rate) => values.reduce((sum, z) => sum + log1p(rate * unit * (high - z) / scale), 0));
      const refused = (mu: number) => {
        const logs = sums.map((sum, i) => sum - n * log1p(rates[i] * unit * mu)), most = Math.max(...logs);
        return most + log(logs.reduce((sum, one) => sum + exp(one - most), 0) / rates.length) >= wanted;
      };
      const mean = values.reduce((sum, z) => sum + (high - z) / scale, 0) / n;
      // As -mu grows, refusals begin; the end that counts as refused is 0, the least possible mean.
      return high - scale * -leastWhere((minus) => minus >= 0 || refused(-minus), -mean, 0);
    },
    forecast: forecastFor(scale),
  });
}

/** Marks a bound as the kit's, so that a verdict does not call it somebody's own; digests of settings see the scale of its function. */
function own(scale: number, bound: Bound): Bound {
  Object.assign(bound.upper, { scale });
  parametric.made.add(bound);
  return bound;
}

/** The normal approximation, with a little for what bets lose before they know the variance. */
function forecastFor(scale: number): (moments: Moments, request: ForecastRequest) => Tensor {
  return ({ mean, variance }, { n, delta }) => {
    const deviation = decided(() => variance.value > 0) ? variance.sqrt() : variance;
    const normal = 1.05 * keptQuantile(Math.min(delta, 0.4), Infinity) / Math.sqrt(n);
    return weightedSum([mean, deviation], [1, normal], scale * -0.2 * log(delta) / n);
  };
}
