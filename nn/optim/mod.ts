/** Optimisers over flat parameters: `adam(theta, gradient, options).step()`. @module */
export type { Optimizer } from "./optimizer.ts";
export { adam } from "./adam.ts";
export type { AdamOptions } from "./adam.ts";
export { clipNorm } from "./clip.ts";
export { schedules } from "./schedule.ts";
export type { Schedule } from "./schedule.ts";
export { sgd } from "./sgd.ts";
export type { SgdOptions } from "./sgd.ts";
