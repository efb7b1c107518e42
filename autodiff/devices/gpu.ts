import type { DType, TypedArray } from "../dtype.ts";
import { contiguousData, isContiguous, scalarArray } from "../ndarray.ts";
import { type AxisRange, rowMajor, type Shape, sizeOf } from "../shape.ts";
import { type AnyArray, type Holder, isRemote, RemoteArray, type RemotePlace } from "../remote_array.ts";
import { broadcastArray } from "../views.ts";
import type { Convolution, ConvolutionInputs, Elementwise, Pooling2d, ReductionOperation, Standardization } from "../device.ts";
import type { KernelLibrary } from "./gpu/library.ts";
import { runStep } from "./counted_buffer.ts";
import type { Gpu, Mode, Transfers } from "./gpu_device.ts";
import { type Buffer, mostElements, Queue } from "./gpu/queue.ts";
import { inverted } from "./inverted.ts";
import * as sources from "./gpu/sources.ts";
import { foldsOf, keptShape, rowsOf } from "../axes.ts";

/** The result of a kernel. `source` is the body of its function; a0, a1, … are the inputs, n0, n1, … the numbers. */
interface Result {
  source: string;
  dtype: DType;
  shape: Shape;
  numbers?: readonly number[];
}

/** The result of an element-wise function of named operands. */
interface NamedResult extends Pick<Result, "dtype" | "shape"> {
  body: string;
  names: readonly string[];
}

/** An operand of a kernel: elements on the device, or one number for all. */
type Operand = { array: RemoteArray } | { number: number };

/**
 * A graphics card that runs kernels of gpu.js, for browsers that have WebGL 2 and no WebGPU; its kernels as scripts are the
 * reference of those of WebGPU. Elements are float32, whatever the dtype: float64 has float32's precision there, and whole
 * numbers are exact up to 2^24. NaN and infinities behave as the card defines. A thread computes one element and reads all inputs
 * from the card's memory.
 */
export class GpuJs implements Gpu {
  readonly name = "gpu";
  readonly adapter: string;
  readonly software: boolean;
  readonly mode: Mode;
  readonly #queue: Queue;

  /** See {@link openGpu}. */
  constructor(library: KernelLibrary) {
    this.adapter = library.adapter;
    this.mode = library.mode;
    this.software = library.mode === "cpu";
    this.#queue = new Queue(this, library);
  }

  get transfers(): Readonly<Transfers> {
    return { ...this.#queue.transfers };
  }

  /**
   * Copies the elements of x, which may be changed afterwards.
   * @throws {RangeError} for more than 2^24 elements
   */
  upload(x: AnyArray, beside?: RemoteArray): RemoteArray {
    return this.#uploaded(x, (beside?.buffer as Buffer | undefined)?.step ?? null);
  }

  contiguous(x: RemoteArray): RemoteArray {
    if (isContiguous(x) && x.offset === 0 && x.buffer.size === x.size) return x;
    const { shape } = x;
    return this.#run("copy", [
      x,
    ], { source: `${sources.coordinates("this.thread.x", shape)} return a0[${sources.place(x)}];`, dtype: x.dtype, shape });
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

  step<T>(compute: (there: RemotePlace) => Promise<T>, kept: () => Iterable<Holder>): Promise<T> {
    return runStep<Buffer, T>((step) => compute({ name: this.name, upload: (x) => this.#uploaded(x, step) }), function* () {
      for (const { array } of kept()) if (isRemote(array)) yield array.buffer as Buffer;
    });
  }

  release(tensors: Iterable<Holder>): void {
    for (const { array } of tensors) if (isRemote(array)) (array.buffer as Buffer).release();
  }

  elementwise({ name, formula }: Elementwise, inputs: readonly AnyArray[], shape: Shape): RemoteArray {
    return this.#elementwise(name, inputs, {
      body: sources.inJavaScript(formula),
      names: ["x", "y", "w"],
      dtype: inputs[0].dtype as DType,
      shape,
    });
  }

  reduce(operation: ReductionOperation, x: AnyArray, axes: readonly number[], divisor = 1): RemoteArray {
    let z = this.#there(x);
    for (const { outer, length: all, inner } of foldsOf(x.shape, axes)) {
      // A few threads with long loops are slow, so the first passes reduce parts.
      for (let length = all, parts = 0; parts !== 1; length = parts) {
        const span = length > 512 && outer * inner < 4096 ? 64 : length;
        parts = Math.max(1, Math.ceil(length / Math.max(1, span)));
        z = this.#run(operation, [z], {
          source: sources.reduction(operation, length, span, parts, inner),
          dtype: z.dtype,
          shape: [outer, parts, inner],
        });
      }
    }
    const kept = reshaped(z, keptShape(x.shape, axes));
    return divisor === 1 ? kept : this.weightedSum([kept], [1 / divisor], 0);
  }

  /** In one kernel. */
  standardize(x: AnyArray, { moments, weight, bias, epsilon }: Standardization<AnyArray>): RemoteArray {
    const body = "return (x - mean) / Math.sqrt(variance + epsilon) * w + b;",
      names = ["x", "mean", "variance", "epsilon", "w", "b"];
    const inputs = [x, ...rowsOf(moments), scalarArray(epsilon, "float64"), weight, bias];
    return this.#elementwise("standardize", inputs, { body, names, dtype: x.dtype as DType, shape: x.shape });
  }

  /** In one kernel per six arrays. */
  weightedSum(arrays: readonly AnyArray[], weights: readonly number[], constant: number): RemoteArray {
    const [{ shape, dtype }] = arrays;
    let sum: RemoteArray | null = null;
    // A kernel reads eight arrays at most.
    for (let start = 0; start < arrays.length; start += 6) {
      const some = arrays.slice(start, start + 6), own = some.map((_, i) => `x${i}`), many = some.map((_, i) => `w${i}`);
      const terms = own.map((x, i) => `${many[i]} * ${x}`).join(" + "), before = sum === null ? [] : [sum];
      const factors = weights.slice(start, start + 6).map((weight) => scalarArray(weight, "float64"));
      sum = this.#elementwise(
        "weightedSum",
        [scalarArray(start === 0 ? constant : 0, "float64"), ...factors, ...some, ...before],
        {
          body: `return k + ${terms}${sum === null ? "" : " + before"};`,
          names: ["k", ...many, ...own, ...(sum === null ? [] : ["before"])],
          dtype: dtype as DType,
          shape,
        },
      );
    }
    return sum!;
  }

  /** In one kernel. */
  logSumExp(x: AnyArray, axis: number): RemoteArray {
    const inner = sizeOf(x.shape.slice(axis + 1)), source = sources.logSumExp(x.shape[axis], inner);
    return this.#run("logSumExp", [this.#there(x)], { source, dtype: x.dtype as DType, shape: keptShape(x.shape, [axis]) });
  }

  cast(x: AnyArray, dtype: DType): RemoteArray {
    if (dtype === "int32") {
      const body = "if (x < 0) { return Math.ceil(x); } return Math.floor(x);";
      return this.#elementwise("cast", [x], { body, names: ["x"], dtype, shape: x.shape });
    }
    const array = this.upload(x);
    return array.viewed(array.shape, array.stride, array.offset, dtype);
  }

  matmul(x: AnyArray, y: AnyArray): RemoteArray {
    const [p, q] = [this.upload(x), this.upload(y)], shape = [x.shape[0], y.shape[1]];
    return this.#run("matmul", [p, q], { source: sources.product(p, q), dtype: p.dtype, shape });
  }

  conv2d([x, filter, bias]: ConvolutionInputs<AnyArray>, convolution: Convolution): RemoteArray {
    const biased = bias !== null, inputs = [x, filter, ...(biased ? [bias] : [])].map((array) => this.#there(array));
    const source = sources.convolution(convolution, biased);
    return this.#run("conv2d", inputs, { source, dtype: x.dtype as DType, shape: convolution.output });
  }

  conv2dInputGradient(dy: AnyArray, filter: AnyArray, convolution: Convolution): RemoteArray {
    const inputs = [this.#there(dy), this.#there(filter)], source = sources.imageGradient(convolution);
    return this.#run("conv2dInputGradient", inputs, { source, dtype: dy.dtype as DType, shape: convolution.image });
  }

  conv2dFilterGradient(x: AnyArray, dy: AnyArray, convolution: Convolution): RemoteArray {
    const { image: [images], filter } = convolution, dtype = x.dtype as DType;
    // Each thread sums over some of the images, so that there are many threads.
    const imagesAPart = Math.max(1, Math.ceil(images / Math.ceil(65536 / Math.max(1, sizeOf(filter)))));
    const shape = [Math.max(1, Math.ceil(images / imagesAPart)), ...filter];
    const source = sources.filterGradient(convolution, imagesAPart);
    const found = this.#run("conv2dFilterGradient", [this.#there(x), this.#there(dy)], { source, dtype, shape });
    return reshaped(this.reduce("sum", found, [0]), filter);
  }

  maxPool2d(x: AnyArray, pooling: Pooling2d): [values: RemoteArray, positions: RemoteArray] {
    const images = this.upload(x), { shape, relu } = pooling;
    const [values, positions] = (["greatest", "best"] as const).map((result) =>
      this.#run("maxPool2d", [
        images,
      ], { source: sources.pooling(images, pooling, result), dtype: result === "best" ? "int32" : images.dtype, shape })
    );
    const positive = () =>
      this.#elementwise("relu", [values], { body: "return Math.max(x, 0);", names: ["x"], dtype: values.dtype, shape });
    return [relu ? positive() : values, positions];
  }

  pick(x: AnyArray, positions: AnyArray): RemoteArray {
    const inputs = [this.#there(x), this.#there(positions)];
    return this.#run("pick", inputs, { source: "return a0[a1[this.thread.x]];", dtype: inputs[0].dtype, shape: positions.shape });
  }

  put(x: AnyArray, positions: AnyArray, shape: Shape, pooling?: Pooling2d): RemoteArray {
    const values = this.#there(x);
    if (isRemote(positions)) {
      const source = pooling !== undefined
        ? sources.unpooling(shape, pooling)
        : `let total = 0; for (let i = 0; i < ${x.size}; i++) { if (a1[i] == this.thread.x) { total = total + a0[i]; } } return total;`;
      return this.#run("put", [values, this.#there(positions)], { source, dtype: values.dtype, shape });
    }
    // Threads gather: each element of the result has a list of its sources.
    const { starts, order } = inverted(contiguousData(positions), sizeOf(shape));
    const lists = [starts, order].map((list) =>
      this.#array(this.#queue.upload(list, (values.buffer as Buffer).step), "int32", [list.length])
    );
    const source = `let total = 0; const first = a1[this.thread.x]; const count = a1[this.thread.x + 1] - first; ` +
      `for (let i = 0; i < count; i++) { total = total + a0[a2[first + i]]; } return total;`;
    return this.#run("put", [values, ...lists], { source, dtype: values.dtype, shape });
  }

  widen(x: AnyArray, { axis, start, step, length }: AxisRange, shape: Shape): RemoteArray {
    const array = this.#there(x), c = `c${axis}`;
    const from = sources.place({ shape: x.shape, stride: array.stride, offset: 0 }, "s");
    const others = shape.map((_, i) => i === axis ? "" : `const s${i} = c${i};`).join(" ");
    const source =
      `${sources.coordinates("this.thread.x", shape)} ${others} const s${axis} = ((${c} - ${start} + 0.5) / ${step}) | 0; ` +
      `if (${c} >= ${start} && s${axis} < ${length} && s${axis} * ${step} + ${start} == ${c}) { return a0[${from}]; } return 0;`;
    return this.#run("slice", [array], { source, dtype: array.dtype, shape });
  }

  concatenate(arrays: readonly AnyArray[], axis: number, shape: Shape): RemoteArray {
    const inner = sizeOf(shape.slice(axis + 1)), outer = sizeOf(shape.slice(0, axis));
    if (outer === 1) {
      return reshaped(this.#joined(arrays.map((array) => this.#there(array)), arrays[0].dtype as DType), shape);
    }
    // Widens each array with zeros to the whole shape, then adds them.
    let start = 0;
    const whole = shape[axis],
      placed = arrays.filter(({ size }) => size > 0).map((array) => {
        const range = { axis, start, step: 1, length: array.shape[axis], whole };
        start += range.length;
        return this.widen(array, range, shape);
      });
    if (placed.length === 0 || inner === 0) {
      return this.upload(broadcastArray(scalarArray(0, arrays[0].dtype as DType), shape));
    }
    return this.weightedSum(placed, placed.map(() => 1), 0);
  }

  /** Concatenates row-major arrays. */
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
        next.push(some.length === 1 ? some[0] : this.#run("concatenate", some, { source, dtype, shape: [size] }));
      }
      parts = next;
    }
    return parts.length === 1 ? parts[0] : this.#array(this.#queue.upload(new Float32Array(0), null), dtype, [0]);
  }

  /** An element-wise function of named, broadcast operands. */
  #elementwise(name: string, arrays: readonly AnyArray[], { body, names, dtype, shape }: NamedResult): RemoteArray {
    const step = stepOf(arrays),
      operands = arrays.map((array) => this.#operand(array, step)),
      inputs: RemoteArray[] = [],
      numbers: number[] = [];
    const size = sizeOf(shape);
    // Arrays with the result's layout need no coordinates.
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
    return this.#run(name, inputs, { source: `${place}${declared.join(" ")} ${body}`, dtype, shape, numbers });
  }

  #operand(x: AnyArray, step: Buffer[] | null): Operand {
    if (isRemote(x)) return { array: x };
    if (x.size > 0 && x.stride.every((step, axis) => step === 0 || x.shape[axis] === 1)) return { number: x.data[x.offset] };
    return { array: this.#uploaded(x, step) };
  }

  #uploaded(x: AnyArray, step: Buffer[] | null): RemoteArray {
    if (isRemote(x)) return x;
    checkSize(x.size, "upload");
    return this.#array(this.#queue.upload(contiguousData(x), step), x.dtype as DType, x.shape);
  }

  /** The array as a separate, row-major array on the device. */
  #there(x: AnyArray): RemoteArray {
    return isRemote(x) ? this.contiguous(x) : this.upload(x);
  }

  #run(name: string, inputs: readonly RemoteArray[], { source, dtype, shape, numbers = [] }: Result): RemoteArray {
    const size = sizeOf(shape);
    checkSize(size, name);
    const buffers = inputs.map(({ buffer }) => buffer as Buffer);
    return this.#array(this.#queue.run({ name, source, inputs: buffers, numbers }, size), dtype, shape);
  }

  #array(buffer: Buffer, dtype: DType, shape: Shape): RemoteArray {
    return new RemoteArray(buffer, dtype, [...shape], rowMajor(shape), 0);
  }
}

/** A separate row-major array in another shape. */
function reshaped(x: AnyArray, shape: Shape, dtype?: DType): RemoteArray {
  return (x as RemoteArray).viewed(shape, rowMajor(shape), 0, dtype);
}

function checkSize(size: number, name: string): void {
  if (size <= mostElements) return;
  throw new RangeError(
    `Cannot make ${size} elements on the gpu (${name}): the limit is ${mostElements}; use a smaller batch`,
  );
}

/** The step that an array belongs to; `null` if none does. */
function stepOf(arrays: readonly AnyArray[]): Buffer[] | null {
  for (const x of arrays) {
    const step = isRemote(x) ? (x.buffer as Buffer).step : null;
    if (step !== null) return step;
  }
  return null;
}
