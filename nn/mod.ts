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
export { cloneModule, flatParameters, freeze, initialize, namedParameters } from "./module.ts";
export type { FlatParameters, Module, Pass } from "./module.ts";
export { constant, normal, Parameter, uniform } from "./parameter.ts";
export type { Initializer } from "./parameter.ts";
export type { RandomGenerator } from "../deps.ts";
export { Sequential } from "./sequential.ts";
export { Linear } from "./linear.ts";
export type { LinearOptions } from "./linear.ts";
export { Conv2d } from "./conv2d.ts";
export type { Conv2dOptions } from "./conv2d.ts";
export { AvgPool2d, MaxPool2d } from "./pooling.ts";
export { ReLU, Sigmoid, Softmax, Tanh } from "./activations.ts";
export { BatchNorm, BatchNorm1d, BatchNorm2d } from "./batch_norm.ts";
export type { BatchNormOptions } from "./batch_norm.ts";
export { LayerNorm } from "./layer_norm.ts";
export { Embedding } from "./embedding.ts";
export { Between, BoundedLinearRegression, LinearRegression, LogisticRegression } from "./models.ts";
export { DecisionTree } from "./trees/decision_tree.ts";
export type { TreeData, TreeSize } from "./trees/decision_tree.ts";
export type { GrowOptions } from "./trees/grow.ts";
export { RandomForest } from "./trees/random_forest.ts";
export type { ForestOptions, TreeOptions } from "./trees/options.ts";
export { Flatten } from "./flatten.ts";
export { Dropout } from "./dropout.ts";
export { logLoss, meanAbsoluteError, meanSquaredError } from "./losses.ts";
export type { Loss } from "./losses.ts";
export { load, readSafetensors, save, writeSafetensors } from "./safetensors.ts";
