/** Figures of training and tests, drawn by code that is loaded on use. @module */
import type { Step } from "../records/log.ts";
import type { ConstraintReport } from "../safety_test.ts";
import type { PlotBoundsOptions } from "./plot_bounds.ts";

/**
 * The course of training as SVG text, four panels by step: the objective f, the multipliers lambda, the bounds on g with a shaded
 * region where a constraint is predicted to fail, and the Lagrangian.
 * @param texts the constraints, to label their curves
 */
export async function plotLog(log: readonly Step[], texts: readonly string[]): Promise<string> {
  return await (await import("./drawn.ts")).drawnLog(log, texts);
}

/**
 * The measures of constraints with their intervals, as SVG text: the test's bounds if the measure was bounded separately;
 * otherwise (dashed) the Chernoff bounds of its mean at the constraint's delta, which were not part of the test.
 * @throws {RangeError} if no measure has a finite range, which these bounds need
 */
export async function plotRates(constraints: readonly ConstraintReport[]): Promise<string> {
  return await (await import("./drawn.ts")).drawnRates(constraints);
}

/** The distance of confidence bounds from a mean, by the number of values, as SVG text. It shows the value of more data. */
export async function plotBounds(options: PlotBoundsOptions): Promise<string> {
  return await (await import("./drawn.ts")).drawnBounds(options);
}
