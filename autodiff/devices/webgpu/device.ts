import { foldsOf, keptShape, rowsOf } from "../../axes.ts";
import type {
  Convolution,
  ConvolutionInputs,
  Elementwise,
  GradientInputs,
  Pooled,
  Pooling2d,
  ReductionOperation,
  Standardization,
  Wanted,
} from "../../device.ts";
import type { DType, TypedArray } from "../../dtype.ts";
import { contiguousData, isContiguous, type NdArray, scalarArray, view } from "../../ndarray.ts";
import { type AnyArray, type Holder, isRemote, RemoteArray, type RemotePlace } from "../../remote_array.ts";
import { type AxisRange, rowMajor, sameShape, type Shape, sizeOf } from "../../shape.ts";
import { broadcastArray } from "../../views.ts";
import { runStep } from "../counted_buffer.ts";
import type { NotedStep, RecordingGpu, ReplayedStep, Transfers, WorkList } from "../gpu_device.ts";
import { inverted } from "../inverted.ts";
import type { Card } from "./api.ts";
import * as convolutions from "./convolutions.ts";
import { type Operand, typeOf } from "./elementwise.ts";
import { foldCall, partsOf } from "./folds.ts";
import { type Kernel, threads } from "./kernel.ts";
import type { Buffer } from "./memory.ts";
import { matrixProduct } from "./matrices.ts";
import * as moves from "./moves.ts";
import { apart, numbersOf, type Plan, planOf, type Product, productKernel, type Sizes, type Tile, tiles } from "./products.ts";
import { agree } from "./program.ts";
import { Queue } from "./queue.ts";
import { notedOf, replayedStep } from "./replayed_step.ts";

/** A result's place: elements of a buffer. */
interface Target {
  buffer: Buffer;
  /** Elements before the first. */
  at: number;
}

/**
 * A card that runs the kit's own WGSL kernels. float64 is float32 there, and int32 is int32, which wraps around. NaN and
 * infinities behave as the card defines. Products hold tiles in registers and in the workgroups' memory; convolutions are
 * products whose operands are never stored.
 */
export class WebGpu implements RecordingGpu {
  readonly name = "gpu";
  readonly mode = "webgpu";
  readonly #queue: Queue;
  readonly #mostElements: number;
  readonly #tiles: readonly Tile[];
  /** Whether workgroups share slices of products. */
  readonly #shared: boolean;
  readonly software: boolean;

  /**
   * See {@link openGpu}.
   * @param software whether a processor stands in for a card
   * @param tiles how products are divided; default: by the tables
   * @param armed whether memory that was mapped before can be read without waiting
   */
  constructor(
    card: Card,
    readonly adapter: string,
    { software, armed, tiles: own }: { software: boolean; armed: boolean; tiles?: readonly Tile[] },
  ) {
    this.#tiles = own ?? (software ? apart : tiles);
    this.#shared = this.#tiles[0].slice > 0;
    this.software = software;
    this.#queue = new Queue(this, card, armed);
    this.#mostElements = Math.floor(Math.min(card.limits.maxStorageBufferBindingSize, card.limits.maxBufferSize) / 4);
  }

  get transfers(): Readonly<Transfers> {
    return { ...this.#queue.transfers };
  }

  upload(x: AnyArray, beside?: RemoteArray): RemoteArray {
    return this.#uploaded(x, (beside?.buffer as Buffer | undefined)?.step ?? null);
  }

  contiguous(x: RemoteArray): RemoteArray {
    return isContiguous(x) ? x : this.#each("copy", "return x;", ["x"], [x], x.dtype, x.shape);
  }

  async read(arrays: readonly RemoteArray[]): Promise<TypedArray[]> {
    const parts = arrays.map((x) => this.contiguous(x)).map(({ buffer, offset, size }) => ({
      buffer: buffer as Buffer,
      offset,
      size,
    }));
    const found = await this.#queue.read(parts);
    let start = 0;
    return arrays.map(({ size, dtype }) => {
      const from = start;
      start += 4 * size;
      if (dtype === "int32") return new Int32Array(found, from, size).slice();
      const values = new Float32Array(found, from, size);
      return dtype === "float64" ? Float64Array.from(values) : values.slice();
    });
  }

  step<T>(compute: (there: RemotePlace) => Promise<T>, kept: () => Iterable<Holder>): Promise<T> {
    return runStep<Buffer, T>((step) => compute({ name: this.name, upload: (x) => this.#uploaded(x, step) }), function* () {
      for (const { array } of kept()) if (isRemote(array)) yield array.buffer as Buffer;
    });
  }

  release(tensors: Iterable<Holder>): void {
    for (const { array } of tensors) if (isRemote(array)) (array.buffer as Buffer).release();
  }

  noted<T>(compute: () => T, only = false): { result: T; work: WorkList } {
    return this.#queue.noted(compute, only);
  }

  agree(a: NotedStep, b: NotedStep): boolean {
    return agree(notedOf(a), notedOf(b));
  }

  prepared(step: NotedStep): ReplayedStep | null {
    return replayedStep(this.#queue, step);
  }

  copy({ buffer, dtype, shape, stride, offset }: RemoteArray): RemoteArray {
    const copied = this.#queue.made(buffer.size, null);
    this.#queue.copy(buffer as Buffer, copied);
    return new RemoteArray(copied, dtype, shape, stride, offset);
  }

  elementwise({ name, formula }: Elementwise, inputs: readonly AnyArray[], shape: Shape): RemoteArray {
    return this.#each(name, formula, ["x", "y", "w"].slice(0, inputs.length), inputs, inputs[0].dtype as DType, shape);
  }

  reduce(operation: ReductionOperation, x: AnyArray, axes: readonly number[], divisor = 1): RemoteArray {
    return this.#folded(operation, x, axes, divisor);
  }

  cast(x: AnyArray, dtype: DType): RemoteArray {
    const array = this.#there(x);
    if (typeOf(array.dtype) === typeOf(dtype)) return array.viewed(array.shape, array.stride, array.offset, dtype);
    // Truncates.
    const formula = dtype === "int32" ? "if (x < 0) { return -floor(-x); } return floor(x);" : "return x;";
    return this.#each("cast", formula, ["x"], [array], dtype, x.shape);
  }

  matmul(x: AnyArray, y: AnyArray): RemoteArray {
    if (x.dtype === "int32") return this.cast(this.matmul(this.cast(x, "float32"), this.cast(y, "float32")), "int32");
    const [p, q] = [this.#there(x), this.#there(y)], [m, k] = x.shape, n = y.shape[1], sizes: Sizes = [m, n, k];
    const { product, numbers } = matrixProduct(p, q, this.#shared), target = this.#target("matmul", m * n, [p, q]);
    this.#product("matmul", product, sizes, [p, q], () => numbers, target, m * n);
    return array(target.buffer, p.dtype, [m, n]);
  }

  conv2d(inputs: ConvolutionInputs<AnyArray>, convolution: Convolution): RemoteArray {
    return this.#convolved(inputs, convolution, null)[0];
  }

  conv2dPooled(
    inputs: ConvolutionInputs<AnyArray>,
    convolution: Convolution,
    pooling: Pooling2d,
  ): [values: RemoteArray, positions: RemoteArray] {
    if (!convolutions.inQuads(pooling)) return this.maxPool2d(this.conv2d(inputs, convolution), pooling);
    return this.#convolved(inputs, convolution, pooling) as [RemoteArray, RemoteArray];
  }

  conv2dInputGradient(dy: AnyArray, filter: AnyArray, convolution: Convolution): RemoteArray {
    const inputs = [this.#packed(filter), this.#packed(dy)];
    const target = this.#target("conv2dInputGradient", sizeOf(convolution.image), inputs);
    this.#imageGradient(inputs, convolution, target);
    return array(target.buffer, dy.dtype as DType, convolution.image);
  }

  conv2dFilterGradient(x: AnyArray, dy: AnyArray, convolution: Convolution): RemoteArray {
    const inputs = [this.#packed(dy), this.#packed(x)];
    const target = this.#target("conv2dFilterGradient", sizeOf(convolution.filter), inputs);
    this.#filterGradient(inputs, convolution, false, null, target);
    return array(target.buffer, x.dtype as DType, convolution.filter);
  }

  /** The filters' and biases' gradients are one product; slopes after a pooling are put back where they are read. */
  conv2dGradients(inputs: GradientInputs<AnyArray>, convolution: Convolution, wanted: Wanted<AnyArray>): RemoteArray {
    const [x, filter, dy] = inputs.map((input) => this.#packed(input)), { pooled } = wanted;
    const [dx, dw, db] = [convolution.image, convolution.filter, [convolution.filter[0]]].map(sizeOf);
    const filterSize = wanted.filter ? dw : 0,
      imageSize = wanted.x ? dx : 0,
      size = imageSize + filterSize + (wanted.bias ? db : 0);
    const target = this.#target("conv2dGradients", size, [x, filter, dy]);
    const implicit = pooled !== undefined && !wanted.x && wanted.filter && convolutions.inQuads(pooled.pooling);
    const slopes = pooled === undefined || implicit ? dy : this.#unpooled(dy, pooled);
    if (wanted.x) this.#imageGradient([filter, slopes], convolution, target);
    const at = target.at + imageSize;
    if (wanted.filter) this.#filterGradient([slopes, x], convolution, wanted.bias, implicit ? pooled : null, { ...target, at });
    else if (wanted.bias) this.#folded("sum", slopes, [0, 2, 3], 1, { ...target, at });
    return array(target.buffer, x.dtype, [size]);
  }

  maxPool2d(x: AnyArray, pooling: Pooling2d): [values: RemoteArray, positions: RemoteArray] {
    const images = this.#packed(x),
      size = sizeOf(pooling.shape),
      outputs = [0, 1].map(() => this.#made("maxPool2d", size, [images]));
    this.#run("maxPool2d", moves.pooling(pooling, x.shape), [images], outputs, [size, images.offset]);
    return [array(outputs[0], images.dtype, pooling.shape), array(outputs[1], "int32", pooling.shape)];
  }

  pick(x: AnyArray, positions: AnyArray): RemoteArray {
    const inputs = [this.#packed(x), this.#packed(positions)], { dtype } = inputs[0], size = positions.size;
    const output = this.#made("pick", size, inputs), offsets = inputs.map(({ offset }) => offset);
    this.#run("pick", moves.picking(typeOf(dtype)), inputs, [output], [size, ...offsets]);
    return array(output, dtype, positions.shape);
  }

  put(x: AnyArray, positions: AnyArray, shape: Shape, pooling?: Pooling2d): RemoteArray {
    const values = this.#packed(x), size = sizeOf(shape), type = typeOf(values.dtype);
    if (isRemote(positions) && pooling !== undefined) return this.#unpooled(values, { positions, gate: null, shape, pooling });
    const output = this.#made("put", size, [values]);
    if (isRemote(positions)) {
      const places = this.#packed(positions), numbers = [size, values.offset, places.offset, values.size];
      this.#run("put", moves.scattering(type), [values, places], [output], numbers);
    } else {
      // Each element of the result has a list of its sources.
      const { starts, order } = inverted(contiguousData(positions), size), { step } = values.buffer as Buffer;
      const lists = [starts, order].map((list) => array(this.#queue.upload(list, step), "int32", [list.length]));
      this.#run("put", moves.gathering(type), [values, ...lists], [output], [size, values.offset]);
    }
    return array(output, values.dtype, shape);
  }

  widen(x: AnyArray, range: AxisRange, shape: Shape): RemoteArray {
    const input = this.#there(x), size = sizeOf(shape), output = this.#made("slice", size, [input]);
    this.#run("slice", moves.widening(typeOf(input.dtype), range, input, shape), [input], [output], [size]);
    return array(output, input.dtype, shape);
  }

  concatenate(arrays: readonly AnyArray[], axis: number, shape: Shape): RemoteArray {
    const parts = arrays.map((x) => this.#packed(x)), { dtype } = parts[0], inner = sizeOf(shape.slice(axis + 1));
    const output = this.#made("concatenate", sizeOf(shape), parts), most = Math.min(moves.mostJoined, this.#queue.mostArrays - 1);
    let start = 0;
    for (let i = 0; i < parts.length; i += most) {
      const some = parts.slice(i, i + most), numbers: number[] = [];
      let end = 0;
      for (const { shape, size, offset } of some) {
        numbers.push(shape[axis] * inner, start, end += size, offset);
        start += shape[axis] * inner;
      }
      if (end > 0) {
        this.#run("concatenate", moves.joining(typeOf(dtype), some.length), some, [output], [
          end,
          shape[axis] * inner,
          ...numbers,
        ], end);
      }
    }
    return array(output, dtype, shape);
  }

  /** In one kernel. */
  standardize(x: AnyArray, { moments, weight, bias, epsilon }: Standardization<AnyArray>): RemoteArray {
    const formula = "return (x - mean) / sqrt(variance + epsilon) * w + b;",
      names = ["x", "mean", "variance", "epsilon", "w", "b"];
    const inputs = [x, ...rowsOf(moments), scalarArray(epsilon, "float64"), weight, bias];
    return this.#each("standardize", formula, names, inputs, x.dtype as DType, x.shape);
  }

  /** In one kernel per six arrays. */
  weightedSum(arrays: readonly AnyArray[], weights: readonly number[], constant: number): RemoteArray {
    const [{ shape, dtype }] = arrays, scalar = (number: number) => scalarArray(number, "float64");
    let sum: AnyArray = scalar(constant);
    for (let start = 0; start < arrays.length; start += 6) {
      const some = arrays.slice(start, start + 6), own = some.map((_, i) => `x${i}`), factors = some.map((_, i) => `w${i}`);
      const formula = `return k + ${own.map((x, i) => `${factors[i]} * ${x}`).join(" + ")};`;
      const inputs = [sum, ...weights.slice(start, start + 6).map(scalar), ...some];
      sum = this.#each("weightedSum", formula, ["k", ...factors, ...own], inputs, dtype as DType, shape);
    }
    return sum as RemoteArray;
  }

  /** In one kernel, or two if few sums are long. */
  logSumExp(x: AnyArray, axis: number): RemoteArray {
    return this.#folded("logSumExp", x, [axis], 1);
  }

  /** In one kernel. */
  logSoftmax(x: AnyArray, axis: number): RemoteArray {
    const input = this.#packed(x),
      inner = sizeOf(x.shape.slice(axis + 1)),
      length = x.shape[axis],
      output = this.#made("logSoftmax", x.size, [input]);
    const sums = x.size / Math.max(1, length);
    this.#run("logSoftmax", moves.logSoftmaxes(), [input], [output], [sums, length, inner, input.offset], sums);
    return array(output, input.dtype, x.shape);
  }

  /** The losses and their slopes in one kernel. */
  crossEntropy(x: AnyArray, labels: NdArray): [loss: RemoteArray, slope: RemoteArray] {
    const [rows, classes = 1] = x.shape, input = this.#packed(x), { step } = input.buffer as Buffer;
    const mean = (losses: RemoteArray) => this.#folded("sum", losses, [0], rows).viewed([], [], 0, "float64");
    if (classes === 1) {
      const y = this.#uploaded(view(Float32Array.from(contiguousData(labels)), x.shape), step), { dtype, shape } = input;
      const loss = "return max(x, 0) + log(1 + exp(-abs(x))) - x * y;";
      const slope = "let e = exp(-abs(x)); if (x >= 0) { return (1 / (1 + e) - y) / n; } return (e / (1 + e) - y) / n;";
      const losses = this.#each("crossEntropy", loss, ["x", "y"], [input, y], dtype, shape).viewed([rows], [1], 0);
      return [
        mean(losses),
        this.#each("crossEntropy", slope, ["x", "y", "n"], [input, y, scalarArray(rows, "float64")], dtype, shape),
      ];
    }
    const y = this.#uploaded(view(Int32Array.from(contiguousData(labels)), [rows]), step);
    const [losses, slopes] = [rows, x.size].map((size) => this.#made("crossEntropy", size, [input]));
    this.#run("crossEntropy", moves.logLosses(), [input, y], [losses, slopes], [rows, classes, 1, input.offset], rows);
    return [mean(array(losses, input.dtype, [rows])), array(slopes, input.dtype, x.shape)];
  }

  #convolved([x, filter, bias]: ConvolutionInputs<AnyArray>, convolution: Convolution, pooling: Pooling2d | null): RemoteArray[] {
    const name = pooling === null ? "conv2d" : "conv2dPooled", shape = pooling?.shape ?? convolution.output;
    const inputs = (bias === null ? [filter, x] : [filter, x, bias]).map((input) => this.#packed(input)), [own] = inputs;
    const terms = sizeOf(convolution.filter.slice(1)),
      columns = pooling === null ? shape[0] * shape[2] * shape[3] : 4 * shape[0] * shape[2] * shape[3];
    const wide = terms % 4 === 0 && own.offset % 4 === 0,
      product = convolutions.forward(convolution, bias !== null, pooling, wide);
    const sizes: Sizes = [convolution.filter[0], columns, terms], plan = planOf(sizes, this.#tiles, true);
    const outputs = (pooling === null ? [0] : [0, 1]).map(() => this.#made(name, sizeOf(shape), inputs));
    this.#call(name, product, sizes, plan, inputs, inputs.map(({ offset }) => offset), outputs);
    return outputs.map((output, i) => array(output, i === 0 ? own.dtype : "int32", shape));
  }

  #imageGradient(inputs: readonly RemoteArray[], convolution: Convolution, target: Target): void {
    const { image: [images, channels, rows, columns], filter: [outputs, , height, width] } = convolution;
    const sizes: Sizes = [channels, images * rows * columns, outputs * height * width];
    const numbers = [...inputs.map(({ offset }) => offset), target.at];
    this.#call(
      "conv2dInputGradient",
      convolutions.imageGradient(convolution),
      sizes,
      planOf(sizes, this.#tiles, true),
      inputs,
      numbers,
      [
        target.buffer,
      ],
    );
  }

  #filterGradient(
    inputs: readonly RemoteArray[],
    convolution: Convolution,
    biased: boolean,
    pooled: Pooled<AnyArray> | null,
    target: Target,
  ): void {
    const { output: [images, outputs, rows, columns], filter } = convolution,
      terms = sizeOf(filter.slice(1)),
      pixels = rows * columns;
    const sizes: Sizes = [outputs, terms + (biased ? 1 : 0), images * pixels], [slopes, x] = inputs;
    const others = pooled === null
      ? []
      : [pooled.positions, ...(pooled.gate === null ? [] : [pooled.gate])].map((one) => this.#packed(one));
    const slopesAt = pooled === null ? null : { pooling: pooled.pooling, gated: pooled.gate !== null };
    const wide = pooled === null && pixels % 4 === 0 && slopes.offset % 4 === 0;
    const product = convolutions.filterGradient(convolution, biased, slopesAt, wide), size = sizes[0] * sizes[1];
    const numbers = (at: number) => [slopes.offset, x.offset, at, ...others.map(({ offset }) => offset)];
    this.#product("conv2dFilterGradient", product, sizes, [...inputs, ...others], numbers, target, size);
  }

  /** Slopes after a pooling as slopes before it. */
  #unpooled(dy: AnyArray, { positions, gate, shape, pooling }: Pooled<AnyArray>): RemoteArray {
    const inputs = [dy, positions, ...(gate === null ? [] : [gate])].map((one) => this.#packed(one)), size = sizeOf(shape);
    const output = this.#made("put", size, inputs), offsets = inputs.map(({ offset }) => offset);
    this.#run("put", moves.unpooling(pooling, shape, gate !== null), inputs, [output], [size, ...offsets]);
    return array(output, inputs[0].dtype, shape);
  }

  /** A product whose sums may be parted: then another kernel adds the parts. */
  #product(
    name: string,
    product: Product,
    sizes: Sizes,
    inputs: readonly RemoteArray[],
    numbers: (at: number) => readonly number[],
    target: Target,
    size: number,
  ): void {
    const plan = planOf(sizes, this.#tiles);
    if (plan.parts === 1) return this.#call(name, product, sizes, plan, inputs, numbers(target.at), [target.buffer]);
    const parts = this.#made(name, plan.parts * size, inputs);
    this.#call(name, product, sizes, plan, inputs, numbers(0), [parts]);
    this.#folded("sum", array(parts, "float32", [plan.parts, size]), [0], 1, target);
  }

  #call(
    name: string,
    product: Product,
    sizes: Sizes,
    plan: Plan,
    inputs: readonly RemoteArray[],
    numbers: readonly number[],
    outputs: readonly Buffer[],
  ): void {
    this.#queue.run({
      name,
      kernel: productKernel(product, plan),
      inputs: inputs.map(({ buffer }) => buffer as Buffer),
      outputs,
      wholes: [...numbersOf(sizes, plan), ...numbers],
      reals: [],
      groups: plan.down * plan.across * plan.parts,
    });
  }

  #folded(
    operation: ReductionOperation | "logSumExp",
    x: AnyArray,
    axes: readonly number[],
    divisor: number,
    target?: Target,
  ): RemoteArray {
    let z = this.#packed(x);
    const type = typeOf(z.dtype), shape = keptShape(x.shape, axes), folds = foldsOf(x.shape, axes);
    if (folds.length === 0) folds.push({ outer: 1, length: 1, inner: x.size });
    for (const [i, { outer, length: all, inner }] of folds.entries()) {
      for (let length = all, parts = 0; parts !== 1; length = parts) {
        parts = partsOf({ outer, length, inner });
        const last = parts === 1 && i === folds.length - 1, size = outer * parts * inner;
        const { buffer, at } = last && target !== undefined ? target : { buffer: this.#made(operation, size, [z]), at: 0 };
        const pass = foldCall(operation, type, { outer, length, inner, offset: z.offset, parts, at }, last && divisor !== 1);
        this.#queue.run({ ...pass, name: operation, inputs: [z.buffer as Buffer], outputs: [buffer], reals: [divisor] });
        z = array(buffer, z.dtype, [size]);
      }
    }
    return z.viewed(shape, rowMajor(shape), z.offset);
  }

  /** An element-wise function of named, broadcast operands. */
  #each(
    name: string,
    formula: string,
    names: readonly string[],
    inputs: readonly AnyArray[],
    dtype: DType,
    shape: Shape,
  ): RemoteArray {
    const step = stepOf(inputs), operands = inputs.map((x) => this.#operand(x, shape, step));
    const buffers = operands.flatMap((operand) => "number" in operand ? [] : [operand.buffer]);
    const output = this.#queue.made(this.#checked(sizeOf(shape), name), buffers.find(({ step }) => step !== null)?.step ?? null);
    this.#queue.run({ name, formula, names, operands, inputs: buffers, outputs: [output], dtype, shape });
    return array(output, dtype, shape);
  }

  #operand(x: AnyArray, shape: Shape, step: Buffer[] | null): Operand {
    const dtype = x.dtype as DType;
    if (!isRemote(x) && x.size > 0 && x.stride.every((step, axis) => step === 0 || x.shape[axis] === 1)) {
      return { dtype, number: x.data[x.offset] };
    }
    const there = this.#uploaded(x, step), { offset } = there, buffer = there.buffer as Buffer;
    const same = sameShape(x.shape, shape) && isContiguous(there) && offset === 0;
    return { dtype, buffer, stride: broadcastArray(there, shape).stride, offset, same };
  }

  #uploaded(x: AnyArray, step: Buffer[] | null): RemoteArray {
    if (isRemote(x)) return x;
    this.#checked(x.size, "upload");
    return array(this.#queue.upload(contiguousData(x), step), x.dtype as DType, x.shape);
  }

  #there(x: AnyArray): RemoteArray {
    return this.#uploaded(x, null);
  }

  /** The array in row-major order. */
  #packed(x: AnyArray): RemoteArray {
    return this.contiguous(this.#there(x));
  }

  /** Runs a kernel with `count` threads, by default one for each element of the result. */
  #run(
    name: string,
    kernel: Kernel,
    inputs: readonly RemoteArray[],
    outputs: readonly Buffer[],
    wholes: readonly number[],
    count = outputs[0].size,
  ): void {
    const buffers = inputs.map(({ buffer }) => buffer as Buffer);
    this.#queue.run({ name, kernel, inputs: buffers, outputs, wholes, reals: [], groups: Math.ceil(count / threads) });
  }

  #target(name: string, size: number, inputs: readonly RemoteArray[]): Target {
    return { buffer: this.#made(name, size, inputs), at: 0 };
  }

  /** A buffer for a result, in the step of the inputs. */
  #made(name: string, size: number, inputs: readonly RemoteArray[]): Buffer {
    return this.#queue.made(this.#checked(size, name), stepOf(inputs));
  }

  #checked(size: number, name: string): number {
    if (size <= this.#mostElements) return size;
    throw new RangeError(
      `Cannot make ${size} elements on the gpu (${name}): the limit is ${this.#mostElements}; use a smaller batch`,
    );
  }
}

function array(buffer: Buffer, dtype: DType, shape: Shape): RemoteArray {
  return new RemoteArray(buffer, dtype, [...shape], rowMajor(shape), 0);
}

/** The step that an array belongs to; `null` if none does. */
function stepOf(arrays: readonly AnyArray[]): Buffer[] | null {
  for (const x of arrays) {
    const step = isRemote(x) ? (x.buffer as Buffer).step : null;
    if (step !== null) return step;
  }
  return null;
}
