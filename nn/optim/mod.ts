/** Optimisers over flat parameters: `adam(theta, gradient, options).step()`. @module */
export type { Optimizer } from "./optimizer.ts";
export { adam } from "./adam.ts";
export type { AdamOptions } from "./adam.ts";
export { sgd } from "./sgd.ts";
export type { SgdOptions } from "./sgd.ts";
