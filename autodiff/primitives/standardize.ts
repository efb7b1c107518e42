import { grouped, type Grouping, groupingOf, keptShape, rowsOf, ungrouped } from "../axes.ts";
import { standardizing } from "../devices/standardizing.ts";
import type { Device, Standardization } from "../device.ts";
import type { DType } from "../dtype.ts";
import { scalarArray } from "../ndarray.ts";
import { sameShape, type Shape, showShape } from "../shape.ts";
import { checkOptions, type Kind, type Known, number } from "../options.ts";
import { type Apply, type GradientContext, primitive, real, requireSameDType } from "../primitive.ts";
import { isRecording, withRecording } from "../recording.ts";
import type { AnyArray } from "../remote_array.ts";
import { full, Tensor } from "../tensor.ts";
import { broadcastArray, contiguous, viewOf } from "../views.ts";
import { add, div, mul, sub, weightedSum } from "./binary.ts";
import { joined } from "./joined.ts";
import { type Axes, axesOf, deviations } from "./reductions.ts";
import { slice } from "./shapes.ts";
import { sqrt } from "./unary.ts";

/** Options of {@link standardize}. */
export interface Scaling {
  /** Added to the variance. Default 0. */
  epsilon?: number;
  /** One factor per group, or per position in a group. Default 1. */
  weight?: Tensor;
  /** A summand, of the weight's shape. Default 0. */
  bias?: Tensor;
  /** Means and variances of the groups, [2, groups], as constants. Default: those of x, through which gradients flow. */
  moments?: Tensor;
}

const tensor: Kind = { type: "object", wanted: "a tensor", holds: (value) => value instanceof Tensor };
const known: Known<Scaling> = { epsilon: number, weight: tensor, bias: tensor, moments: tensor };

/** Options of the operations below. */
interface Options {
  axes: readonly number[];
  grouping: Grouping;
  /** Whether weights are per position in a group. */
  places: boolean;
  epsilon: number;
  /** Whether the moments are computed from x. */
  own: boolean;
}

/**
 * (x - mean) / √(variance + epsilon) · weight + bias. Mean and variance (divided by n) are over `axes`, in float64; the result
 * has the shape of x. Over axes [0, 2, 3] of images [n, c, height, width], with weights [1, c, 1, 1], it is batch normalisation;
 * over the last axis of [.., n], with weights [n], layer normalisation.
 * @throws {RangeError} unless weight and bias have the shape of a sum over `axes` with kept dimensions, or the shape of a group
 */
export function standardize(x: Tensor, axes?: Axes, scaling: Scaling = {}): Tensor {
  return standardizeWithMoments(x, axes, scaling).output;
}

/** {@link standardize}, and the means and variances of the groups, [2, groups]. */
export function standardizeWithMoments(
  x: Tensor,
  axes: Axes | undefined,
  scaling: Scaling,
): { output: Tensor; moments: Tensor } {
  const { epsilon = 0, weight, bias, moments } = checkOptions("standardise", scaling, known);
  const given = [weight, bias].filter((tensor) => tensor !== undefined), [{ shape } = { shape: [] }] = given;
  requireSameDType("standardise", x, ...given);
  const own = moments === undefined, input = real(x), over = axesOf(x.shape, axes, "standardise");
  const places = scalesPlaces(x.shape, over, shape);
  const grouping = groupingOf(x.shape, over, places), options = { axes: over, grouping, places, epsilon, own };
  const [factors, summands] = [weight ?? full(shape, 1, input.dtype), bias ?? full(shape, 0, input.dtype)];
  if (!sameShape(factors.shape, summands.shape)) {
    throw new RangeError(`Cannot scale by ${showShape(factors.shape)} and ${showShape(summands.shape)}: shapes must be equal`);
  }
  if (moments !== undefined && !sameShape(moments.shape, [2, grouping.shape[1]])) {
    throw new RangeError(
      `Cannot standardise by moments ${showShape(moments.shape)}: wanted mean and variance of each group, [2, ${
        grouping.shape[1]
      }]`,
    );
  }
  const used = moments?.detach() ?? momentsOf([input], grouping);
  return { output: standardized([input, used, factors, summands], options), moments: used };
}

/** Whether weights are per position in a group, not per group. */
function scalesPlaces(x: Shape, axes: readonly number[], weight: Shape): boolean {
  const aligned = [...x.slice(weight.length).fill(1), ...weight],
    group = x.map((length, axis) => axes.includes(axis) ? length : 1);
  const kept = keptShape(x, axes);
  if (weight.length === 0 || sameShape(aligned, kept)) return false;
  if (sameShape(aligned, group)) return true;
  throw new RangeError(
    `Cannot scale ${showShape(x)}, standardised over axes [${axes}], by ${showShape(weight)}: wanted ${showShape(kept)} or ${
      showShape(group)
    }`,
  );
}

const momentsOf: Apply<Grouping> = primitive({
  name: "moments",
  cpu: standardizing,
  shape: (_, { shape: [, groups] }) => [2, groups],
  forward: (device, [x], grouping) => momentsOfGroups(device, grouped(x, grouping)),
  gradient: null,
});

const standardized: Apply<Options> = primitive({
  name: "standardize",
  cpu: standardizing,
  shape: ([x]) => x,
  forward: (device, [x, ...scaling], options, shape) =>
    ungrouped(standardizedBy(device, grouped(x, options.grouping), scaledBy(scaling, options)), options.grouping, shape),
  gradient: (context) => isRecording() ? differentiableGradients(context) : fusedGradients(context),
});

function scaledBy([moments, ...affine]: readonly AnyArray[], { places, epsilon }: Options): Standardization<AnyArray> {
  const [weight, bias] = affine.map((x) => viewOf(contiguous(x), places ? [1, 1, x.size] : [1, x.size, 1]));
  return { moments, weight, bias, epsilon };
}

/** d(x), d(weight) and d(bias), in one array. */
const gradients: Apply<Options & { wanted: boolean; size: number }> = primitive({
  name: "standardizeGradients",
  cpu: standardizing,
  shape: (_, { size }) => [size],
  forward: (device, [x, dy, ...scaling], options) => {
    const [numbers, slopes] = [x, dy].map((array) => grouped(array, options.grouping));
    return gradientsOfGroups(device, [numbers, slopes], scaledBy(scaling, options), options.own, options.wanted);
  },
  gradient: null,
});

function fusedGradients({ dy, inputs, options }: GradientContext<Options>): ((() => Tensor) | null)[] {
  const [x, , weight] = inputs, wanted = x.requiresGrad, size = wanted ? x.size : 0, few = weight.size;
  let together: Tensor | undefined;
  const part = (start: number, length: number) => {
    together ??= gradients([x, dy, ...inputs.slice(1)], { ...options, wanted, size: size + 2 * few });
    return slice(together, 0, start, start + length);
  };
  return [
    () => new Tensor(ungrouped(part(0, size).array, options.grouping, x.shape)),
    null,
    () => part(size, few).reshape(...weight.shape),
    () => part(size + few, few).reshape(...weight.shape),
  ];
}

/** The same gradients, differentiable. */
function differentiableGradients({ dy, inputs, options }: GradientContext<Options>): ((() => Tensor) | null)[] {
  const [x, moments, weight] = inputs;
  return [
    () => {
      const g = dy.mul(weight);
      return options.own ? projected([x, g, moments], options) : g.mul(inverseDeviation(x, moments, options));
    },
    null,
    () => dy.mul(unscaled(x, moments, options)),
    () => dy,
  ];
}

/**
 * P g = r (g - mean(g) - z mean(g z)), the gradient in x of the standardised numbers z, where r = 1 / √(variance + epsilon). P is
 * symmetric, dz = P dx and dr = -r² z · dx / n. So with the incoming gradient u, d(g) = P u and, with sums over the axes,
 * dx = -r / n (z Σ u (P g) + (P u) Σ g z + (P g) Σ u z). z, r and P g are computed in float64, so that nothing cancels in
 * float32.
 */
const projected: Apply<Options> = primitive({
  name: "standardizeGradient",
  cpu: standardizing,
  shape: ([x]) => x,
  forward: (device, [x, g, moments], { grouping, epsilon }, shape) => {
    const [weight, bias] = [1, 0].map((value) => full([1, 1, 1], value, x.dtype as DType).array);
    const [numbers, slopes] = [x, g].map((array) => grouped(array, grouping));
    const found = gradientsOfGroups(device, [numbers, slopes], { moments, weight, bias, epsilon }, true, true);
    return ungrouped(found, grouping, shape);
  },
  gradient: ({ dy: u, inputs: [x, g, moments], output: pg, options }) => {
    const sum = (terms: Tensor) => terms.sum(options.axes, { keepDims: true }), [before, , after] = options.grouping.shape;
    let found: Tensor | undefined;
    const pu = () => found ??= projected([x, u, moments], options);
    return [
      () => {
        const z = unscaled(x, moments, options), r = inverseDeviation(x, moments, options);
        const terms = [z.mul(sum(u.mul(pg))), pu().mul(sum(g.mul(z))), pg.mul(sum(u.mul(z)))];
        return weightedSum(terms, [1, 1, 1]).mul(r.div(-before * after));
      },
      pu,
      null,
    ];
  },
});

function unscaled(x: Tensor, moments: Tensor, options: Options): Tensor {
  return standardized([x, moments, full([], 1, x.dtype), full([], 0, x.dtype)], { ...options, places: false });
}

/** 1 / √(variance + epsilon), in the shape of a sum over the axes with kept dimensions. */
function inverseDeviation(x: Tensor, moments: Tensor, options: Options): Tensor {
  const deviation = () => slice(moments, 0, 1).add(options.epsilon).sqrt().reshape(...keptShape(x.shape, options.axes));
  return inverse([x, withRecording(false, () => div(1, deviation()).cast(x.dtype)), moments], options);
}

/** The given r = 1 / √(variance + epsilon); dx = -dr r² z / n. */
const inverse: Apply<Options> = primitive({
  name: "inverseDeviation",
  shape: ([, r]) => r,
  forward: (_, [, r]) => r,
  gradient: ({ dy, inputs: [x, , moments], output: r, options }) => {
    const [before, , after] = options.grouping.shape;
    return [options.own ? () => unscaled(x, moments, options).mul(dy.mul(r).mul(r).div(-before * after)) : null, null, null];
  },
});

/*
 * Operations on arrays [before, groups, after]: a device's kernel, or composed as follows.
 */

function momentsOfGroups(device: Device<AnyArray>, x: AnyArray): AnyArray {
  if (device.moments !== undefined) return device.moments(x);
  const [before, groups, after] = x.shape, n = before * after;
  const found = [device.reduce("sum", x, [0, 2], n), deviations(device, x, [0, 2], n)];
  return viewOf(device.cast(joined(device, found), "float64"), [2, groups]);
}

function standardizedBy(device: Device<AnyArray>, x: AnyArray, by: Standardization<AnyArray>): AnyArray {
  if (device.standardize !== undefined) return device.standardize(x, by);
  const [mean] = rowsOf(by.moments), centred = device.elementwise(sub.operation, [x, mean], x.shape);
  const scaled = device.elementwise(div.operation, [centred, deviationOf(device, by)], x.shape);
  return device.elementwise(add.operation, [device.elementwise(mul.operation, [scaled, by.weight], x.shape), by.bias], x.shape);
}

function gradientsOfGroups(
  device: Device<AnyArray>,
  [x, dy]: readonly AnyArray[],
  by: Standardization<AnyArray>,
  own: boolean,
  wanted: boolean,
): AnyArray {
  if (device.standardizeGradients !== undefined) return device.standardizeGradients(x, dy, by, own, wanted);
  const { shape } = x, times = (a: AnyArray, b: AnyArray) => device.elementwise(mul.operation, [a, b], shape);
  const dtype = x.dtype as DType, few = [0, 1, 2].filter((axis) => by.weight.shape[axis] === 1);
  const [one, zero] = [1, 0].map((value) => broadcastArray(scalarArray(value, dtype), [1, 1, 1]));
  const z = standardizedBy(device, x, { ...by, weight: one, bias: zero });
  const parts = [device.reduce("sum", times(dy, z), few), device.reduce("sum", dy, few)];
  if (wanted) {
    const less = (a: AnyArray, b: AnyArray) => device.elementwise(sub.operation, [a, b], shape);
    const mean = (slopes: AnyArray) => device.reduce("sum", slopes, [0, 2], shape[0] * shape[2]);
    const g = times(dy, by.weight), centred = own ? less(less(g, mean(g)), times(z, mean(times(g, z)))) : g;
    parts.unshift(device.elementwise(div.operation, [centred, deviationOf(device, by)], shape));
  }
  return joined(device, parts);
}

/** √(variance + epsilon) of each group, [1, groups, 1]. */
function deviationOf(device: Device<AnyArray>, { moments, epsilon }: Standardization<AnyArray>): AnyArray {
  const [, variance] = rowsOf(moments), { shape } = variance;
  const sum = device.elementwise(add.operation, [variance, scalarArray(epsilon, "float64")], shape);
  return device.elementwise(sqrt.operation, [sum], shape);
}
