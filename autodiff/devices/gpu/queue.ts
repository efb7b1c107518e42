import type { TypedArray } from "../../dtype.ts";
import { DeviceError, type RemoteDevice } from "../../remote_array.ts";
import { CountedBuffer } from "../counted_buffer.ts";
import type { Transfers } from "../gpu_device.ts";
import type { Handle, Kernel, KernelLibrary } from "./library.ts";

/** Elements on the device. */
export class Buffer extends CountedBuffer<Buffer> {
  handle: Handle | null = null;

  /** Sets its elements. */
  hold(handle: Handle): void {
    this.handle = handle;
    this.settle();
  }

  protected override free(): void {
    if (this.handle !== null) discard(this.handle);
    this.handle = null;
  }
}

/** Frees memory; a second call does nothing. */
function discard(handle: Handle): void {
  if ("delete" in handle) handle.delete();
}

/** A call of a kernel. `source` is the body of its function; a0, a1, … are the inputs, n0, n1, … the numbers. */
interface Program {
  /** The operation, for messages. */
  name: string;
  source: string;
  inputs: readonly Buffer[];
  numbers: readonly number[];
  output: Buffer;
}

/** Elements to upload. */
interface Upload {
  buffer: Buffer;
  values: TypedArray;
}

/** The most elements in an array: kernels compute positions in float32, which is exact for whole numbers up to this. */
export const mostElements = 2 ** 24;

/** The most kernels that wait for a read. Waiting lets everything uploaded between two reads cross at once. */
const mostWaiting = 2000;

/**
 * Work for gpu.js, in order. Nothing runs until a result is read: then all new uploads cross as one array, and kernels run one
 * after the other without waiting, because their data stays on the device.
 */
export class Queue {
  readonly transfers: Transfers = { uploads: 0, uploadedBytes: 0, downloads: 0, downloadedBytes: 0, kernels: 0, submissions: 0 };
  readonly #kernels = new Map<string, Kernel>();
  /** Frees the memory of unreachable buffers. */
  readonly #forgotten = new FinalizationRegistry<Handle>(discard);
  #uploads: Upload[] = [];
  #waiting: Program[] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(readonly device: RemoteDevice, readonly library: KernelLibrary) {}

  /** A buffer with a copy of these elements; part of `step`, if given. */
  upload(values: TypedArray, step: Buffer[] | null): Buffer {
    const buffer = this.#made(values.length, step);
    if (values.length > 0) this.#uploads.push({ buffer, values: values.slice() });
    return buffer;
  }

  /** The future result of a kernel; part of its inputs' step, if any. */
  run(work: Omit<Program, "output">, size: number): Buffer {
    const { name, inputs } = work;
    const output = this.#made(size, inputs.find(({ step }) => step !== null)?.step ?? null);
    if (size === 0) return output;
    if (inputs.some(({ released }) => released)) {
      output.failure = new DeviceError(
        `Cannot ${name}: an input belongs to a step that has ended; keep it, or use it in the step`,
      );
      return output;
    }
    for (const input of inputs) input.readers++;
    this.#waiting.push({ ...work, output });
    if (this.#waiting.length >= mostWaiting) this.flush();
    return output;
  }

  /** The elements of a buffer. @throws {DeviceError} if the device failed */
  async read(buffer: Buffer): Promise<Float32Array> {
    if (buffer.size === 0) return new Float32Array(0);
    if (buffer.released) throw new DeviceError("Cannot read a tensor of a step that has ended: keep it, or read it in the step");
    buffer.readers++;
    await this.flush();
    try {
      if (buffer.failure !== null) throw buffer.failure;
      const handle = handleOf(buffer), found = "toArray" in handle ? await handle.toArray() : handle;
      this.transfers.downloads++;
      this.transfers.downloadedBytes += 4 * buffer.size;
      return found;
    } catch (error) {
      throw this.#failure("a read", error);
    } finally {
      buffer.isRead();
    }
  }

  /** Runs everything that waits. */
  flush(): Promise<void> {
    const uploads = this.#uploads, programs = this.#waiting;
    this.#uploads = [];
    this.#waiting = [];
    return this.#running = this.#running.then(() => this.#execute(uploads, programs));
  }

  #made(size: number, step: Buffer[] | null): Buffer {
    const buffer = new Buffer(this.device, size);
    buffer.step = step;
    step?.push(buffer);
    return buffer;
  }

  async #execute(uploads: readonly Upload[], programs: readonly Program[]): Promise<void> {
    const size = uploads.reduce((sum, { values }) => sum + values.length, 0);
    if (size > mostElements) { for (const upload of uploads) await this.#send([upload], upload.values.length); }
    else if (size > 0) await this.#send(uploads, size);
    for (const { name, source, inputs, numbers, output } of programs) {
      output.failure = inputs.find(({ failure }) => failure !== null)?.failure ?? null;
      if (output.failure === null && !(output.released && output.readers === 0)) {
        try {
          const kernel = this.#kernel(source, output.size, inputs.map(({ size }) => size), numbers.length);
          this.#hold(output, await kernel(...inputs.map(handleOf), ...numbers));
          this.transfers.kernels++;
          this.transfers.submissions++;
        } catch (error) {
          output.failure = this.#failure(`${name}, ${output.size} elements`, error);
        }
      }
      for (const input of inputs) input.isRead();
    }
  }

  /** Uploads elements as one array of `size`, then copies each buffer's part. */
  async #send(uploads: readonly Upload[], size: number): Promise<void> {
    const all = new Float32Array(size);
    let offset = 0;
    const places = uploads.map(({ values }) => {
      all.set(values, offset);
      return (offset += values.length) - values.length;
    });
    try {
      const sent = await this.#kernel("return a0[this.thread.x];", size, [size], 0)(all);
      this.transfers.uploads++;
      this.transfers.uploadedBytes += 4 * size;
      if (uploads.length === 1) return this.#hold(uploads[0].buffer, sent);
      for (const [i, { buffer }] of uploads.entries()) {
        this.#hold(buffer, await this.#kernel(`return a0[this.thread.x + ${places[i]}];`, buffer.size, [size], 0)(sent));
      }
      discard(sent);
    } catch (error) {
      for (const { buffer } of uploads) buffer.failure = this.#failure(`an upload of ${size} elements`, error);
    }
  }

  #hold(buffer: Buffer, handle: Handle): void {
    this.#forgotten.register(buffer, handle);
    buffer.hold(handle);
  }

  #failure(place: string, error: unknown): DeviceError {
    if (error instanceof DeviceError) return error;
    return new DeviceError(`The ${this.device.name} failed at ${place}: ${(error as Error).message}`);
  }

  /** Compiles once per source and sizes: where arrays are textures, a kernel is specific to their sizes. */
  #kernel(source: string, size: number, inputs: readonly number[], numbers: number): Kernel {
    const key = `${size} ${inputs} ${source}`;
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) {
      const names = [...inputs.map((_, i) => `a${i}`), ...Array.from({ length: numbers }, (_, i) => `n${i}`)];
      this.#kernels.set(key, kernel = this.library.compile(`function (${names.join(", ")}) { ${source} }`, size));
    }
    return kernel;
  }
}

/** A placeholder for empty arrays, which kernels do not accept. */
function handleOf({ handle }: Buffer): Handle {
  return handle ?? new Float32Array(1);
}
