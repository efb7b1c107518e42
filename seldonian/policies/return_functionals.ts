import { decided } from "../../autodiff/recorder.ts";
import { log } from "../../autodiff/mathematics/elementary.ts";
import { Tensor, type TypedArray } from "../../autodiff/mod.ts";
import type { ForecastRequest, Request } from "../bounds/bound.ts";
import type { Functional } from "../bounds/functional.ts";
import { keptQuantile } from "../bounds/quantiles.ts";
import { betsReach, lastRefused } from "./predicted_bets.ts";

/*
 * Quantities of the law of returns under a new policy besides the mean, from weighted episodes; Y. Chandak, S. Niekum, B. da Silva,
 * E. Learned-Miller, E. Brunskill and P. S. Thomas, "Universal off-policy evaluation", NeurIPS 2021, bound them by a band around the
 * distribution function. Here each is bounded by bets of its own with the whole delta. Values of an episode are its weight, its
 * return, and 1 / the greatest weight of any.
 */

/** The numbers of an episode. */
const width = 3;

/** Some episodes. */
interface Weighted {
  weights: Float64Array;
  returns: Float64Array;
  /** The greatest weight that an episode can have. */
  greatest: number;
}

/**
 * The mean of returns, for weights with a limit: bets on w (G - m), so that the mean itself is the point from which returns are
 * measured, and nobody needs to know a typical one.
 */
export const returnMean: Functional = {
  ...common("bets-on-returns"),
  levels: 0,
  value: (values) => column(values, 0).mul(column(values, 1)).mean(),
  lower(values, _, request) {
    const { weights, returns, greatest } = episodesIn(values, request), { delta, range: [low, high] } = request;
    return lastRefused([low, high], (mean) =>
      betsReach(weights, greatest, (t, one) => {
        one.value = high - returns[t];
        one.most = high - low;
        one.target = high - mean;
      }, delta), fine);
  },
  upper(values, level, request) {
    const mirrored = values.map((x, i) => i % width === 1 ? -x : x), { range: [low, high] } = request;
    return -returnMean.lower(mirrored, level, { ...request, range: [-high, -low] });
  },
  // In operations alone, so that steps with it are replayed.
  forecast(side, values, _, { n, delta, range: [low, high] }) {
    const [w, g] = [0, 1].map((j) => column(values, j)), all = w.sum(), greatest = decided(() => 1 / values.data[2]);
    const about = decided(() => all.value > 0) ? w.mul(g).sum().div(all) : g.mean(), z = w.mul(g.sub(about));
    const gap = (side === "lower" ? about.sub(low) : about.neg().add(high)).mul(-log(delta) * greatest / n);
    const normal = 1.05 * keptQuantile(Math.min(delta, 0.4), Infinity);
    const far = z.variance().mul(normal * normal / n).add(gap.square()).sqrt();
    return z.mean().add(about).add(far.mul(side === "lower" ? -1 : 1));
  },
};

/** Steps of a mean, as in `star`. */
const fine = 4096;

/**
 * Value at risk: the least x with P(G <= x) >= level. A lower bound of x needs P(G < x) < level, an upper one P(G > x) <= 1 - level:
 * each is a bet on one mean, for points from the end of the range on.
 */
export const quantile: Functional = {
  ...common("bets-on-quantiles"),
  value: (values, level) => quantileAt(values, level),
  lower: (values, level, request) => quantileLower(episodesIn(values, request), level, request),
  upper: (values, level, request) => quantileUpper(episodesIn(values, request), level, request),
  forecast(side, values, level, { n, delta, range: [low, high] }) {
    const { weights, returns, greatest } = episodesOf(values), q = weightedQuantile(weights, returns, level);
    const gaps = weights.map((w, i) => w * (level - (returns[i] <= q ? 1 : 0)));
    const far = distance(varianceOf(gaps), (greatest < Infinity ? greatest : 1) * Math.max(level, 1 - level), { n, delta });
    const at = side === "lower" ? level - far : level + far;
    return at > 0 && at < 1 ? quantileAt(values, at) : Tensor.scalar(side === "lower" ? low : high);
  },
};

/**
 * Conditional value at risk of returns: the mean of the worst fraction `level` of them, sup over x of x - E(x - G)+ / level. Whatever
 * x is, that is a lower bound of it: x_t is the quantile of earlier episodes. For an upper bound the quantiles of eight equal
 * parts of the fraction are bounded, with an eighth of delta each.
 * Source: R. T. Rockafellar and S. Uryasev, "Optimization of conditional value-at-risk" (2000).
 */
export const returnCvar: Functional = {
  ...common("bets-on-tails"),
  value(values, level) {
    const { weights, returns } = episodesOf(values), x = weightedQuantile(weights, returns, level), w = column(values, 0);
    const below = Tensor.from(returns.map((g) => Math.max(0, x - g)));
    return w.mul(below).sum().div(w.sum()).mul(-1 / level).add(x);
  },
  lower(values, level, request) {
    const { delta, range: [low, high] } = request, { weights, returns, greatest } = episodesIn(values, request);
    const points = predictedQuantiles(weights, returns, level, low);
    return lastRefused([low, high], (mean) =>
      betsReach(weights, greatest, (t, one) => {
        const x = points[t];
        one.value = Math.max(0, x - returns[t]);
        one.most = x - low;
        one.target = level * (x - mean);
      }, delta));
  },
  upper(values, level, request) {
    const found = episodesIn(values, request), parts = 8, each = { ...request, delta: request.delta / parts };
    let sum = 0;
    for (let k = 1; k <= parts; k++) sum += quantileUpper(found, level * k / parts, each);
    return sum / parts;
  },
  forecast(side, values, level, { n, delta, range }) {
    if (side === "upper") {
      const parts = [1, 2, 3, 4, 5, 6, 7, 8].map((k) =>
        quantile.forecast(side, values, level * k / 8, { n, delta: delta / 8, range })
      );
      return parts.reduce((sum, one) => sum.add(one)).mul(1 / 8);
    }
    const { weights, returns, greatest } = episodesOf(values), x = weightedQuantile(weights, returns, level);
    const below = returns.map((g) => Math.max(0, x - g)), left = Math.max(1, n / 1.7 - 1 / level);
    // Bets at quantiles of few earlier episodes are worth less: found for uniform returns.
    const mean = meanUnder(column(values, 0), below, greatest < Infinity ? undefined : x - range[0]);
    return mean.value.add(forecastOf(mean, (x - range[0]) * (greatest < Infinity ? greatest : 1), { n: left, delta }))
      .mul(-1 / level).add(x);
  },
};

/**
 * The variance of returns, inf over c of E(G - c)^2. Whatever c is, that is an upper bound of it: c_t is the mean of earlier
 * episodes. No lower bound but 0.
 */
export const returnVariance: Functional = {
  ...common("bets-on-squares"),
  levels: 0,
  range: ([low, high]) => [0, (high - low) ** 2 / 4],
  value(values) {
    const { returns } = episodesOf(values), w = column(values, 0), g = Tensor.from(returns), all = w.sum();
    return w.mul(g.sub(w.mul(g).sum().div(all)).square()).sum().div(all);
  },
  lower: () => 0,
  upper(values, _, request) {
    const { delta, range: [low, high] } = request, { weights, returns, greatest } = episodesIn(values, request);
    const centres = predictedMeans(weights, returns, (low + high) / 2);
    return lastRefused([(high - low) ** 2 / 4, 0], (variance) =>
      betsReach(weights, greatest, (t, one) => {
        const c = centres[t];
        one.value = (returns[t] - c) ** 2;
        one.most = Math.max(high - c, c - low) ** 2;
        one.target = variance;
      }, delta));
  },
  forecast(side, values, _, { n, delta, range: [low, high] }) {
    if (side === "lower") return Tensor.scalar(0);
    const { weights, returns, greatest } = episodesOf(values), all = sumOf(weights);
    const c = sumOf(weights.map((w, i) => w * returns[i])) / all, most = Math.max(high - c, c - low) ** 2;
    const mean = meanUnder(column(values, 0), returns.map((g) => (g - c) ** 2), greatest < Infinity ? undefined : most);
    return mean.value.add(forecastOf(mean, most * (greatest < Infinity ? greatest : 1), { n, delta }));
  },
};

/** What all of them have. */
function common(name: string): Pick<Functional, "name" | "assumes" | "guarantee" | "width"> {
  return { name, assumes: "independent episodes with returns in a known range", guarantee: "finite-sample", width };
}

function quantileLower({ weights, returns, greatest }: Weighted, level: number, { delta, range }: Request): number {
  return lastRefused(range, (x) =>
    betsReach(weights, greatest, (t, one) => {
      one.value = returns[t] < x ? 1 : 0;
      one.target = level;
    }, delta));
}

function quantileUpper(episodes: Weighted, level: number, { delta, range: [low, high] }: Request): number {
  const { weights, returns, greatest } = episodes;
  return lastRefused([high, low], (x) =>
    betsReach(weights, greatest, (t, one) => {
      one.value = returns[t] > x ? 1 : 0;
      one.target = 1 - level;
    }, delta));
}

/**
 * The episodes of a test.
 * @throws {RangeError} for a return outside of the range, or a weight above the greatest
 */
function episodesIn(values: TypedArray, { range: [low, high] }: Request): Weighted {
  const found = taken(values), slack = 1e-9 * (high - low);
  const outside = found.returns.find((g) => !(g >= low - slack && g <= high + slack));
  if (outside !== undefined) {
    throw new RangeError(
      `Cannot bound returns: one is ${outside}, outside of [${low}, ${high}]; give ranges that hold for every episode`,
    );
  }
  const above = found.weights.find((w) => !(w >= 0 && w <= found.greatest * (1 + 1e-9)));
  if (above === undefined) return { ...found, returns: found.returns.map((g) => Math.min(high, Math.max(low, g))) };
  throw new RangeError(`Cannot bound returns: an importance weight is ${above}, and the greatest ${found.greatest}`);
}

function episodesOf(values: Tensor): Weighted {
  return taken(values.data);
}

function taken(values: TypedArray): Weighted {
  const column = (j: number) => Float64Array.from({ length: values.length / width }, (_, i) => values[width * i + j]);
  return { weights: column(0), returns: column(1), greatest: 1 / values[2] };
}

function column(values: Tensor, j: number): Tensor {
  return values.slice(1, j, j + 1).reshape(values.shape[0]);
}

/** The least return with at least this part of the weight up to it; the greatest one where there is no weight. */
function weightedQuantile(weights: Float64Array, returns: Float64Array, level: number): number {
  const order = returns.map((_, i) => i).sort((i, j) => returns[i] - returns[j]), wanted = level * sumOf(weights) * (1 - 1e-12);
  let sum = 0;
  for (const i of order) if ((sum += weights[i]) >= wanted) return returns[i];
  return returns[order[order.length - 1]];
}

/** The quantile of the episodes before each, computed anew when there are a tenth more; `first` before there are 1 / level. */
function predictedQuantiles(weights: Float64Array, returns: Float64Array, level: number, first: number): Float64Array {
  let [x, next] = [first, Math.ceil(1 / level)];
  return returns.map((_, t) => {
    if (t < next) return x;
    next = Math.ceil(1.1 * t + 1);
    return x = weightedQuantile(weights.subarray(0, t), returns.subarray(0, t), level);
  });
}

/** The mean of the episodes before each, with one of `first`. */
function predictedMeans(weights: Float64Array, returns: Float64Array, first: number): Float64Array {
  let [sum, all] = [first, 1];
  return returns.map((g, t) => {
    const mean = sum / all;
    sum += weights[t] * g;
    all += weights[t];
    return mean;
  });
}

/**
 * The quantile, with the slope of a smooth law: dx = -dF(x) / f(x), with the density f between quantiles on either side.
 */
function quantileAt(values: Tensor, level: number): Tensor {
  const { weights, returns } = episodesOf(values), at = (level: number) => weightedQuantile(weights, returns, level);
  const x = at(level), near = 0.5 * Math.min(level, 1 - level), w = column(values, 0);
  const space = Math.max(at(level + near) - at(level - near), 1e-3 * (at(1) - at(0)));
  const below = w.mul(Tensor.from(returns.map((g) => g <= x ? 1 : 0))).sum().div(w.sum());
  return below.sub(below.value).mul(-space / (2 * near)).add(x);
}

/** The mean of a function of returns under the new policy, and the variance of what is averaged for it. */
interface MeanUnder {
  value: Tensor;
  variance: Tensor;
}

/** @param about a known number from which to measure, because E[w] = 1; default: the mean */
function meanUnder(w: Tensor, s: Float64Array, about?: number): MeanUnder {
  const weights = w.data, d = about ?? sumOf(s.map((one, i) => weights[i] * one)) / sumOf(weights as Float64Array);
  const z = w.mul(Tensor.from(s.map((one) => one - d)));
  return { value: z.mean().add(d), variance: z.variance() };
}

/** The predicted distance of a bound by bets from its mean; see `starOfWeights`. */
function forecastOf({ variance }: MeanUnder, gap: number, { n, delta }: Pick<ForecastRequest, "n" | "delta">): Tensor {
  const normal = 1.05 * keptQuantile(Math.min(delta, 0.4), Infinity);
  return variance.mul(normal * normal / n).add((-log(delta) * gap / n) ** 2).sqrt();
}

function distance(variance: number, gap: number, how: Pick<ForecastRequest, "n" | "delta">): number {
  return forecastOf({ value: Tensor.scalar(0), variance: Tensor.scalar(variance) }, gap, how).value;
}

function varianceOf(values: Float64Array): number {
  const mean = sumOf(values) / values.length;
  return sumOf(values.map((z) => (z - mean) ** 2)) / Math.max(1, values.length - 1);
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}
