import type { TypedArray } from "../../dtype.ts";
import { DeviceError, type RemoteDevice } from "../../remote_array.ts";
import type { Transfers } from "../gpu_device.ts";
import type { Answer, Card, Encoder, Pass } from "./api.ts";
import { type Each, joined } from "./elementwise.ts";
import { type Call, type Compiled, Compiler, dispatchOf, numberBytes } from "./kernel.ts";
import { Buffer, giveBack, type Lease, Pool } from "./memory.ts";
import { type Noted, Program, type Turns } from "./program.ts";
import { type Part, Reader } from "./reader.ts";
import { Sending } from "./sending.ts";

/** A copy of all elements of a buffer. */
interface Copy {
  inputs: readonly [Buffer];
  outputs: readonly [Buffer];
}

/** A list of a program, for a step of a turn. */
interface Replay {
  program: Program;
  part: "forward" | "backward";
  turn: number;
  inputs: readonly [];
  outputs: readonly [];
}

/** The most calls that wait for a read. */
const mostWaiting = 4000;

/**
 * Work for the card, in order. Nothing runs until a result is read, or much has gathered: then all new uploads cross as one
 * array, and all calls go to the card in one pass of one submission.
 */
export class Queue {
  readonly transfers: Transfers = { uploads: 0, uploadedBytes: 0, downloads: 0, downloadedBytes: 0, kernels: 0, submissions: 0 };
  readonly pool: Pool;
  readonly #compiler: Compiler;
  readonly #sending: Sending;
  readonly #reader: Reader;
  readonly #forgotten = new FinalizationRegistry<Lease>(giveBack);
  #waiting: (Call | Each | Copy | Replay)[] = [];
  /** Where work is noted. */
  #notes: (Call | Each)[] | null = null;
  /** Whether work is only noted. */
  #only = false;
  /** Why the card is no longer there. */
  #lost: string | null = null;
  /** The first error that the card reported since the last read. */
  #reported: string | null = null;
  /** Answers to come, on whether new memory, kernels and calls were accepted. */
  #checks: Promise<void>[] = [];

  /** @param armed whether a buffer that was mapped before can be read without waiting */
  constructor(readonly device: RemoteDevice, readonly card: Card, armed: boolean) {
    this.pool = new Pool(card, this.check);
    this.#compiler = new Compiler(card, this.check);
    this.#sending = new Sending(card, this.pool, this.transfers);
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
    const buffer = this.made(values.length, step);
    if (values.length === 0) return buffer;
    if (!this.#sending.hasRoomFor(values)) this.flush();
    this.#sending.add(buffer, values);
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

  /** The work that `compute` asks for; with `only`, nothing of it runs. */
  noted<T>(compute: () => T, only: boolean): { result: T; work: (Call | Each)[] } {
    const work: (Call | Each)[] = this.#notes = [];
    this.#only = only;
    try {
      return { result: compute(), work };
    } finally {
      this.#notes = null;
      this.#only = false;
    }
  }

  /** A step whose lists can be run. @throws {RangeError} if it cannot */
  program(noted: Noted, turns: Turns): Program {
    return new Program(this.card, this.#compiler, this.pool, this.mostArrays, noted, turns);
  }

  /** Runs a program's list before the next read. */
  replay(program: Program, part: Replay["part"]): void {
    this.#waiting.push({ program, part, turn: program.turns.now, inputs: [], outputs: [] });
  }

  /** Copies a buffer before what is asked for next. */
  copy(from: Buffer, to: Buffer): void {
    from.readers++;
    this.#waiting.push({ inputs: [from], outputs: [to] });
  }

  /** Notes a call, which runs before the next read. */
  run(work: Call | Each): void {
    if (work.outputs.every(({ size }) => size === 0)) return;
    this.#notes?.push(work);
    if (this.#only) return;
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
      // That the card is lost may be told after what it made fail.
      await new Promise((resolve) => setTimeout(resolve));
      const reason = this.#lost ?? this.#reported ?? (error as Error).message;
      this.#reported = this.#lost;
      throw new DeviceError(`The ${this.device.name} failed at a read: ${reason.replace(/\.$/, "")}`);
    } finally {
      for (const buffer of buffers) buffer.isRead();
    }
  }

  /** Submits everything that waits; the bytes of `wanted`, one after the other. */
  flush(wanted: readonly Part[] = []): Promise<ArrayBuffer> {
    const work = joined<Copy | Replay>(this.#waiting, this.mostArrays), calls = work.filter((one) => "kernel" in one);
    this.#waiting = [];
    this.card.pushErrorScope("validation");
    const encoder = this.card.createCommandEncoder(), { arena, numbers } = this.#sending.send(encoder, programsIn(work), calls);
    let pass: Pass | null = null, pipeline: object | null = null, count = 0;
    for (const one of work) {
      if ("program" in one) {
        pass ??= encoder.beginComputePass();
        this.transfers.kernels += one.program.encode(pass, one.part, one.turn);
        pipeline = null;
      } else if ("kernel" in one) {
        const at = numbers + count++ * numberBytes, compiled = this.#ready(one);
        if (compiled !== null) {
          pass ??= encoder.beginComputePass();
          if (pipeline !== compiled.pipeline) pass.setPipeline(pipeline = compiled.pipeline);
          pass.setBindGroup(0, this.#compiler.bindings(compiled, arena!, [...one.inputs, ...one.outputs]), [at]);
          pass.dispatchWorkgroups(...dispatchOf(one.groups));
          this.transfers.kernels++;
        }
        this.#settle(one.reads ?? one.inputs, one.outputs);
      } else {
        pass?.end();
        pass = pipeline = null;
        this.#encodeCopy(encoder, one);
        this.#settle(one.inputs, one.outputs);
      }
    }
    pass?.end();
    const read = wanted.length === 0 ? null : this.#reader.copied(encoder, wanted);
    this.card.queue.submit([encoder.finish()]);
    this.check(this.card.popErrorScope());
    this.transfers.submissions++;
    arena?.leave();
    if (this.pool.submitted()) this.#compiler.forget();
    return read?.() ?? Promise.resolve(new ArrayBuffer(0));
  }

  /** A call's kernel, once its results have memory; `null` if it need not or cannot run. */
  #ready({ name, kernel, inputs, outputs }: Call): Compiled | null {
    const failure = inputs.find(({ failure }) => failure !== null)?.failure ?? null;
    if (failure !== null) { for (const output of outputs) output.failure = failure; }
    if (failure !== null || outputs.every(({ isDone }) => isDone)) return null;
    try {
      for (const { lease, size } of outputs) lease.block ??= this.pool.take(4 * size);
      return this.#compiler.compiled(kernel);
    } catch (error) {
      const { message } = error as Error;
      for (const output of outputs) {
        output.failure = new DeviceError(`The ${this.device.name} failed at ${name}, ${output.size} elements: ${message}`);
      }
      return null;
    }
  }

  #encodeCopy(encoder: Encoder, { inputs: [from], outputs: [to] }: Copy): void {
    to.failure = from.failure;
    if (from.lease.block === null || to.isDone) return;
    to.lease.block = this.pool.take(4 * to.size);
    encoder.copyBufferToBuffer(from.lease.block.memory, from.start, to.lease.block.memory, 0, 4 * to.size);
  }

  #settle(inputs: readonly Buffer[], outputs: readonly Buffer[]): void {
    for (const input of inputs) input.isRead();
    for (const output of outputs) output.settle();
  }

  #failed(message: string): void {
    this.#reported ??= message;
  }
}

/** The programs whose bytes are not on the card yet. */
function programsIn(work: readonly object[]): Set<Program> {
  const programs = (work as Partial<Replay>[]).flatMap(({ program }) =>
    program === undefined || program.unsent === null ? [] : [program]
  );
  return new Set(programs);
}
