import { backward, retainGradient } from "./graph.ts";
import { type DType, dtypeOf, integers, requireDType, type TypedArray } from "./dtype.ts";
import { allocate, contiguousData, copyInto, emptyArray, noteWrite, view } from "./ndarray.ts";
import { requireShape, sameShape, type Shape, showShape, sizeOf } from "./shape.ts";
import { anything, checkArgument, checkOptions, isRecord, type Kind, type Known, number, truth } from "./options.ts";
import { bytesOf, counted, noteCopy, noteOverwrite, overwrittenSince, replacedSince } from "./overwrites.ts";
import { flatNumbers, type Nested, shapeOf } from "./nested.ts";
import { type Node, type Operand, requireTensors } from "./primitive.ts";
import { elements, inspect } from "./show.ts";
import { type AnyArray, here, isRemote, type RemotePlace } from "./remote_array.ts";
import { argmax, argmin } from "./primitives/arg_extremes.ts";
import * as binary from "./primitives/binary.ts";
import { cumsum } from "./primitives/cumulative.ts";
import * as indexing from "./primitives/indexing.ts";
import { matmul } from "./primitives/linear_algebra.ts";
import { prod } from "./primitives/products.ts";
import * as rearranging from "./primitives/rearranging.ts";
import * as reductions from "./primitives/reductions.ts";
import { clip } from "./primitives/selection.ts";
import * as shapes from "./primitives/shapes.ts";
import * as special from "./primitives/special.ts";
import { norm, std } from "./primitives/spread.ts";
import { broughtHere } from "./primitives/transfer.ts";
import { runningStep } from "./running_step.ts";
import { noteRead } from "./recorder.ts";
import * as unary from "./primitives/unary.ts";
import type { Axes, Reduction } from "./primitives/reductions.ts";
import { broadcastArray, ownCopy } from "./views.ts";

const place: Kind = {
  type: "object",
  wanted: "a device from autodiff.openGpu()",
  holds: (value) => value !== null && "upload" in (value as object),
};

/** An ndarray and, if it needs a gradient, its place in the graph. */
export class Tensor {
  /** Position in the order of creation, which is a topological order of the graph. */
  readonly order: number = counted();
  /** Whether gradients flow to or through this tensor. It may be set on a leaf: false freezes a parameter. */
  requiresGrad: boolean;
  /** How it was computed; `null` for a leaf and for a result that was not recorded. */
  readonly node: Node | null;
  /** For a leaf, the sum of the gradients from `backward()`. */
  grad: Tensor | null = null;
  /** A tensor that outlives a step whenever this one does: for probabilities, their logits. Assigning to this one clears it. */
  companion: Tensor | null = null;
  /** `null` once the step whose memory it used has ended. */
  #array: AnyArray | null;

  /** For primitives; programs call {@link tensor}, which copies its data. */
  constructor(array: AnyArray, requiresGrad = false, node: Node | null = null) {
    this.#array = array;
    this.requiresGrad = requiresGrad;
    this.node = node;
    const step = runningStep();
    if (step !== null && !isRemote(array) && step.memory.holds(array.data)) step.borrowers.push(this);
  }

  /** A tensor that owns `data`, without copying it. */
  static from(data: TypedArray, shape: Shape = [data?.length]): Tensor {
    dtypeOf(data);
    requireShape("make a tensor of", shape);
    if (sizeOf(shape) !== data.length) {
      throw new RangeError(`Cannot shape ${data.length} elements as ${showShape(shape)}, which holds ${sizeOf(shape)}`);
    }
    return new Tensor(view(data, shape));
  }

  /** A tensor of one element and no axes. */
  static scalar(value: number, dtype: DType = "float64"): Tensor {
    requireDType("make a tensor", dtype);
    if (typeof value !== "number") checkArgument("make a tensor", "the number", value, number);
    const data = allocate(dtype, 1);
    data[0] = dtype === "int32" ? integers([value], "use")[0] : value;
    return new Tensor(view(data, []));
  }

  /**
   * The array: a view of storage on the CPU or a device.
   * @throws {ReferenceError} if it was in the memory of a training step that has ended
   */
  get array(): AnyArray {
    if (this.#array !== null) return this.#array;
    throw new ReferenceError(
      "Cannot read an intermediate result of a training step that has ended, because the next one uses its memory: " +
        "keep a copy, as in x.clone(), or a field of the model",
    );
  }
  /** Lengths of the axes. */
  get shape(): Shape {
    return this.array.shape;
  }
  /** Number of axes. */
  get rank(): number {
    return this.array.shape.length;
  }
  /** Number of elements. */
  get size(): number {
    return this.array.size;
  }
  /** The element type. */
  get dtype(): DType {
    return this.array.dtype as DType;
  }
  /** Where the elements are: "cpu", or a device such as "gpu". */
  get device(): string {
    const { array } = this;
    return isRemote(array) ? array.buffer.device.name : "cpu";
  }
  /** The elements in row-major order. Do not write to them: outside steps, a contiguous tensor returns its storage, no copy. */
  get data(): TypedArray {
    const recorded = noteRead(this.array), data = contiguousData(here(this.array));
    return recorded || runningStep()?.memory.holds(data) ? data.slice() : data;
  }
  /**
   * The number in a tensor of one element.
   * @throws {RangeError} unless there is exactly one
   */
  get value(): number {
    if (this.size !== 1) {
      throw new RangeError(`Cannot read one number from shape ${showShape(this.shape)}: use toArray() or read()`);
    }
    noteRead(this.array);
    const { data, offset } = here(this.array);
    return data[offset];
  }

  /** The number in a tensor of one element, as in PyTorch; the same as {@link Tensor.value}. */
  item(): number {
    return this.value;
  }

  /**
   * A copy of the elements in row-major order. Waits for the device.
   * @throws {DeviceError} if the device failed, with the failed operation
   */
  async read(): Promise<TypedArray> {
    const { array } = this;
    return isRemote(array) ? (await array.buffer.device.read([array]))[0] : ownCopy(array).data;
  }

  /**
   * Copies the elements to a device, as a leaf. An operation with an input on a device runs there, and its other inputs are
   * brought there. A parameter stays one: its gradient is on the device too.
   * @throws {TypeError} for a computed tensor with a gradient, which would have to come back: move the leaves instead
   */
  to(device: RemotePlace): Tensor {
    checkArgument("move a tensor to a device", "the device", device, place);
    if (this.node !== null) {
      throw new TypeError(
        `Cannot move a computed tensor to the ${device.name} with its gradient: move the leaves, or x.detach()`,
      );
    }
    return new Tensor(device.upload(this.array), this.requiresGrad);
  }

  /** The same tensor on the CPU, in the same graph: its gradient goes back to the device. See {@link broughtHere}. */
  async cpu(): Promise<Tensor> {
    return (await broughtHere([this]))[0];
  }

  /** The elements as nested arrays. */
  toArray(): Nested {
    const { data, shape } = this;
    const nest = (axis: number, start: number, span: number): Nested => {
      if (axis === shape.length) return data[start];
      const step = span / shape[axis];
      return Array.from({ length: shape[axis] }, (_, i) => nest(axis + 1, start + i * step, step));
    };
    return nest(0, 0, this.size);
  }

  /** What JSON has of it: the elements as nested arrays. As everywhere in JSON, NaN and infinities become null. */
  toJSON(): Nested {
    return this.toArray();
  }

  /**
   * A text for a template. JavaScript also asks for a number, in `loss < 0.01` and `x * 2`, where NaN would be a wrong answer.
   * @throws {TypeError} where a number is wanted
   */
  [Symbol.toPrimitive](wanted: string): string {
    if (wanted !== "number") return this.toString();
    throw new TypeError(
      "Cannot compute with a tensor by an operator of JavaScript, such as * or <: use a method, as in x.mul(y), or the number " +
        "x.item()",
    );
  }

  /** The elements as NumPy prints them, shortened if there are many, with shape and dtype. */
  toString(): string {
    return this.described("Tensor");
  }

  /** What consoles print. */
  [inspect](): string {
    return this.toString();
  }

  /** {@link Tensor.toString} under another name. */
  protected described(name: string): string {
    if (this.#array === null) return `${name}(of a training step that has ended)`;
    const { array, device, requiresGrad } = this, about = `shape ${showShape(array.shape)}, ${array.dtype}`;
    noteRead(array);
    const numbers = isRemote(array) ? `on the ${device}` : elements(array, name.length + 1);
    return `${name}(${numbers}, ${about}${requiresGrad ? ", requiresGrad" : ""})`;
  }

  /** The same values outside the graph. */
  detach(): Tensor {
    return new Tensor(this.array);
  }

  /** A new leaf with the same storage that requires a gradient. */
  withGrad(): Tensor {
    if (this.dtype === "int32") {
      throw new TypeError('Cannot differentiate with respect to int32: cast it, as in x.cast("float64")');
    }
    return new Tensor(this.array, true);
  }

  /** A copy with separate storage, outside the graph. */
  clone(): Tensor {
    noteRead(this.array);
    return new Tensor(ownCopy(this.array));
  }

  /** Leaves a step's memory: moves to a copy, which views of one storage share, or with `null` drops the array. */
  release(copies: Map<TypedArray, TypedArray> | null): void {
    if (copies === null || this.#array === null) {
      this.#array = null;
      return;
    }
    const { data, shape, stride, offset } = here(this.#array);
    let copy = copies.get(data);
    if (copy === undefined) {
      copies.set(data, copy = data.slice());
      noteWrite(copy, data);
      noteCopy(data, copy);
    }
    this.#array = view(copy, shape, stride, offset);
  }

  /** Zeros of the same shape and dtype. */
  zerosLike(): Tensor {
    return zeros(this.shape, this.dtype);
  }

  /**
   * Overwrites the values in place, including in all views. Only for leaves. A gradient that needs the old values is an error then:
   * assign after `backward()`.
   * @throws {TypeError} for a computed tensor
   * @throws {RangeError} for another shape, and for a view that repeats elements
   */
  assign(values: Tensor): this {
    requireTensors("assign", values);
    if (this.node !== null) throw new TypeError("Cannot assign to a computed tensor: assign to the leaf that it comes from");
    if (!sameShape(this.shape, values.shape)) {
      throw new RangeError(`Cannot assign ${showShape(values.shape)} to a tensor of shape ${showShape(this.shape)}`);
    }
    const { array } = this, { array: given } = values;
    this.companion = null;
    if (isRemote(given)) this.#array = given;
    else if (isRemote(array)) this.#array = array.buffer.device.upload(given);
    else {
      copyInto(array, given);
      noteOverwrite(array.data.buffer, ...bytesOf(array));
      return this;
    }
    noteOverwrite(this);
    return this;
  }

  /** Whether the values were assigned after the tensor with this number was made. */
  assignedSince(order: number): boolean {
    const array = this.#array;
    if (array === null) return false;
    return isRemote(array) ? replacedSince(order, this) : overwrittenSince(order, array);
  }

  /** Changes the storage. On the CPU, the current values are copied to it; to or from a device, it already has the values. */
  moveTo(storage: AnyArray): void {
    const array = this.#array!;
    this.companion = null;
    if (!isRemote(storage) && !isRemote(array)) copyInto(storage, array);
    this.#array = storage;
  }

  /**
   * Keeps the gradient of a computed tensor in its `grad`, too, when `backward()` passes it. Returns the tensor.
   * @throws {TypeError} if no gradient reaches it
   */
  retainGrad(): this {
    if (!this.requiresGrad) throw new TypeError("Cannot retain the gradient of a tensor that depends on none with requiresGrad");
    retainGradient(this);
    return this;
  }

  /** See {@link backward}. */
  backward(gradient?: Tensor): void {
    backward(this, gradient);
  }

  /** x + y, element-wise, broadcast as in NumPy. See {@link add}. */
  add(y: Operand): Tensor {
    return binary.add(this, y);
  }
  /** x - y, broadcast. */
  sub(y: Operand): Tensor {
    return binary.sub(this, y);
  }
  /** x y, element-wise, broadcast; for the matrix product see {@link Tensor.matmul}. */
  mul(y: Operand): Tensor {
    return binary.mul(this, y);
  }
  /** x / y, broadcast. */
  div(y: Operand): Tensor {
    return binary.div(this, y);
  }
  /** x to the power of y, broadcast. */
  pow(y: Operand): Tensor {
    return binary.pow(this, y);
  }
  /** The greater of x and y, broadcast; where they are equal, each gets half of the gradient. */
  maximum(y: Operand): Tensor {
    return binary.maximum(this, y);
  }
  /** The lesser of x and y, broadcast; where they are equal, each gets half of the gradient. */
  minimum(y: Operand): Tensor {
    return binary.minimum(this, y);
  }
  /** -x. */
  neg(): Tensor {
    return unary.neg(this);
  }
  /** e to the power of x. */
  exp(): Tensor {
    return unary.exp(this);
  }
  /** The natural logarithm. */
  log(): Tensor {
    return unary.log(this);
  }
  /** The square root. */
  sqrt(): Tensor {
    return unary.sqrt(this);
  }
  /** |x|; its slope at 0 is 0. */
  abs(): Tensor {
    return unary.abs(this);
  }
  /** x². */
  square(): Tensor {
    return binary.mul(this, this);
  }
  /** max(x, 0); its slope at 0 is 0. */
  relu(): Tensor {
    return unary.relu(this);
  }
  /** 1 / (1 + e^-x). */
  sigmoid(): Tensor {
    return unary.sigmoid(this);
  }
  /** The hyperbolic tangent. */
  tanh(): Tensor {
    return unary.tanh(this);
  }
  /** ln(1 + e^x), without overflow. */
  softplus(): Tensor {
    return unary.softplus(this);
  }
  /** min(max(x, low), high); outside the range the slope is 0. */
  clip(low: number, high: number): Tensor {
    return clip(this, low, high);
  }
  /** The same numbers in another dtype; gradients are cast back. */
  cast(dtype: DType): Tensor {
    return unary.cast(this, dtype);
  }
  /** 1 where x = y, else 0, in the dtype of x; broadcast, no gradient. */
  equal(y: Operand): Tensor {
    return binary.equal(this, y);
  }
  /** 1 where x ≠ y, else 0. */
  notEqual(y: Operand): Tensor {
    return binary.notEqual(this, y);
  }
  /** 1 where x < y, else 0. */
  less(y: Operand): Tensor {
    return binary.less(this, y);
  }
  /** 1 where x <= y, else 0. */
  lessEqual(y: Operand): Tensor {
    return binary.lessEqual(this, y);
  }
  /** 1 where x > y, else 0. */
  greater(y: Operand): Tensor {
    return binary.greater(this, y);
  }
  /** 1 where x >= y, else 0. */
  greaterEqual(y: Operand): Tensor {
    return binary.greaterEqual(this, y);
  }
  /** The sum over some axes; over all, if none is given. `keepDims` keeps them with length 1. */
  sum(axes?: Axes, options?: Reduction): Tensor {
    return reductions.sum(this, axes, options);
  }
  /** The mean over some axes, or all. */
  mean(axes?: Axes, options?: Reduction): Tensor {
    return reductions.mean(this, axes, options);
  }
  /** Σ (x - mean)² / (n - correction) over some axes, or all; the correction is 1 by default. */
  variance(axes?: Axes, options?: Reduction & { correction?: number }): Tensor {
    return reductions.variance(this, axes, options);
  }
  /** The greatest element over some axes, or all; equal ones share the gradient. */
  max(axes?: Axes, options?: Reduction): Tensor {
    return reductions.max(this, axes, options);
  }
  /** The least element over some axes, or all; equal ones share the gradient. */
  min(axes?: Axes, options?: Reduction): Tensor {
    return reductions.min(this, axes, options);
  }
  /** The position of the greatest element along an axis, or over all; see {@link argmax}. */
  argmax(axis?: number, options?: Reduction): Tensor {
    return argmax(this, axis, options);
  }
  /** The position of the least element along an axis, or over all. */
  argmin(axis?: number, options?: Reduction): Tensor {
    return argmin(this, axis, options);
  }
  /** The standard deviation over some axes, or all; see {@link std}. */
  std(axes?: Axes, options?: Reduction & { correction?: number }): Tensor {
    return std(this, axes, options);
  }
  /** The norm (Σ |x|^p)^(1/p) over some axes, or all; see {@link norm}. */
  norm(p?: number, axes?: Axes, options?: Reduction): Tensor {
    return norm(this, p, axes, options);
  }
  /** The product over some axes, or all. */
  prod(axes?: Axes, options?: Reduction): Tensor {
    return prod(this, axes, options);
  }
  /** x[0] + … + x[i] along an axis. */
  cumsum(axis: number): Tensor {
    return cumsum(this, axis);
  }
  /** e^x / Σ e^x along an axis, without overflow. */
  softmax(axis = -1): Tensor {
    return special.softmax(this, axis);
  }
  /** The logarithm of the softmax along an axis. */
  logSoftmax(axis = -1): Tensor {
    return special.logSoftmax(this, axis);
  }
  /** ln Σ e^x along an axis, without overflow. */
  logSumExp(axis = -1, options?: Reduction): Tensor {
    return special.logSumExp(this, axis, options);
  }
  /** The matrix product of [.., n, k] and [.., k, m], with leading axes broadcast. See {@link matmul}. */
  matmul(y: Tensor): Tensor {
    return matmul(this, y);
  }
  /** The axes in another order; reversed, if none is given. A view. */
  transpose(...axes: number[]): Tensor {
    return shapes.transpose(this, ...axes);
  }
  /** The axes in reverse order: the transpose of a matrix. A view. */
  get T(): Tensor {
    return shapes.transpose(this);
  }
  /** A view with two axes exchanged. */
  swapAxes(a: number, b: number): Tensor {
    return rearranging.swapAxes(this, a, b);
  }
  /** The same elements without an axis of length 1, or without all of them. */
  squeeze(axis?: number): Tensor {
    return rearranging.squeeze(this, axis);
  }
  /** The same elements with a new axis of length 1; -1 is after the last. */
  unsqueeze(axis: number): Tensor {
    return rearranging.unsqueeze(this, axis);
  }
  /** The same elements with some axes as one; all by default. */
  flatten(first?: number, last?: number): Tensor {
    return rearranging.flatten(this, first, last);
  }
  /** The elements in reverse order along some axes, or all. */
  flip(axes?: Axes): Tensor {
    return rearranging.flip(this, axes);
  }
  /** The same elements, in order, in another shape, `reshape(2, -1)` or `reshape([2, -1])`. A view where possible. */
  reshape(...shape: number[] | [shape: Shape]): Tensor {
    return shapes.reshape(this, Array.isArray(shape[0]) ? shape[0] : shape as number[]);
  }
  /** The same elements repeated along axes of length 1. A view. */
  broadcastTo(shape: Shape): Tensor {
    return shapes.broadcastTo(this, shape);
  }
  /** Every `step`-th element of an axis from `start` to before `end`. A view. */
  slice(axis: number, start: number, end?: number, step?: number): Tensor {
    return shapes.slice(this, axis, start, end, step);
  }
  /** The slices at these indices of an axis, like `x[indices]` in NumPy. */
  take(indices: Tensor | Nested, axis = 0): Tensor {
    return indexing.take(this, indices, axis);
  }
  /** One element per row along an axis, like torch.gather. */
  gather(indices: Tensor, axis = -1): Tensor {
    return indexing.gather(this, indices, axis);
  }
  /** The same values as a new node in the graph. */
  alias(): Tensor {
    return shapes.reshape(this, this.shape);
  }
}

/** Options of {@link tensor}. */
export interface TensorOptions {
  /** Default: the dtype of a typed array, `float32` for plain numbers. */
  dtype?: DType;
  /** Whether gradients flow to it; default false. */
  requiresGrad?: boolean;
}

const known: Known<TensorOptions> = { dtype: anything, requiresGrad: truth };

/**
 * Makes a tensor from a copy of `data`. A shape may come before the options.
 *
 * @example
 * ```ts
 * import { tensor } from "@seldonian/kit";
 * const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
 * x.mul(x).sum().backward();
 * console.log(x.grad!.toArray()); // [[2, 4], [6, 8]]
 * ```
 * @throws {RangeError} if nested arrays are ragged or the number of elements does not fit `shape`
 * @throws {TypeError} for an element that is neither a number nor an array, with its place
 */
export function tensor(data: Nested | TypedArray, options?: TensorOptions): Tensor;
/**
 * The same, in another shape than that of nested arrays.
 * @param shape default: the shape of nested arrays, one axis for a flat one
 */
export function tensor(data: Nested | TypedArray, shape?: Shape, options?: TensorOptions): Tensor;
export function tensor(data: Nested | TypedArray, given?: Shape | TensorOptions, options: TensorOptions = {}): Tensor {
  const [shape, chosen] = isRecord(given) ? [undefined, given as TensorOptions] : [given as Shape | undefined, options];
  const { dtype, requiresGrad = false } = checkOptions("make a tensor", chosen, known);
  if (dtype !== undefined) requireDType("make a tensor", dtype);
  const typed = ArrayBuffer.isView(data);
  const flat = typed ? data : flatNumbers(data as Nested, shapeOf(data as Nested));
  const storage = allocate(dtype ?? (typed ? dtypeOf(data) : "float32"), flat.length);
  storage.set(storage instanceof Int32Array ? integers(flat, "use") : flat);
  const made = Tensor.from(storage, shape ?? (typed ? [flat.length] : shapeOf(data as Nested)));
  return requiresGrad ? made.withGrad() : made;
}

/** A tensor of zeros. */
export function zeros(shape: Shape, dtype: DType = "float32"): Tensor {
  checkNew(shape, dtype);
  return Tensor.from(allocate(dtype, sizeOf(shape)), shape);
}

function checkNew(shape: Shape, dtype: DType): void {
  requireShape("make a tensor of", shape);
  requireDType("make a tensor", dtype);
}

/** A tensor of ones. */
export function ones(shape: Shape, dtype: DType = "float32"): Tensor {
  return full(shape, 1, dtype);
}

/** A tensor that repeats one number. */
export function full(shape: Shape, value: number, dtype: DType = "float32"): Tensor {
  checkNew(shape, dtype);
  return Tensor.from(emptyArray(dtype, shape).data.fill(Tensor.scalar(value, dtype).value), shape);
}

/** A view that repeats one number, stored once. It cannot be assigned to. */
export function repeated(value: number, shape: Shape, dtype: DType): Tensor {
  return new Tensor(broadcastArray(Tensor.scalar(value, dtype).array, shape));
}
