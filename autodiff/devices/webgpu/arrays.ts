import { foldsOf, keptShape } from "../../axes.ts";
import type { ReductionOperation } from "../../device.ts";
import type { DType, TypedArray } from "../../dtype.ts";
import { contiguousData, isContiguous } from "../../ndarray.ts";
import { type AnyArray, type Holder, isRemote, RemoteArray, type RemoteDevice, type RemotePlace } from "../../remote_array.ts";
import { rowMajor, sameShape, type Shape, sizeOf } from "../../shape.ts";
import { broadcastArray } from "../../views.ts";
import { runStep } from "../counted_buffer.ts";
import type { NotedStep, ReplayedStep, Transfers, WorkList } from "../gpu_device.ts";
import type { Card } from "./api.ts";
import { type Operand, typeOf } from "./elementwise.ts";
import { foldCall, foldNumbers, partsOf } from "./folds.ts";
import { type Kernel, threads } from "./kernel.ts";
import type { Buffer } from "./memory.ts";
import { agree } from "./program.ts";
import { Queue } from "./queue.ts";
import { notedOf, replayedStep } from "./replayed_step.ts";

/** A result's place: elements of a buffer. */
export interface Target {
  buffer: Buffer;
  /** Elements before the first. */
  at: number;
}

/** How a card is opened. */
export interface Opened {
  /** Whether a processor stands in for a card. */
  software: boolean;
  /** Whether memory that was mapped before can be read without waiting. */
  armed: boolean;
}

/** Arrays on a card: they come, go, are read, and are computed by kernels of one thread an element, or one an element's sums. */
export abstract class Arrays {
  readonly name = "gpu";
  readonly mode = "webgpu";
  readonly software: boolean;
  protected readonly queue: Queue;
  protected readonly mostElements: number;

  constructor(card: Card, readonly adapter: string, { software, armed }: Opened) {
    this.software = software;
    // A subclass has the operations.
    this.queue = new Queue(this as unknown as RemoteDevice, card, armed);
    this.mostElements = Math.floor(Math.min(card.limits.maxStorageBufferBindingSize, card.limits.maxBufferSize) / 4);
  }

  get transfers(): Readonly<Transfers> {
    return { ...this.queue.transfers };
  }

  upload(x: AnyArray, beside?: RemoteArray): RemoteArray {
    return this.uploaded(x, (beside?.buffer as Buffer | undefined)?.step ?? null);
  }

  contiguous(x: RemoteArray): RemoteArray {
    return isContiguous(x) ? x : this.each("copy", "return x;", ["x"], [x], x.dtype, x.shape);
  }

  async read(arrays: readonly RemoteArray[]): Promise<TypedArray[]> {
    const parts = arrays.map((x) => this.contiguous(x)).map(({ buffer, offset, size }) => ({
      buffer: buffer as Buffer,
      offset,
      size,
    }));
    const found = await this.queue.read(parts);
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
    return runStep<Buffer, T>((step) => compute({ name: this.name, upload: (x) => this.uploaded(x, step) }), function* () {
      for (const { array } of kept()) if (isRemote(array)) yield array.buffer as Buffer;
    });
  }

  release(tensors: Iterable<Holder>): void {
    for (const { array } of tensors) if (isRemote(array)) (array.buffer as Buffer).release();
  }

  noted<T>(compute: () => T, only = false): { result: T; work: WorkList } {
    return this.queue.noted(compute, only);
  }

  agree(a: NotedStep, b: NotedStep): boolean {
    return agree(notedOf(a), notedOf(b));
  }

  prepared(step: NotedStep): ReplayedStep | null {
    return replayedStep(this.queue, step);
  }

  copy({ buffer, dtype, shape, stride, offset }: RemoteArray): RemoteArray {
    const copied = this.queue.made(buffer.size, null);
    this.queue.copy(buffer as Buffer, copied);
    return new RemoteArray(copied, dtype, shape, stride, offset);
  }

  cast(x: AnyArray, dtype: DType): RemoteArray {
    const array = this.there(x);
    if (typeOf(array.dtype) === typeOf(dtype)) return array.viewed(array.shape, array.stride, array.offset, dtype);
    // Truncates.
    const formula = dtype === "int32" ? "if (x < 0) { return -floor(-x); } return floor(x);" : "return x;";
    return this.each("cast", formula, ["x"], [array], dtype, x.shape);
  }

  protected folded(
    operation: ReductionOperation | "logSumExp",
    x: AnyArray,
    axes: readonly number[],
    divisor: number,
    target?: Target,
  ): RemoteArray {
    let z = this.packed(x);
    const type = typeOf(z.dtype), shape = keptShape(x.shape, axes), folds = foldsOf(x.shape, axes);
    if (folds.length === 0) folds.push({ outer: 1, length: 1, inner: x.size });
    for (const [i, { outer, length: all, inner }] of folds.entries()) {
      for (let length = all, parts = 0; parts !== 1; length = parts) {
        parts = partsOf({ outer, length, inner });
        const last = parts === 1 && i === folds.length - 1, size = outer * parts * inner;
        const { buffer, at } = last && target !== undefined ? target : { buffer: this.made(operation, size, [z]), at: 0 };
        const pass = foldCall(operation, type, { outer, length, inner, offset: z.offset, parts, at }, last && divisor !== 1);
        this.queue.run({
          ...pass,
          name: operation,
          inputs: [z.buffer as Buffer],
          outputs: [buffer],
          reals: foldNumbers(divisor),
        });
        z = array(buffer, z.dtype, [size]);
      }
    }
    return z.viewed(shape, rowMajor(shape), z.offset);
  }

  /** An element-wise function of named, broadcast operands. */
  protected each(
    name: string,
    formula: string,
    names: readonly string[],
    inputs: readonly AnyArray[],
    dtype: DType,
    shape: Shape,
  ): RemoteArray {
    const step = stepOf(inputs), operands = inputs.map((x) => this.operand(x, shape, step));
    const buffers = operands.flatMap((operand) => "number" in operand ? [] : [operand.buffer]);
    const output = this.queue.made(this.checked(sizeOf(shape), name), buffers.find(({ step }) => step !== null)?.step ?? null);
    this.queue.run({ name, formula, names, operands, inputs: buffers, outputs: [output], dtype, shape });
    return array(output, dtype, shape);
  }

  protected operand(x: AnyArray, shape: Shape, step: Buffer[] | null): Operand {
    const dtype = x.dtype as DType;
    if (!isRemote(x) && x.size > 0 && x.stride.every((step, axis) => step === 0 || x.shape[axis] === 1)) {
      return { dtype, number: x.data[x.offset] };
    }
    const there = this.uploaded(x, step), { offset } = there, buffer = there.buffer as Buffer;
    const same = sameShape(x.shape, shape) && isContiguous(there) && offset === 0;
    return { dtype, buffer, stride: broadcastArray(there, shape).stride, offset, same };
  }

  protected uploaded(x: AnyArray, step: Buffer[] | null): RemoteArray {
    if (isRemote(x)) return x;
    this.checked(x.size, "upload");
    return array(this.queue.upload(contiguousData(x), step), x.dtype as DType, x.shape);
  }

  protected there(x: AnyArray): RemoteArray {
    return this.uploaded(x, null);
  }

  /** The array in row-major order. */
  protected packed(x: AnyArray): RemoteArray {
    return this.contiguous(this.there(x));
  }

  /** Runs a kernel with `count` threads, by default one for each element of the result. */
  protected run(
    name: string,
    kernel: Kernel,
    inputs: readonly RemoteArray[],
    outputs: readonly Buffer[],
    wholes: readonly number[],
    count = outputs[0].size,
  ): void {
    const buffers = inputs.map(({ buffer }) => buffer as Buffer);
    this.queue.run({ name, kernel, inputs: buffers, outputs, wholes, reals: [], groups: Math.ceil(count / threads) });
  }

  protected target(name: string, size: number, inputs: readonly RemoteArray[]): Target {
    return { buffer: this.made(name, size, inputs), at: 0 };
  }

  /** A buffer for a result, in the step of the inputs. */
  protected made(name: string, size: number, inputs: readonly RemoteArray[]): Buffer {
    return this.queue.made(this.checked(size, name), stepOf(inputs));
  }

  protected checked(size: number, name: string): number {
    if (size <= this.mostElements) return size;
    throw new RangeError(
      `Cannot make ${size} elements on the gpu (${name}): the limit is ${this.mostElements}; use a smaller batch`,
    );
  }
}

/** A whole buffer as an array. */
export function array(buffer: Buffer, dtype: DType, shape: Shape): RemoteArray {
  return new RemoteArray(buffer, dtype, [...shape], rowMajor(shape), 0);
}

/** The step that an array belongs to; `null` if none does. */
export function stepOf(arrays: readonly AnyArray[]): Buffer[] | null {
  for (const x of arrays) {
    const step = isRemote(x) ? (x.buffer as Buffer).step : null;
    if (step !== null) return step;
  }
  return null;
}
