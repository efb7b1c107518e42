import type { TypedArray } from "../../dtype.ts";
import { DeviceError, type RemoteDevice } from "../../remote_array.ts";
import type { Transfers } from "../gpu_device.ts";
import type { Answer, Card } from "./api.ts";
import { type Each, joined } from "./elementwise.ts";
import { type Compiled, Compiler, dispatchOf, type Kernel, mostNumbers, numberBytes } from "./kernel.ts";
import { type Block, Buffer, giveBack, type Lease, Pool } from "./memory.ts";
import { type Part, Reader } from "./reader.ts";

/** A call of a kernel. */
export interface Call {
  /** The operation, for messages. */
  name: string;
  kernel: Kernel;
  inputs: readonly Buffer[];
  /** The buffers that were noted as inputs, if others: results that the kernel does not store are among them. */
  reads?: readonly Buffer[];
  /** Several calls may write to parts of one buffer. */
  outputs: readonly Buffer[];
  wholes: readonly number[];
  reals: readonly number[];
  /** Number of workgroups. */
  groups: number;
}

/** The most calls that wait for a read. */
const mostWaiting = 4000;

/** The most bindings that are kept for a kernel. */
const mostBindings = 256;

/** Elements in a buffer begin at a multiple of this. */
const alignment = 256;

/**
 * Work for the card, in order. Nothing runs until a result is read, or much has gathered: then all new uploads cross as one
 * array, and all calls go to the card in one pass of one submission.
 */
export class Queue {
  readonly transfers: Transfers = { uploads: 0, uploadedBytes: 0, downloads: 0, downloadedBytes: 0, kernels: 0, submissions: 0 };
  readonly #pool: Pool;
  readonly #compiler: Compiler;
  readonly #reader: Reader;
  readonly #forgotten = new FinalizationRegistry<Lease>(giveBack);
  #waiting: (Call | Each)[] = [];
  /** What is to be uploaded, and the buffers that will hold it. */
  #bytes = new ArrayBuffer(1 << 16);
  #used = 0;
  #uploads: Buffer[] = [];
  /** Why the card is no longer there. */
  #lost: string | null = null;
  /** The first error that the card reported since the last read. */
  #reported: string | null = null;
  /** Answers to come, on whether new memory, kernels and calls were accepted. */
  #checks: Promise<void>[] = [];

  /** @param armed whether a buffer that was mapped before can be read without waiting */
  constructor(readonly device: RemoteDevice, readonly card: Card, armed: boolean) {
    this.#pool = new Pool(card, this.check);
    this.#compiler = new Compiler(card, this.check);
    this.#reader = new Reader(card, armed);
    card.addEventListener("uncapturederror", ({ error }) => this.#failed(error.message));
    card.lost.then(({ message }) => this.#failed(this.#lost = message || "the device is lost"));
  }

  /** Notes an answer of the card, which the next read awaits. */
  readonly check = (answer: Answer): void => {
    this.#checks.push(answer.then((error) => error === null ? undefined : this.#failed(error.message), () => {}));
  };

  /** A buffer with a copy of these elements, int32 as they are and others as float32; part of `step`, if given. */
  upload(values: TypedArray, step: Buffer[] | null): Buffer {
    const buffer = this.made(values.length, step), { maxBufferSize } = this.card.limits;
    if (values.length === 0) return buffer;
    if (this.#used + 4 * values.length + numberBytes > maxBufferSize) this.flush();
    buffer.start = this.#space(4 * values.length);
    const to = values instanceof Int32Array ? Int32Array : Float32Array;
    new to(this.#bytes, buffer.start, values.length).set(values);
    this.#uploads.push(buffer);
    return buffer;
  }

  /** The most arrays that a kernel reads and writes. */
  get mostArrays(): number {
    return this.card.limits.maxStorageBuffersPerShaderStage;
  }

  /** A buffer without memory yet, part of `step`, if given. */
  made(size: number, step: Buffer[] | null): Buffer {
    const buffer = new Buffer(this.device, size);
    this.#forgotten.register(buffer, buffer.lease);
    buffer.step = step;
    step?.push(buffer);
    return buffer;
  }

  /** Notes a call, which runs before the next read. */
  run(work: Call | Each): void {
    if (work.outputs.every(({ size }) => size === 0)) return;
    if (work.inputs.some(({ released }) => released)) {
      const failure = new DeviceError(
        `Cannot ${work.name}: an input belongs to a step that has ended; keep it, or use it in the step`,
      );
      for (const output of work.outputs) output.failure = failure;
      return;
    }
    for (const input of work.inputs) input.readers++;
    this.#waiting.push(work);
    if (this.#waiting.length >= mostWaiting) this.flush();
  }

  /** The bytes of elements, one part after the other. @throws {DeviceError} if the card failed */
  async read(parts: readonly Part[]): Promise<ArrayBuffer> {
    const buffers = parts.map(({ buffer }) => buffer);
    if (buffers.some(({ released }) => released)) {
      throw new DeviceError("Cannot read a tensor of a step that has ended: keep it, or read it in the step");
    }
    for (const buffer of buffers) buffer.readers++;
    try {
      const found = await this.flush(parts), failed = buffers.find(({ failure }) => failure !== null);
      if (this.#checks.length > 0) await Promise.all(this.#checks.splice(0));
      if (failed !== undefined) throw failed.failure;
      if (this.#reported !== null) throw new Error(this.#reported);
      this.transfers.downloads++;
      this.transfers.downloadedBytes += found.byteLength;
      return found;
    } catch (error) {
      if (error instanceof DeviceError) throw error;
      const reason = this.#lost ?? this.#reported ?? (error as Error).message;
      this.#reported = this.#lost;
      throw new DeviceError(`The ${this.device.name} failed at a read: ${reason}`);
    } finally {
      for (const buffer of buffers) buffer.isRead();
    }
  }

  /** Submits everything that waits; the bytes of `wanted`, one after the other. */
  flush(wanted: readonly Part[] = []): Promise<ArrayBuffer> {
    const calls = joined(this.#waiting, this.mostArrays);
    this.#waiting = [];
    const numbers = this.#space(numberBytes * Math.max(1, calls.length)), arena = this.#send(calls, numbers);
    this.card.pushErrorScope("validation");
    const encoder = this.card.createCommandEncoder(), pass = encoder.beginComputePass();
    let pipeline: object | null = null;
    for (const [i, call] of calls.entries()) {
      const { name, kernel, inputs, outputs, groups } = call;
      const failure = inputs.find(({ failure }) => failure !== null)?.failure ?? null;
      if (failure !== null) { for (const output of outputs) output.failure = failure; }
      else if (!outputs.every(({ isDone }) => isDone)) {
        try {
          for (const { lease, size } of outputs) lease.block ??= this.#pool.take(4 * size);
          const compiled = this.#compiler.compiled(kernel);
          if (pipeline !== compiled.pipeline) pass.setPipeline(pipeline = compiled.pipeline);
          pass.setBindGroup(0, this.#bindings(compiled, arena, [...inputs, ...outputs]), [numbers + i * numberBytes]);
          pass.dispatchWorkgroups(...dispatchOf(groups));
          this.transfers.kernels++;
        } catch (error) {
          const { message } = error as Error;
          for (const output of outputs) {
            output.failure = new DeviceError(`The ${this.device.name} failed at ${name}, ${output.size} elements: ${message}`);
          }
        }
      }
      for (const input of call.reads ?? inputs) input.isRead();
      for (const output of outputs) output.settle();
    }
    pass.end();
    const read = wanted.length === 0 ? null : this.#reader.copied(encoder, wanted);
    this.card.queue.submit([encoder.finish()]);
    this.check(this.card.popErrorScope());
    this.transfers.submissions++;
    arena.leave();
    if (this.#pool.submitted()) this.#compiler.forget();
    return read?.() ?? Promise.resolve(new ArrayBuffer(0));
  }

  /** Sends the uploads and the calls' numbers to a block, which the queue uses until it has submitted the calls. */
  #send(calls: readonly Call[], numbers: number): Block {
    for (const [i, { wholes, reals }] of calls.entries()) {
      const at = numbers + i * numberBytes;
      new Uint32Array(this.#bytes, at, mostNumbers).set(wholes);
      new Float32Array(this.#bytes, at + 4 * mostNumbers, mostNumbers).set(reals);
    }
    const arena = this.#pool.take(this.#used);
    this.card.queue.writeBuffer(arena.memory, 0, this.#bytes, 0, this.#used);
    this.transfers.uploads++;
    this.transfers.uploadedBytes += this.#used;
    for (const buffer of this.#uploads) {
      arena.users++;
      buffer.lease.block = arena;
      buffer.settle();
    }
    this.#uploads = [];
    this.#used = 0;
    return arena;
  }

  #failed(message: string): void {
    this.#reported ??= message;
  }

  /** So many bytes among those to be sent; where they begin. */
  #space(bytes: number): number {
    const start = this.#used;
    this.#used += Math.ceil(bytes / alignment) * alignment;
    if (this.#used > this.#bytes.byteLength) {
      const more = new ArrayBuffer(Math.max(this.#used, 2 * this.#bytes.byteLength));
      new Uint8Array(more).set(new Uint8Array(this.#bytes, 0, start));
      this.#bytes = more;
    }
    return start;
  }

  #bindings({ groups, layout }: Compiled, arena: Block, buffers: readonly Buffer[]): object {
    let key = `${arena.id}`;
    for (const { lease: { block }, start, size } of buffers) key += block === null ? " -" : ` ${block.id} ${start} ${size}`;
    let found = groups.get(key);
    if (found === undefined) {
      const numbers = { buffer: arena.memory, offset: 0, size: numberBytes };
      // An empty array is not read; anything may stand in its place.
      const resources = [
        numbers,
        ...buffers.map(({ lease: { block }, start, size }) =>
          block === null ? numbers : { buffer: block.memory, offset: start, size: 4 * size }
        ),
      ];
      const entries = resources.map((resource, binding) => ({ binding, resource }));
      if (groups.size >= mostBindings) groups.clear();
      groups.set(key, found = this.card.createBindGroup({ layout, entries }));
    }
    return found;
  }
}
