/**
 * Measures as formulas, to build constraints in code: `measures.ACC.atLeast(0.95)`. To add one, add it to a file here.
 * @module
 */
export type { Functional } from "../bounds/functional.ts";
export type { Measure, Outcomes } from "../constraints/measure.ts";
export * from "./classification.ts";
export * from "./ratios.ts";
export * from "./regression.ts";
