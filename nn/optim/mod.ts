/**
 * Optimisers of models, `adam(model, { lr: 0.01 })`, with schedules of their rates, and searches for the least value of a function,
 * `minimize(nelderMead([0, 0]), f)`.
 * @module
 */
export type { Optimizer, ParameterGroup, Trainable } from "./optimizer.ts";
export type { RandomGenerator } from "../../deps.ts";
export { adam, adamW } from "./adam.ts";
export type { AdamOptions, AdamSettings } from "./adam.ts";
export { clipNorm } from "./clip.ts";
export { schedules } from "./schedule.ts";
export type { Schedule } from "./schedule.ts";
export { cosineAnnealingLR, lambdaLR, linearLR, stepLR } from "./schedulers.ts";
export type { LinearLROptions, Scheduler } from "./schedulers.ts";
export { adamOf, sgdOf } from "./on_tensors.ts";
export type { TensorOptimizer } from "./on_tensors.ts";
export { sgd } from "./sgd.ts";
export type { SgdOptions } from "./sgd.ts";
export { bfgs } from "./minimizers/bfgs.ts";
export { cmaEs } from "./minimizers/cma_es.ts";
export { minimize } from "./minimizers/minimizer.ts";
export type { Found, Minimizer, Minimum, SearchOptions } from "./minimizers/minimizer.ts";
export { nelderMead } from "./minimizers/nelder_mead.ts";
export { powell } from "./minimizers/powell.ts";
