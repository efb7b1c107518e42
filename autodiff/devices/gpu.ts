import {
  broadcastArray,
  contiguousData,
  type DType,
  isContiguous,
  type NdArray,
  rowMajor,
  type Shape,
  sizeOf,
  type TypedArray,
  viewOf,
} from "../ndarray.ts";
import { isRemote, RemoteArray, type RemoteDevice, type RemotePlace } from "../remote_array.ts";
import type { Tensor } from "../tensor.ts";
import type {
  AxisRange,
  BinaryOperation,
  Pooled,
  Pooling2d,
  ReductionOperation,
  Standardization,
  UnaryOperation,
  Wanted,
  Window2d,
} from "./device.ts";
import type { KernelLibrary } from "./gpu/library.ts";
import { type Buffer, mostElements, Queue, type Transfers } from "./gpu/queue.ts";
import * as sources from "./gpu/sources.ts";
import { keptShape, passesOf } from "./passes.ts";

/** An operand of a kernel: elements there, or one number for all. */
type Operand = { array: RemoteArray } | { number: number };

/**
 * A graphics card, by kernels of gpu.js. Elements are float32, whatever the dtype says: float64 has the digits of float32 there, and
 * whole numbers are exact up to 2^24. What NaN and infinities become is the card's own.
 *
 * gpu.js makes one element a thread, or four on WebGPU, from arrays that all threads read from the card's memory: there are no
 * workgroups that share some, so products and convolutions are bound by what is read, not by arithmetic.
 */
export class Gpu implements RemoteDevice {
  readonly name = "gpu";
  /** What it runs on, such as a card's name. */
  readonly adapter: string;
  /** "webgpu", "webgl2", or "cpu" in tests. */
  readonly mode: string;
  readonly #queue: Queue;
  readonly #quads: boolean;

  /** See {@link openGpu}. */
  constructor(library: KernelLibrary) {
    this.adapter = library.adapter;
    this.mode = library.mode;
    this.#quads = library.quads;
    this.#queue = new Queue(this, library);
  }

  /** What crossed to the card and back so far. */
  get transfers(): Readonly<Transfers> {
    return { ...this.#queue.transfers };
  }

  /**
   * Elements of x, which may be changed afterwards.
   * @throws {RangeError} for more than 2^24
   */
  upload(x: NdArray, beside?: RemoteArray): RemoteArray {
    return this.#uploaded(x, (beside?.buffer as Buffer | undefined)?.step ?? null);
  }

  contiguous(x: RemoteArray): RemoteArray {
    if (isContiguous(x) && x.offset === 0 && x.buffer.size === x.size) return x;
    const { shape } = x;
    return this.#run("copy", `${sources.coordinates("this.thread.x", shape)} return a0[${sources.place(x)}];`, x.dtype, shape, [
      x,
    ]);
  }

  async read(arrays: readonly RemoteArray[]): Promise<TypedArray[]> {
    const whole = arrays.length === 1
      ? this.contiguous(arrays[0])
      : this.#joined(arrays.map((x) => this.contiguous(x)), "float32");
    const found = await this.#queue.read(whole.buffer as Buffer);
    let start = 0;
    return arrays.map(({ size, dtype }) => {
      const values = found.subarray(start, start += size);
      return dtype === "float64" ? Float64Array.from(values) : dtype === "int32" ? Int32Array.from(values) : values.slice();
    });
  }

  /**
   * A training step, at the end of which the card's memory of what was brought to it, and of all that was made of that, is given
   * back: `gpu.step(async (there) => { … x.to(there) … }, () => kept)`.
   * @param kept tensors that outlive the step, asked for at its end
   */
  step<T>(compute: (there: RemotePlace) => Promise<T>, kept: () => Iterable<Tensor>): Promise<T> {
    return this.#queue.step((step) => compute({ name: this.name, upload: (x) => this.#uploaded(x, step) }), function* () {
      for (const { array } of kept()) if (isRemote(array)) yield array.buffer as Buffer;
    });
  }

  /** Gives the memory of tensors back that no step will. */
  release(tensors: Iterable<Tensor>): void {
    for (const { array } of tensors) if (isRemote(array)) (array.buffer as Buffer).release();
  }

  unary(operation: UnaryOperation, x: NdArray): NdArray {
    return this.#elementwise(operation, sources.unarySources[operation], x.dtype as DType, x.shape, ["x"], [x]);
  }

  binary(operation: BinaryOperation, x: NdArray, y: NdArray, shape: Shape): NdArray {
    return this.#elementwise(operation, sources.binarySources[operation], x.dtype as DType, shape, ["x", "y"], [x, y]);
  }

  select(condition: NdArray, x: NdArray, y: NdArray, shape: Shape): NdArray {
    const body = "if (c != 0) { return x; } return y;";
    return this.#elementwise("where", body, x.dtype as DType, shape, ["c", "x", "y"], [condition, x, y]);
  }

  reduce(operation: ReductionOperation, x: NdArray, axes: readonly number[], divisor = 1): NdArray {
    let z = this.#there(x);
    for (const { outer, length: all, inner } of passesOf(x.shape, axes)) {
      // Few threads with much to do each are slow: at first each takes a part.
      for (let length = all, parts = 0; parts !== 1; length = parts) {
        const span = length > 512 && outer * inner < 4096 ? 64 : length;
        parts = Math.max(1, Math.ceil(length / Math.max(1, span)));
        z = this.#run(operation, sources.reduction(operation, length, span, parts, inner), z.dtype, [outer, parts, inner], [z]);
      }
    }
    const kept = reshaped(z, keptShape(x.shape, axes));
    return divisor === 1 ? kept : this.weightedSum([kept], [1 / divisor], 0);
  }

  deviations(x: NdArray, axes: readonly number[], divisor: number): NdArray {
    const mean = this.reduce("sum", x, axes, x.size / sizeOf(keptShape(x.shape, axes)));
    const centred = this.binary("sub", x, mean, x.shape);
    return this.reduce("sum", this.binary("mul", centred, centred, x.shape), axes, divisor);
  }

  // Standardising is made of the kernels that there are for single operations.
  moments(x: NdArray): NdArray {
    const [before, groups, after] = x.shape, n = before * after;
    const found = [this.reduce("sum", x, [0, 2], n), this.deviations(x, [0, 2], n)].map((array) => this.#there(array));
    return reshaped(this.#joined(found, "float64"), [2, groups]);
  }

  standardize(x: NdArray, { moments, weight, bias, epsilon }: Standardization): NdArray {
    const body = "return (x - mean) / Math.sqrt(variance + epsilon) * w + b;",
      names = ["x", "mean", "variance", "epsilon", "w", "b"];
    const inputs = [x, ...rowsOf(moments), scalar(epsilon), weight, bias];
    return this.#elementwise("standardize", body, x.dtype as DType, x.shape, names, inputs);
  }

  standardizeGradients(x: NdArray, dy: NdArray, by: Standardization, own: boolean, wanted: boolean): NdArray {
    const { moments, weight, epsilon } = by, dtype = x.dtype as DType, { shape } = x, n = shape[0] * shape[2];
    const z = this.standardize(x, { ...by, weight: scalar(1), bias: scalar(0) }),
      few = [0, 1, 2].filter((i) => weight.shape[i] === 1);
    const parts = [this.reduce("sum", this.binary("mul", dy, z, shape), few), this.reduce("sum", dy, few)];
    if (wanted) {
      const g = this.binary("mul", dy, weight, shape), gz = this.binary("mul", g, z, shape);
      const means = own ? [g, gz].map((slopes) => this.reduce("sum", slopes, [0, 2], n)) : [scalar(0), scalar(0)];
      const body = "return (g - mean - z * product) / Math.sqrt(variance + epsilon);";
      const inputs = [g, z, ...means, rowsOf(moments)[1], scalar(epsilon)];
      parts.unshift(
        this.#elementwise("standardize", body, dtype, shape, ["g", "z", "mean", "product", "variance", "epsilon"], inputs),
      );
    }
    return this.#joined(parts.map((part) => this.#there(part)), dtype);
  }

  crossEntropy(x: NdArray, labels: NdArray): [loss: NdArray, slope: NdArray] {
    const [rows, classes = 1] = x.shape, y = this.#there(labels), dtype = x.dtype as DType;
    const logits = classes === 1 ? this.#there(x) : this.#shifted(x, 1);
    if (classes === 1) {
      const losses = this.#run(
        "crossEntropy",
        "const x = a0[this.thread.x]; return Math.max(x, 0) + Math.log(1 + Math.exp(-Math.abs(x))) - x * a1[this.thread.x];",
        "float64",
        [rows],
        [logits, y],
      );
      const p = this.unary("sigmoid", logits);
      return [
        this.#mean(losses, rows),
        this.weightedSum([p, reshaped(y, p.shape, dtype)], [1 / rows, -1 / rows], 0),
      ];
    }
    const sums = this.logSumExp(logits, 1), own = `a0[this.thread.x * ${classes} + a2[this.thread.x]]`;
    const losses = this.#run("crossEntropy", `return a1[this.thread.x] - ${own};`, "float64", [rows], [logits, sums, y]);
    const slope = `${sources.coordinates("this.thread.x", [rows, classes])} let p = Math.exp(a0[this.thread.x] - a1[c0]); ` +
      `if (a2[c0] == c1) { p = p - 1; } return p / ${rows};`;
    return [this.#mean(losses, rows), this.#run("crossEntropy", slope, dtype, x.shape, [logits, sums, y])];
  }

  weightedSum(arrays: readonly NdArray[], weights: readonly number[], constant: number): NdArray {
    const [{ shape, dtype }] = arrays;
    let sum: NdArray | null = null;
    // A kernel reads eight arrays at most.
    for (let start = 0; start < arrays.length; start += 6) {
      const some = arrays.slice(start, start + 6), own = some.map((_, i) => `x${i}`), many = some.map((_, i) => `w${i}`);
      const terms = own.map((x, i) => `${many[i]} * ${x}`).join(" + "), before = sum === null ? [] : [sum];
      const factors = weights.slice(start, start + 6).map((weight) => scalar(weight));
      sum = this.#elementwise(
        "weightedSum",
        `return k + ${terms}${sum === null ? "" : " + before"};`,
        dtype as DType,
        shape,
        ["k", ...many, ...own, ...(sum === null ? [] : ["before"])],
        [scalar(start === 0 ? constant : 0), ...factors, ...some, ...before],
      );
    }
    return sum!;
  }

  logSumExp(x: NdArray, axis: number): RemoteArray {
    const inner = sizeOf(x.shape.slice(axis + 1)), source = sources.logSumExp(x.shape[axis], inner);
    return this.#run("logSumExp", source, x.dtype as DType, keptShape(x.shape, [axis]), [this.#there(x)]);
  }

  logSoftmax(x: NdArray, axis: number): NdArray {
    const shifted = this.#shifted(x, axis);
    return this.binary("sub", shifted, this.logSumExp(shifted, axis), x.shape);
  }

  /** The difference from the greatest along an axis, first: beside a large number a logarithm would be lost. */
  #shifted(x: NdArray, axis: number): RemoteArray {
    return this.#there(this.binary("sub", x, this.reduce("max", x, [axis]), x.shape));
  }

  cast(x: NdArray, dtype: DType): NdArray {
    if (dtype === "int32") {
      const body = "if (x < 0) { return Math.ceil(x); } return Math.floor(x);";
      return this.#elementwise("cast", body, dtype, x.shape, ["x"], [x]);
    }
    const array = this.upload(x);
    return array.viewed(array.shape, array.stride, array.offset, dtype);
  }

  matmul(x: NdArray, y: NdArray): NdArray {
    const [p, q] = [this.upload(x), this.upload(y)], shape = [x.shape[0], y.shape[1]];
    return this.#quads && shape[1] > 2
      ? this.#runInQuads("matmul", sources.quadProduct(p, q), p.dtype, shape, [p, q])
      : this.#run("matmul", sources.product(p, q), p.dtype, shape, [p, q]);
  }

  conv2d(x: NdArray, filter: NdArray, bias: NdArray | null, window: Window2d, shape: Shape): NdArray {
    const dtype = x.dtype as DType, last = [filter, ...(bias === null ? [] : [bias])].map((array) => this.#there(array));
    if (!this.#quads || !oneByOne(window)) {
      const source = sources.convolution(x.shape, filter.shape, window, shape, bias !== null);
      return this.#run("conv2d", source, dtype, shape, [this.#there(x), ...last]);
    }
    const images = this.#padded(x, window.padding, sources.inQuads(shape[3]) + filter.shape[3] - 1);
    const source = sources.quadConvolution(images.shape, filter.shape, shape, bias !== null);
    return this.#runInQuads("conv2d", source, dtype, shape, [images, ...last]);
  }

  conv2dPooled(
    x: NdArray,
    filter: NdArray,
    bias: NdArray | null,
    window: Window2d,
    shape: Shape,
    pooling: Pooling2d,
  ): [values: NdArray, positions: NdArray] {
    return this.maxPool2d(this.conv2d(x, filter, bias, window, shape), pooling);
  }

  conv2dInputGradient(dy: NdArray, filter: NdArray, window: Window2d, shape: Shape): NdArray {
    const [outputs, channels, height, width] = filter.shape,
      padding = [height - 1 - window.padding[0], width - 1 - window.padding[1]] as const;
    if (this.#quads && oneByOne(window) && padding.every((zeros) => zeros >= 0)) {
      // The convolution with the filters turned about, from outputs to channels.
      const whole = this.#there(filter), [s0, s1, s2, s3] = whole.stride, last = (height - 1) * s2 + (width - 1) * s3;
      const turned = whole.viewed([channels, outputs, height, width], [s1, s0, -s2, -s3], last);
      return this.conv2d(dy, this.contiguous(turned), null, { stride: [1, 1], padding }, shape);
    }
    const source = sources.imageGradient(shape, filter.shape, window, dy.shape);
    return this.#run("conv2dInputGradient", source, dy.dtype as DType, shape, [this.#there(dy), this.#there(filter)]);
  }

  conv2dFilterGradient(x: NdArray, dy: NdArray, window: Window2d, shape: Shape): NdArray {
    const [images] = x.shape, dtype = x.dtype as DType, slopes = this.#there(dy);
    // Each thread takes some of the images, so that there are many threads.
    const imagesAPart = Math.max(1, Math.ceil(images / Math.ceil(65536 / Math.max(1, sizeOf(shape)))));
    const partial = [Math.max(1, Math.ceil(images / imagesAPart)), ...shape];
    let found: RemoteArray;
    if (this.#quads && oneByOne(window)) {
      const padded = this.#padded(x, window.padding, dy.shape[3] + sources.inQuads(shape[3]));
      const source = sources.quadFilterGradient(padded.shape, shape, dy.shape, imagesAPart);
      found = this.#runInQuads("conv2dFilterGradient", source, dtype, partial, [padded, slopes]);
    } else {
      const source = sources.filterGradient(x.shape, shape, window, dy.shape, imagesAPart);
      found = this.#run("conv2dFilterGradient", source, dtype, partial, [this.#there(x), slopes]);
    }
    return reshaped(this.reduce("sum", found, [0]), shape);
  }

  conv2dGradients(x: NdArray, filter: NdArray, dy: NdArray, window: Window2d, wanted: Wanted, pooled?: Pooled): NdArray {
    const gated = pooled?.gate == null ? dy : this.binary("gate", dy, pooled.gate, dy.shape);
    const slopes = pooled === undefined ? gated : this.put(gated, pooled.positions, pooled.shape, pooled.pooling);
    const parts = [
      ...(wanted.x ? [this.conv2dInputGradient(slopes, filter, window, x.shape)] : []),
      ...(wanted.filter ? [this.conv2dFilterGradient(x, slopes, window, filter.shape)] : []),
      ...(wanted.bias ? [this.reduce("sum", slopes, [0, 2, 3])] : []),
    ];
    return this.#joined(parts.map((part) => this.#there(part)), dy.dtype as DType);
  }

  maxPool2d(x: NdArray, pooling: Pooling2d): [values: NdArray, positions: NdArray] {
    const images = this.upload(x), { shape, relu } = pooling;
    const [values, positions] = (["greatest", "best"] as const).map((result) =>
      this.#run("maxPool2d", sources.pooling(images, pooling, result), result === "best" ? "int32" : images.dtype, shape, [
        images,
      ])
    );
    return [relu ? this.unary("relu", values) : values, positions];
  }

  pick(x: NdArray, positions: NdArray): NdArray {
    const inputs = [this.#there(x), this.#there(positions)];
    return this.#run("pick", "return a0[a1[this.thread.x]];", inputs[0].dtype, positions.shape, inputs);
  }

  put(x: NdArray, positions: NdArray, shape: Shape, pooling?: Pooling2d): NdArray {
    const values = this.#there(x);
    if (isRemote(positions)) {
      const source = pooling !== undefined
        ? sources.unpooling(shape, pooling)
        : `let total = 0; for (let i = 0; i < ${x.size}; i++) { if (a1[i] == this.thread.x) { total = total + a0[i]; } } return total;`;
      return this.#run("put", source, values.dtype, shape, [values, this.#there(positions)]);
    }
    // Threads collect: each element of the result has a list of those that go there.
    const { starts, order } = inverted(contiguousData(positions), sizeOf(shape));
    const lists = [starts, order].map((list) =>
      this.#array(this.#queue.upload(list, (values.buffer as Buffer).step), "int32", [list.length])
    );
    const source = `let total = 0; const first = a1[this.thread.x]; const count = a1[this.thread.x + 1] - first; ` +
      `for (let i = 0; i < count; i++) { total = total + a0[a2[first + i]]; } return total;`;
    return this.#run("put", source, values.dtype, shape, [values, ...lists]);
  }

  widen(x: NdArray, { axis, start, step, length }: AxisRange, shape: Shape): NdArray {
    const array = this.#there(x), c = `c${axis}`;
    const from = sources.place({ shape: x.shape, stride: array.stride, offset: 0 }, "s");
    const others = shape.map((_, i) => i === axis ? "" : `const s${i} = c${i};`).join(" ");
    const source =
      `${sources.coordinates("this.thread.x", shape)} ${others} const s${axis} = ((${c} - ${start} + 0.5) / ${step}) | 0; ` +
      `if (${c} >= ${start} && s${axis} < ${length} && s${axis} * ${step} + ${start} == ${c}) { return a0[${from}]; } return 0;`;
    return this.#run("slice", source, array.dtype, shape, [array]);
  }

  concatenate(arrays: readonly NdArray[], axis: number, shape: Shape): NdArray {
    const inner = sizeOf(shape.slice(axis + 1)), outer = sizeOf(shape.slice(0, axis));
    if (outer === 1) {
      return reshaped(this.#joined(arrays.map((array) => this.#there(array)), arrays[0].dtype as DType), shape);
    }
    // Each array in its place among zeros, added up.
    let start = 0;
    const whole = shape[axis],
      placed = arrays.filter(({ size }) => size > 0).map((array) => {
        const range = { axis, start, step: 1, length: array.shape[axis], whole };
        start += range.length;
        return this.widen(array, range, shape);
      });
    if (placed.length === 0 || inner === 0) return this.upload(broadcastArray(scalar(0, arrays[0].dtype as DType), shape));
    return this.weightedSum(placed, placed.map(() => 1), 0);
  }

  /** Row-major arrays one after the other. */
  #joined(arrays: readonly RemoteArray[], dtype: DType): RemoteArray {
    let parts = arrays.filter(({ size }) => size > 0);
    while (parts.length > 1) {
      const next: RemoteArray[] = [];
      for (let i = 0; i < parts.length; i += 6) {
        const some = parts.slice(i, i + 6), size = some.reduce((sum, x) => sum + x.size, 0);
        let start = 0, source = "";
        some.forEach((x, k) => {
          source += k === some.length - 1
            ? `return a${k}[this.thread.x - ${start}];`
            : `if (this.thread.x < ${start += x.size}) { return a${k}[this.thread.x - ${start - x.size}]; } `;
        });
        next.push(some.length === 1 ? some[0] : this.#run("concatenate", source, dtype, [size], some));
      }
      parts = next;
    }
    return parts.length === 1 ? parts[0] : this.#array(this.#queue.upload(new Float32Array(0), null), dtype, [0]);
  }

  /** Four elements a thread, so that rows are in quads; what is beyond their end is not seen. */
  #runInQuads(name: string, source: string, dtype: DType, shape: Shape, inputs: readonly RemoteArray[]): RemoteArray {
    const last = shape.length - 1, wide = [...shape.slice(0, last), sources.inQuads(shape[last])];
    const found = this.#run(name, source, dtype, wide, inputs, [], 4);
    return found.viewed(shape, found.stride, 0);
  }

  /** Images with zeros around them, and more to the right where rows are to be of some width. */
  #padded(x: NdArray, padding: readonly [number, number], width: number): RemoteArray {
    const images = this.upload(x), [n, channels, rows] = x.shape, height = rows + 2 * padding[0];
    const shape = [n, channels, height, width];
    return this.#run("conv2d", sources.padded(images, padding, height, width), images.dtype, shape, [images]);
  }

  #mean(losses: RemoteArray, count: number): NdArray {
    return reshaped(this.reduce("sum", losses, [0], count), []);
  }

  /** A function of named operands, element by element after broadcasting. */
  #elementwise(
    name: string,
    body: string,
    dtype: DType,
    shape: Shape,
    names: readonly string[],
    arrays: readonly NdArray[],
  ): RemoteArray {
    const step = stepOf(arrays),
      operands = arrays.map((array) => this.#operand(array, step)),
      inputs: RemoteArray[] = [],
      numbers: number[] = [];
    const size = sizeOf(shape);
    // Arrays that all lie as the result does need no coordinates.
    const alike = operands.every((operand) =>
      "number" in operand || (isContiguous(operand.array) && operand.array.size === size)
    );
    const declared = operands.map((operand, i) => {
      if ("number" in operand) return `const ${names[i]} = n${numbers.push(operand.number) - 1};`;
      const { array } = operand, wide = broadcastArray(array, shape);
      const at = alike ? `this.thread.x + ${array.offset}` : sources.place(wide, "at");
      return `const ${names[i]} = a${inputs.push(array) - 1}[${at}];`;
    });
    const place = alike ? "" : sources.coordinates("this.thread.x", shape, "at");
    return this.#run(name, `${place}${declared.join(" ")} ${body}`, dtype, shape, inputs, numbers);
  }

  #operand(x: NdArray, step: Buffer[] | null): Operand {
    if (isRemote(x)) return { array: x };
    if (x.size > 0 && x.stride.every((step, axis) => step === 0 || x.shape[axis] === 1)) return { number: x.data[x.offset] };
    return { array: this.#uploaded(x, step) };
  }

  #uploaded(x: NdArray, step: Buffer[] | null): RemoteArray {
    if (isRemote(x)) return x;
    checkSize(x.size, "upload");
    return this.#array(this.#queue.upload(contiguousData(x), step), x.dtype as DType, x.shape);
  }

  /** As a row-major array of its own there. */
  #there(x: NdArray): RemoteArray {
    return isRemote(x) ? this.contiguous(x) : this.upload(x);
  }

  #run(
    name: string,
    source: string,
    dtype: DType,
    shape: Shape,
    inputs: readonly RemoteArray[],
    numbers: readonly number[] = [],
    each: 1 | 4 = 1,
  ): RemoteArray {
    const size = sizeOf(shape);
    checkSize(size, name);
    return this.#array(
      this.#queue.run(name, source, size, inputs.map(({ buffer }) => buffer as Buffer), numbers, each),
      dtype,
      shape,
    );
  }

  #array(buffer: Buffer, dtype: DType, shape: Shape): RemoteArray {
    return new RemoteArray(buffer, dtype, [...shape], rowMajor(shape), 0);
  }
}

/** A row-major array of its own in another shape. */
function reshaped(x: NdArray, shape: Shape, dtype?: DType): RemoteArray {
  return (x as RemoteArray).viewed(shape, rowMajor(shape), 0, dtype);
}

/** Moments [2, groups] as two arrays [1, groups, 1]. */
function rowsOf(moments: NdArray): NdArray[] {
  const groups = moments.shape[1];
  return [0, groups].map((start) => viewOf(moments, [1, groups, 1], [0, 1, 0], moments.offset + start));
}

function checkSize(size: number, name: string): void {
  if (size <= mostElements) return;
  throw new RangeError(
    `Cannot make ${size} elements on the gpu (${name}): it takes ${mostElements} at most; use a smaller batch`,
  );
}

/** The step that one of the arrays belongs to. */
function stepOf(arrays: readonly NdArray[]): Buffer[] | null {
  for (const x of arrays) {
    const step = isRemote(x) ? (x.buffer as Buffer).step : null;
    if (step !== null) return step;
  }
  return null;
}

function oneByOne({ stride }: Window2d): boolean {
  return stride[0] === 1 && stride[1] === 1;
}

function scalar(value: number, dtype: DType = "float64"): NdArray {
  const data = dtype === "float32" ? Float32Array.of(value) : dtype === "int32" ? Int32Array.of(value) : Float64Array.of(value);
  return { data, dtype, shape: [], stride: [], offset: 0, size: 1 };
}

/** For every place of the result which elements go there: `order` from `starts[i]` to before `starts[i + 1]`. */
function inverted(positions: TypedArray, size: number): { starts: Int32Array; order: Int32Array } {
  const starts = new Int32Array(size + 1), order = new Int32Array(Math.max(1, positions.length));
  for (let i = 0; i < positions.length; i++) starts[positions[i] + 1]++;
  for (let i = 0; i < size; i++) starts[i + 1] += starts[i];
  const next = starts.slice();
  for (let i = 0; i < positions.length; i++) order[next[positions[i]]++] = i;
  return { starts, order };
}
