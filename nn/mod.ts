/**
 * Neural networks, named and initialised as in PyTorch.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "@seldonian/kit";
 * const model = nn.initialize(new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid()), 0);
 * console.log(model.forward(tensor([[1, 2]])).shape); // [1, 1]
 * ```
 * @module
 */
export { castModule, cloneModule, flatParameters, freeze, initialize, namedParameters } from "./module.ts";
export type { FlatParameters, Module, Pass } from "./module.ts";
export { describe } from "./describe.ts";
export { constant, normal, Parameter, uniform } from "./parameter.ts";
export type { Initializer } from "./parameter.ts";
export type { RandomGenerator } from "../deps.ts";
export * from "./sequential.ts";
export * from "./linear.ts";
export * from "./conv2d.ts";
export * from "./conv1d.ts";
export * from "./pooling.ts";
export * from "./pooling1d.ts";
export * from "./adaptive_pooling.ts";
export * from "./activations.ts";
export * from "./gelu.ts";
export * from "./batch_norm.ts";
export * from "./layer_norm.ts";
export * from "./embedding.ts";
export * from "./recurrent.ts";
export * from "./recurrent_cells.ts";
export * from "./attention.ts";
export * from "./models.ts";
export { DecisionTree } from "./trees/decision_tree.ts";
export type { TreeData, TreeSize } from "./trees/decision_tree.ts";
export type { GrowOptions } from "./trees/grow.ts";
export { RandomForest } from "./trees/random_forest.ts";
export type { ForestOptions, TreeOptions } from "./trees/options.ts";
export * from "./flatten.ts";
export * from "./dropout.ts";
export { logLoss, meanAbsoluteError, meanSquaredError } from "./losses.ts";
export type { Loss } from "./losses.ts";
export * from "./regression_losses.ts";
export * from "./cross_entropy.ts";
export type { LossOptions, LossReduction } from "./reduction.ts";
export { load, readSafetensors, save, writeSafetensors } from "./safetensors.ts";
