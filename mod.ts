/**
 * A Seldonian machine-learning kit: models that keep a promise with high confidence.
 *
 * @example
 * ```ts
 * import { nn, train } from "@seldonian/kit";
 * const features = Array.from({ length: 400 }, (_, i) => [(i % 20) / 10 - 1]);
 * const result = await train({
 *   data: { features, labels: features.map(([x]) => x > 0 ? 1 : 0) },
 *   model: new nn.Sequential(new nn.Linear(1, 1), new nn.Sigmoid()),
 *   objective: nn.logLoss,
 *   constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
 *   optimizer: { thetaRate: 0.05 },
 * });
 * console.log(`${result}`);
 * ```
 * @module
 */
export { grad, noGrad, Tensor, tensor, valueAndGrad } from "./autodiff/mod.ts";
export * as autodiff from "./autodiff/mod.ts";
export * as nn from "./nn/mod.ts";
export * as optim from "./nn/optim/mod.ts";
export * from "./seldonian/mod.ts";
