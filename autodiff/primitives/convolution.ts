import { convolving } from "../devices/convolving.ts";
import type { Convolution, ConvolutionInputs, Device, GradientInputs, Pooled, Wanted, Window2d } from "../device.ts";
import { type Shape, showShape } from "../shape.ts";
import { checkOptions, type Kind, type Known, truth, whole } from "../options.ts";
import { type Apply, primitive, requireSameDType, requireTensors } from "../primitive.ts";
import { isRecording } from "../recording.ts";
import type { AnyArray } from "../remote_array.ts";
import { Tensor } from "../tensor.ts";
import { viewOf } from "../views.ts";
import { type Grouped, inGroups } from "./groups.ts";
import { put } from "./indexing.ts";
import { joined } from "./joined.ts";
import { gate, gating } from "./selection.ts";
import { slice, widen } from "./shapes.ts";

/** One number for both directions, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number];

/**
 * Rows and columns of zeros around an image, or a name as in PyTorch: "valid" is none, "same" keeps the image's size at stride 1.
 * For an even filter the end gets one more than the beginning.
 */
export type Padding = Pair | "same" | "valid";

/** A {@link Pair}. */
export const pairs: Kind = { wanted: "a number, or [vertical, horizontal]", holds: isPair };
/** A {@link Padding}. */
export const paddings: Kind = {
  wanted: `${pairs.wanted}, "same" or "valid"`,
  names: ["same", "valid"],
  holds: (value) => isPair(value) || value === "same" || value === "valid",
};

function isPair(value: unknown): value is Pair {
  return typeof value === "number" ||
    (Array.isArray(value) && value.length === 2 && value.every((length) => typeof length === "number"));
}

/** Options of a convolution, as in PyTorch. */
export interface ConvolutionOptions {
  /** Pixels from one window to the next, default 1. */
  stride?: Pair;
  /** Rows and columns of zeros around the image, default 0; or "same" or "valid". */
  padding?: Padding;
  /** Pixels from one element of a filter to the next, default 1. */
  dilation?: Pair;
  /** Number of groups of channels that are convolved separately, default 1. */
  groups?: number;
}

/** The kinds of {@link ConvolutionOptions}. */
export const convolutionOptions: Known<ConvolutionOptions> = {
  stride: pairs,
  padding: paddings,
  dilation: pairs,
  groups: whole(1),
};

const known: Known<ConvolutionOptions & { direct?: boolean }> = { ...convolutionOptions, direct: truth };

// The three products of a convolution are bilinear, and each is the adjoint of the others: a gradient of any order is one of the
// three.
const forward: Apply<Grouped> = primitive({
  name: "conv2d",
  cpu: convolving,
  shape: (_, { output }) => output,
  forward: (device, [x, filter, bias = null], convolution, shape) =>
    inGroups(
      device,
      convolution,
      [[x, 1], [filter, 0], [bias, 0]],
      shape,
      1,
      ([x, filter, bias], each) => device.conv2d([x, filter, bias], each),
    ),
  gradient: ({ dy, inputs, options }) => convolutionGradients(dy, inputs, options),
});

/** The wanted gradients of a convolution, in one array. */
const gradients: Apply<{ convolution: Convolution; wanted: Wanted<AnyArray>; size: number }> = primitive({
  name: "conv2dGradients",
  cpu: convolving,
  shape: (_, { size }) => [size],
  forward: (device, [x, filter, dy], { convolution, wanted }) =>
    device.conv2dGradients?.([x, filter, dy], convolution, wanted) ??
      joined(device, separateGradients(device, [x, filter, dy], convolution, wanted)),
  gradient: null,
});

function separateGradients(
  device: Device<AnyArray>,
  [x, filter, dy]: GradientInputs<AnyArray>,
  convolution: Convolution,
  { pooled, ...wanted }: Wanted<AnyArray>,
): AnyArray[] {
  const open = pooled?.gate == null ? dy : device.elementwise(gating, [dy, pooled.gate], dy.shape);
  const slopes = pooled === undefined ? open : device.put(open, pooled.positions, pooled.shape, pooled.pooling);
  return [
    // Empty, for the case that nothing is wanted.
    viewOf(dy, [0]),
    ...(wanted.x ? [device.conv2dInputGradient(slopes, filter, convolution)] : []),
    ...(wanted.filter ? [device.conv2dFilterGradient(x, slopes, convolution)] : []),
    ...(wanted.bias ? [device.reduce("sum", slopes, [0, 2, 3])] : []),
  ];
}

/**
 * The gradient rules of a convolution; `inputs` are image, filter and perhaps bias. One pass over the images computes all wanted
 * gradients, unless they must be differentiable. With `pooled`, dy is the gradient after that pooling.
 */
export function convolutionGradients(
  dy: Tensor,
  inputs: readonly Tensor[],
  convolution: Grouped,
  pooled?: Pooled<AnyArray>,
): (() => Tensor)[] {
  const [x, filter] = inputs, { groups = 1 } = convolution;
  if (isRecording() || groups > 1) {
    const slopes = pooled === undefined ? dy : put([gated(dy, pooled), new Tensor(pooled.positions)], pooled);
    return [
      () => inputGradient([slopes, filter], convolution),
      () => filterGradient([x, slopes], convolution),
      () => slopes.sum([0, 2, 3]),
    ];
  }
  const sizes = inputs.map(({ requiresGrad, size }) => requiresGrad ? size : 0), [dx, dw, db = 0] = sizes;
  const wanted = { x: dx > 0, filter: dw > 0, bias: db > 0, pooled };
  let together: Tensor | undefined;
  return inputs.map(({ shape }, i) => () => {
    together ??= gradients([x, filter, dy], { convolution, wanted, size: dx + dw + db });
    const start = i === 0 ? 0 : i === 1 ? dx : dx + dw;
    return slice(together, 0, start, start + sizes[i]).reshape(...shape);
  });
}

function gated(dy: Tensor, { gate: y }: Pooled<AnyArray>): Tensor {
  return y === null ? dy : gate([dy, new Tensor(y)]);
}

const inputGradient: Apply<Grouped> = primitive({
  name: "conv2dInputGradient",
  cpu: convolving,
  shape: (_, { image }) => image,
  forward: (device, [dy, filter], convolution, shape) =>
    inGroups(
      device,
      convolution,
      [[dy, 1], [filter, 0]],
      shape,
      1,
      ([dy, filter], each) => device.conv2dInputGradient(dy, filter, each),
    ),
  gradient: ({ dy: dx, inputs: [dy, filter], options }) => [
    () => forward([dx, filter], options),
    () => filterGradient([dx, dy], options),
  ],
});

const filterGradient: Apply<Grouped> = primitive({
  name: "conv2dFilterGradient",
  cpu: convolving,
  shape: (_, { filter }) => filter,
  forward: (device, [x, dy], convolution, shape) =>
    inGroups(device, convolution, [[x, 1], [dy, 1]], shape, 0, ([x, dy], each) => device.conv2dFilterGradient(x, dy, each)),
  gradient: ({ dy: dFilter, inputs: [x, dy], options }) => [
    () => inputGradient([dy, dFilter], options),
    () => forward([x, dFilter], options),
  ],
});

/**
 * Cross-correlation of images [n, c, height, width] with filters [o, c / groups, p, q], plus `bias` [o]:
 * z[n, o, i, j] = bias[o] + Σ x[n, c, i s + u d - pad, j s + v d - pad] filter[o, c, u, v], with stride s and dilation d, like
 * torch.nn.functional.conv2d.
 * @param options `direct` forbids transforms
 */
export function conv2d(
  x: Tensor,
  filter: Tensor,
  bias: Tensor | null = null,
  options: ConvolutionOptions & { direct?: boolean } = {},
): Tensor {
  const { stride, padding, dilation = 1, groups = 1, direct = false } = checkOptions("convolve", options, known);
  const { inputs, convolution } = prepared([x, dilated(filter, dilation), bias], { stride, padding, groups });
  return forward(inputs, groups === 1 ? { ...convolution, direct } : { ...convolution, direct, groups });
}

/** A filter with zeros between its elements. */
function dilated(filter: Tensor, dilation: Pair): Tensor {
  requireTensors("convolve", filter);
  const steps = pair(dilation);
  if (steps.some((step) => !Number.isInteger(step) || step < 1)) {
    throw new RangeError(`Cannot convolve with dilation ${showShape(steps)}: wanted whole numbers from 1`);
  }
  return steps.reduce((filter, step, i) => {
    const axis = i + 2, length = filter.shape[axis], whole = step * (length - 1) + 1;
    return step === 1 || !(length > 1) ? filter : widen([filter], { axis, start: 0, length, step, whole });
  }, filter);
}

/** Checks a convolution's inputs, and describes it. */
export function prepared(
  [x, filter, bias]: ConvolutionInputs<Tensor>,
  { stride = 1, padding = 0, groups = 1 }: { stride?: Pair; padding?: Padding; groups?: number },
): { inputs: Tensor[]; convolution: Convolution } {
  const others = bias === null ? [filter] : [filter, bias];
  requireSameDType("convolve", x, ...others);
  const [a, b] = [showShape(x.shape), showShape(filter.shape)];
  if (x.rank !== 4 || filter.rank !== 4 || x.shape[1] !== groups * filter.shape[1] || filter.shape[0] % groups !== 0) {
    const many = groups === 1 ? "equal c" : `c times ${groups} groups, which divide o`;
    throw new RangeError(`Cannot convolve ${a} with filters ${b}: wanted [n, c, height, width] and [o, c, p, q] with ${many}`);
  }
  if (bias !== null && (bias.rank !== 1 || bias.size !== filter.shape[0])) {
    throw new RangeError(
      `Cannot add a bias of shape ${showShape(bias.shape)} to a convolution with filters ${b}: wanted [${filter.shape[0]}]`,
    );
  }
  const window = windowOf("convolve", { stride, padding }, filter.shape.slice(2));
  // An even filter has no centre, so "same" needs one more row or column at the end.
  const image = [2, 3].filter((axis) => padding === "same" && filter.shape[axis] % 2 === 0).reduce(withZeros, x);
  const shapes = { image: image.shape, filter: filter.shape };
  return { inputs: [image, ...others], convolution: { ...window, ...shapes, output: outputShape(window, shapes) } };
}

/** Adds a zero at the end of an axis. */
function withZeros(x: Tensor, axis: number): Tensor {
  const length = x.shape[axis];
  return widen([x], { axis, start: 0, length, step: 1, whole: length + 1 });
}

/**
 * Checks stride and padding and returns them as pairs.
 * @param kernel the window's size, for padding "same"
 */
export function windowOf(
  action: string,
  { stride, padding }: { stride: Pair; padding: Padding },
  kernel: readonly number[] = [],
): Window2d {
  const same = kernel.map((length) => Math.floor((length - 1) / 2)) as [number, number];
  const window = { stride: pair(stride), padding: pair(padding === "same" ? same : padding === "valid" ? 0 : padding) };
  if (padding === "same" && window.stride.some((s) => s !== 1)) {
    throw new RangeError(
      `Cannot ${action} with stride ${showShape(window.stride)} and padding "same": wanted stride 1`,
    );
  }
  if (!window.stride.every((s) => Number.isInteger(s) && s > 0) || !window.padding.every((p) => Number.isInteger(p) && p >= 0)) {
    throw new RangeError(
      `Cannot ${action} with stride ${showShape(window.stride)} and padding ${
        showShape(window.padding)
      }: wanted whole numbers, stride at least 1`,
    );
  }
  return window;
}

/** [a, a] for one number. */
export function pair(value: Pair): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}

/** Positions of a window of `size` on a padded line of `length`. */
export function windowCount(length: number, size: number, stride: number, padding: number): number {
  return Math.floor((length + 2 * padding - size) / stride) + 1;
}

/** Shape of a convolution's result. @throws {RangeError} if the padded image is smaller than the filter */
function outputShape({ stride, padding }: Window2d, { image, filter }: Pick<Convolution, "image" | "filter">): Shape {
  const rows = windowCount(image[2], filter[2], stride[0], padding[0]);
  const columns = windowCount(image[3], filter[3], stride[1], padding[1]);
  if (rows < 1 || columns < 1) {
    throw new RangeError(
      `Cannot convolve ${showShape(image)} with filters ${showShape(filter)}: the padded image is smaller than the filter`,
    );
  }
  return [image[0], filter[0], rows, columns];
}
