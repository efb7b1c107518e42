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

/** Σ T / Σ F; NaN before the first step. */
export function estimateOf({ tops, bottoms }: Course): number {
  return tops / bottoms;
}

/** All g in a range that the steps do not refuse; both ends err together with probability at most alpha over all time. */
export function intervalFrom(course: Course, [low, high]: readonly [number, number], alpha: number): [number, number] {
  const estimate = Math.min(high, Math.max(low, estimateOf(course)));
  if (!(course.bottoms > 0) || !(high > low)) return [low, high];
  return [refusedUpTo(course, estimate, low, high - low, alpha / 2), refusedUpTo(course, estimate, high, high - low, alpha / 2)];
}

/** The last refused g on the way from an end of the range to the estimate; the end itself if it is not refused. */
function refusedUpTo(course: Course, estimate: number, end: number, length: number, alpha: number): number {
  const enough = 1 / alpha;
  const refused = (g: number) => {
    const { tops, bottoms, squares: [tt, tf, ff] } = course;
    const lead = Math.abs(tops - g * bottoms) / length, spread = Math.max(0, tt - 2 * g * tf + g * g * ff) / (length * length);
    let sum = 0;
    for (let k = 0; k < sizes.length; k++) sum += exp(Math.min(600, greatest * sizes[k] * lead - costs[k] * spread));
    return sum >= enough * sizes.length;
  };
  if (!refused(end)) return end;
  let from = end, to = estimate;
  for (let i = 0; i < 40; i++) {
    const middle = (from + to) / 2;
    if (refused(middle)) from = middle;
    else to = middle;
  }
  return from;
}

const greatest = 0.9;
/** ψ(λ) by size. */
const costs = sizes.map((size) => -log(1 - greatest * size) - greatest * size);
