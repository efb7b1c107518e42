import { exp, log } from "../../autodiff/mathematics/elementary.ts";
import { sizes } from "./e_process.ts";

/**
 * Sums of steps whose tops T have the mean g · F, given the past: with F = 1 the mean of values, otherwise a ratio of means. They
 * give a confidence sequence for g, of constant size.
 *
 * For X = T - g F in a range of length B, a prediction X̂ from the past, and 0 <= λ < 1,
 * exp(λ Σ (X - E X) / B - ψ(λ) Σ (X - X̂)² / B²) with ψ(λ) = -ln(1 - λ) - λ is a supermartingale of mean at most 1; so is its mean
 * over sizes of λ. The sequence has every g that it does not refuse. If g moves, it holds for the mean of g over the steps,
 * weighted by F. Source: X. Fan, I. Grama and Q. Liu, "Exponential inequalities for martingales with applications" (2015);
 * S. Howard et al., "Time-uniform, nonparametric, nonasymptotic confidence sequences" (2021).
 */
export interface Course {
  steps: number;
  tops: number;
  bottoms: number;
  /** Sums of (T - T̂)², (T - T̂) (F - F̂) and (F - F̂)². */
  squares: [number, number, number];
}

export function newCourse(): Course {
  return { steps: 0, tops: 0, bottoms: 0, squares: [0, 0, 0] };
}

/** One step. @param middle of the range of g, the first prediction */
export function follow(course: Course, top: number, bottom: number, middle: number): void {
  const { steps, squares } = course;
  const x = top - (middle + course.tops) / (steps + 1), y = bottom - (1 + course.bottoms) / (steps + 1);
  squares[0] += x * x;
  squares[1] += x * y;
  squares[2] += y * y;
  course.steps++;
  course.tops += top;
  course.bottoms += bottom;
}

/** One step whose top is a sum over independent rows. @param spread the rows' Σ (X - X̂)², which does not depend on g */
export function followBy(course: Course, top: number, bottom: number, spread: number): void {
  course.steps++;
  course.tops += top;
  course.bottoms += bottom;
  course.squares[0] += spread;
}

/** Σ T / Σ F; NaN before the first step. */
export function estimateOf({ tops, bottoms }: Course): number {
  return tops / bottoms;
}

/**
 * All g in a range that the steps do not refuse; both ends err together with probability at most alpha over all time.
 * @param length the range of X, or of the rows of which it is a sum
 */
export function intervalFrom(
  course: Course,
  [low, high]: readonly [number, number],
  alpha: number,
  length: number = high - low,
): [number, number] {
  const { bottoms, squares: [, , ff] } = course, estimate = Math.min(high, Math.max(low, estimateOf(course)));
  if (!(bottoms > 0) || !(length > 0)) return [low, high];
  if (ff > 0) return [low, high].map((end) => lastRefused(course, estimate, end, length, alpha / 2)) as [number, number];
  // The spread is the same at every g.
  const far = length * leadRefused(spreadAt(course, 0, length), alpha / 2) / bottoms;
  return [Math.max(low, estimate - far), Math.min(high, estimate + far)];
}

/** Σ (X - X̂)² at some g. */
function spreadAt({ squares: [tt, tf, ff] }: Course, g: number, length: number): number {
  return Math.max(0, tt - 2 * g * tf + g * g * ff) / (length * length);
}

/** The least lead |Σ X| that is refused: the capital at it is 1 / alpha. Newton's steps fall to it from above. */
function leadRefused(spread: number, alpha: number): number {
  const wanted = log(sizes.length / alpha);
  // The greatest bet alone would refuse this lead.
  let lead = (wanted + costs[0] * spread) / greatest;
  for (let i = 0; i < 30; i++) {
    const logs = sizes.map((size, k) => greatest * size * lead - costs[k] * spread), most = Math.max(...logs);
    let sum = 0, slope = 0;
    for (let k = 0; k < logs.length; k++) {
      const part = exp(logs[k] - most);
      sum += part;
      slope += part * greatest * sizes[k];
    }
    const step = (most + log(sum) - wanted) * sum / slope;
    if (!(step > 1e-12 * lead)) break;
    lead -= step;
  }
  return lead * (1 + 1e-11);
}

/** The last refused g on the way from an end of the range to the estimate; the end itself if it is not refused. */
function lastRefused(course: Course, estimate: number, end: number, length: number, alpha: number): number {
  const { tops, bottoms } = course, wanted = sizes.length / alpha;
  const refused = (g: number) => {
    const lead = Math.abs(tops - g * bottoms) / length, spread = spreadAt(course, g, length);
    let sum = 0;
    for (let k = 0; k < sizes.length; k++) sum += exp(Math.min(600, greatest * sizes[k] * lead - costs[k] * spread));
    return sum >= wanted;
  };
  if (!refused(end)) return end;
  let from = end, to = estimate;
  for (let i = 0; i < 30; i++) {
    const middle = (from + to) / 2;
    if (refused(middle)) from = middle;
    else to = middle;
  }
  return from;
}

const greatest = 0.9;
/** ψ(λ) by size. */
const costs = sizes.map((size) => -log(1 - greatest * size) - greatest * size);
