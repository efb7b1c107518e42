/**
 * Tensors with reverse-mode automatic differentiation.
 *
 * @example
 * ```ts
 * import { grad, tensor } from "@seldonian/kit/autodiff";
 * const [slope] = grad((x) => x.square().sum())(tensor([1, 2, 3]));
 * console.log(slope.toArray()); // [2, 4, 6]
 * ```
 * @module
 */
export { full, ones, Tensor, tensor, zeros } from "./tensor.ts";
export type { Nested } from "./nested.ts";
export type { TensorOptions } from "./tensor.ts";
export { arange, eye, linspace } from "./creation.ts";
export { rand, randint, randn, randperm } from "./random.ts";
export type { Seed } from "./random.ts";
export type { RandomGenerator } from "../deps.ts";
export { backward, grad, noGrad, valueAndGrad } from "./graph.ts";
export { checkGradients } from "./check_gradients.ts";
export type { GradientCheck } from "./check_gradients.ts";
export { checkpoint, hessian, hvp, jacobian } from "./derivatives.ts";
export { inStep } from "./step.ts";
export { recorded } from "./recorded.ts";
export type { Recordable } from "./recorded.ts";
export { primitive } from "./custom_primitive.ts";
export type { Apply, GradientContext, Node, Operand, Primitive } from "./primitive.ts";
export type { DType, TypedArray } from "./dtype.ts";
export type { NdArray, Strided } from "./ndarray.ts";
export type { AxisRange, Shape } from "./shape.ts";
export type {
  Convolution,
  ConvolutionInputs,
  Derived,
  Device,
  DeviceCore,
  Elementwise,
  GradientInputs,
  ImageCore,
  Pooled,
  Pooling2d,
  ReductionOperation,
  Standardization,
  Wanted,
  Window2d,
} from "./device.ts";
export { abs, cast, exp, log, neg, relu, sigmoid, sign, softplus, sqrt, tanh } from "./primitives/unary.ts";
export type { Unary } from "./primitives/unary.ts";
export { cos, sin } from "./primitives/waves.ts";
export { ceil, floor, round } from "./primitives/rounding.ts";
export { all, any, isFinite, isNaN, logicalAnd, logicalNot, logicalOr } from "./primitives/logic.ts";
export { decided } from "./recorder.ts";
export * from "./primitives/binary.ts";
export { gelu, normalCdf } from "./primitives/gelu.ts";
export { leakyRelu } from "./primitives/leaky.ts";
export { clip, where } from "./primitives/selection.ts";
export { max, mean, min, sum, variance } from "./primitives/reductions.ts";
export type { Axes, Reduction } from "./primitives/reductions.ts";
export { argmax, argmin } from "./primitives/arg_extremes.ts";
export { norm, std } from "./primitives/spread.ts";
export { prod } from "./primitives/products.ts";
export { cumsum } from "./primitives/cumulative.ts";
export { cumprod } from "./primitives/recurrence.ts";
export { sort, topk } from "./primitives/sorting.ts";
export type { Sorted } from "./primitives/sorting.ts";
export { broadcastTo, concatenate, concatenate as cat, reshape, slice, stack, transpose } from "./primitives/shapes.ts";
export {
  chunk,
  diagonal,
  flatten,
  flip,
  outer,
  pad,
  roll,
  split,
  squeeze,
  swapAxes,
  tile,
  trace,
  tril,
  triu,
  unsqueeze,
} from "./primitives/rearranging.ts";
export { gather, oneHot, take } from "./primitives/indexing.ts";
export { matmul } from "./primitives/linear_algebra.ts";
export { einsum } from "./primitives/einsum.ts";
export { conv2d } from "./primitives/convolution.ts";
export type { ConvolutionOptions, Padding, Pair } from "./primitives/convolution.ts";
export { avgPool2d, maxPool2d } from "./primitives/pooling.ts";
export type { AveragePooling, Pooling } from "./primitives/pooling.ts";
export { crossEntropy } from "./primitives/cross_entropy.ts";
export { scaledDotProductAttention } from "./primitives/attention.ts";
export type { Attention } from "./primitives/attention.ts";
export { logSoftmax, logSumExp, softmax } from "./primitives/special.ts";
export { type Scaling, standardize } from "./primitives/standardize.ts";
export { openGpu } from "./devices/open.ts";
export type { Gpu, Mode, Transfers } from "./devices/gpu_device.ts";
export { broughtHere } from "./primitives/transfer.ts";
export { DeviceError } from "./remote_array.ts";
export type { AnyArray, Holder, RemoteArray, RemoteBuffer, RemoteDevice, RemotePlace } from "./remote_array.ts";
export { useConvolutions, useRelaxedSimd, useThreads } from "./kernels/in_use.ts";
export { coreCount } from "./kernels/thread_pool.ts";
