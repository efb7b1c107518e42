import { checkArgument, checkOptions, finite, fraction, type Known, needed, whole } from "../../autodiff/options.ts";
import type { Bound } from "./bound.ts";
import { leastWhere } from "./bisect.ts";
import { binomialCdf } from "./incomplete_beta.ts";
import { keptQuantile } from "./quantiles.ts";

/** k successes in n trials, in a form linear in the probabilities. */
export interface Rate {
  coefficient: number;
  k: number;
  n: number;
}

const known: Known<Rate> = { coefficient: needed(finite), k: needed(whole(0)), n: needed(whole(1)) };

/** {@link twoRatesUpper}, with its assumptions and its forecast. */
export const twoRates: Pick<Bound, "name" | "assumes" | "guarantee" | "forecast"> & { upper: typeof twoRatesUpper } = {
  name: "buehler",
  assumes: "independent values that are 0 or 1",
  guarantee: "finite-sample",
  upper: twoRatesUpper,
  // One more than the variance's numerator, so it is never 0; nor is the bound's distance where all values are equal.
  forecast: ({ mean, variance }, { n, delta, range: [low, high] }) =>
    mean.add(variance.add((high - low) ** 2 / (4 * n)).sqrt().mul(keptQuantile(Math.min(delta, 0.4), Infinity) / Math.sqrt(n))),
};

/**
 * An exact upper bound on a₁ p₁ + a₂ p₂ from two independent counts, k₁ of n₁ and k₂ of n₂.
 *
 * Pairs of counts are ordered by an approximate upper limit T that rises with a k. The bound is the greatest value of the form
 * under which some pair (p₁, p₂) gives T(K₁, K₂) <= T(k₁, k₂) a probability above delta. It misses with probability at most delta
 * whatever the other direction of (p₁, p₂). It assumes no normal law, and only that rows are independent. That probability falls
 * as a p rises, so between two points on the line of equal value it is at most that of the corner that favours it; the line is
 * cut until those corners decide. Source: R. J. Buehler, "Confidence intervals for the product of two binomial parameters", JASA
 * 52 (1957), for the principle; I. S. F. Chan and Z. Zhang, "Test-based exact confidence intervals for the difference of two
 * binomial proportions", Biometrics 55 (1999); P. Kabaila and C. J. Lloyd (2000) for T.
 * @param delta in (0, 1)
 */
export function twoRatesUpper(first: Rate, second: Rate, delta: number): number {
  for (const rate of [first, second]) checkOptions("bound a form of two rates", rate, known);
  checkArgument("bound a form of two rates", "delta", delta, fraction);
  // A negative coefficient is a positive one for the complement: a p = a - a (1 - p).
  const rates = [first, second].map(({ coefficient: a, k, n }) => a < 0 ? { a: -a, k: n - k, n } : { a, k, n });
  const shift = Math.min(0, first.coefficient) + Math.min(0, second.coefficient);
  const [x, y] = rates as [Scaled, Scaled];
  const region = countsUpTo(x, y, delta), total = x.a + y.a;
  // A hundredth of the bound's distance from the estimate: finer would cost much and gain nothing.
  let step = 0.01 * total / Math.sqrt(x.n + y.n);
  const line = (value: number): Line => ({ value, region, x, y, delta });
  // A few points of a line are quick to check. Where they allow a value, whole lines are checked, from there upward.
  let bound = leastWhere((value) => unlikelyAtPoints(line(value)), (x.a * x.k) / x.n + (y.a * y.k) / y.n, total, step / 4);
  for (bound += step / 2; bound < total && !unlikely(line(bound), step / 8); step *= 2) bound += step;
  bound = Math.min(bound, total);
  return bound + shift + 2 ** -40 * (total + Math.abs(shift));
}

/** A rate with a positive coefficient. */
interface Scaled {
  a: number;
  k: number;
  n: number;
}

/**
 * For each count of y, the greatest count of x that is ordered no later than the observed pair; -1 for none. It falls as y's
 * count rises.
 */
function countsUpTo(x: Scaled, y: Scaled, delta: number): Int32Array {
  // A limit of more than 2 deviations would fall again as a count nears n.
  const z = Math.min(2, Math.max(0, keptQuantile(delta, Infinity)));
  const part = ({ a, n }: Scaled, k: number) => {
    const p = (k + 1) / (n + 2);
    return { mean: a * p, variance: a * a * p * (1 - p) / (n + 2) };
  };
  const limit = (i: number, j: number) => {
    const u = part(x, i), v = part(y, j);
    return u.mean + v.mean + z * Math.sqrt(u.variance + v.variance);
  };
  const seen = limit(x.k, y.k) * (1 + 1e-12), counts = new Int32Array(y.n + 1);
  for (let j = 0, i = x.n; j <= y.n; j++) {
    while (i >= 0 && limit(i, j) > seen) i--;
    counts[j] = i;
  }
  // The observed pair belongs to the region, however the limit was rounded; and the region must fall with both counts.
  counts[y.k] = Math.max(counts[y.k], x.k);
  for (let j = y.n - 1; j >= 0; j--) counts[j] = Math.max(counts[j], counts[j + 1]);
  return counts;
}

/** The pairs (p₁, p₂) with a₁ p₁ + a₂ p₂ = value, and a region of counts. */
interface Line {
  value: number;
  region: Int32Array;
  x: Scaled;
  y: Scaled;
  delta: number;
}

/** Whether the region has probability at most delta everywhere on the line; false if cells of this width cannot decide. */
function unlikely({ value, region, x, y, delta }: Line, width: number): boolean {
  const { first, last, onX } = ends(value, x, y), cells: [number, number][] = [];
  for (let i = 0; i < 32; i++) cells.push([first + (last - first) * i / 32, first + (last - first) * (i + 1) / 32]);
  while (cells.length > 0) {
    const [from, to] = cells.pop()!;
    // Both probabilities at their least in this cell.
    if (probability(region, x.n, y.n, onX(to), from) <= delta) continue;
    if (to - from < width) return false;
    const middle = (from + to) / 2;
    cells.push([from, middle], [middle, to]);
  }
  return true;
}

function unlikelyAtPoints({ value, region, x, y, delta }: Line): boolean {
  const { first, last, onX } = ends(value, x, y);
  for (let i = 0; i <= 20; i++) {
    const q = first + (last - first) * i / 20;
    if (probability(region, x.n, y.n, onX(q), q) > delta) return false;
  }
  return true;
}

/** The range of p₂ on a line within the square, and its p₁ there. */
function ends(value: number, x: Scaled, y: Scaled) {
  const onX = (q: number) => Math.min(1, Math.max(0, (value - y.a * q) / x.a));
  return { first: Math.max(0, (value - x.a) / y.a), last: Math.min(1, value / y.a), onX };
}

/** The probability of the region: Σ_j P(K₂ = j) P(K₁ <= counts[j]); omitted terms count as 1e-14. */
function probability(counts: Int32Array, n: number, m: number, p: number, q: number): number {
  if (q <= 0) return binomialCdf(counts[0], n, p);
  if (q >= 1) return binomialCdf(counts[m], n, p);
  fill(first, n, p);
  fill(second, m, q);
  for (let i = first.from + 1; i < first.to; i++) first.terms[i] += first.terms[i - 1];
  const all = first.terms[first.to - 1];
  let sum = 0, inside = 0;
  for (let j = second.from; j < second.to; j++) {
    const term = second.terms[j], i = counts[j];
    sum += term;
    if (i >= first.from) inside += term * (i >= first.to ? all : first.terms[i]);
  }
  return inside / (sum * all) + 1e-14;
}

/** P(K = i) for i in [from, to), relative to the greatest, K binomial; vanishingly rare terms are left out. */
interface Terms {
  terms: Float64Array;
  from: number;
  to: number;
}

/** A bound computes thousands of laws, one after the other, in these buffers. */
const first: Terms = { terms: new Float64Array(0), from: 0, to: 0 }, second: Terms = { ...first };

function fill(law: Terms, n: number, p: number): void {
  if (law.terms.length <= n) law.terms = new Float64Array(2 * n + 2);
  const { terms } = law;
  if (p <= 0 || p >= 1) {
    law.from = p <= 0 ? 0 : n;
    law.to = law.from + 1;
    terms[law.from] = 1;
    return;
  }
  const mode = Math.min(n, Math.floor((n + 1) * p)), odds = p / (1 - p);
  terms[mode] = 1;
  let to = mode + 1, from = mode;
  for (; to <= n && terms[to - 1] > 1e-18; to++) terms[to] = terms[to - 1] * ((n - to + 1) * odds) / to;
  for (; from > 0 && terms[from] > 1e-18; from--) terms[from - 1] = terms[from] * from / ((n - from + 1) * odds);
  law.from = from;
  law.to = to;
}
