import type { TypedArray } from "../../dtype.ts";
import type { Transfers } from "../gpu_device.ts";
import type { Card, Encoder, Memory } from "./api.ts";
import { type Call, numberBytes } from "./kernel.ts";
import type { Block, Buffer, Pool } from "./memory.ts";
import { aligned, type Program, writeNumbers } from "./program.ts";

/** What a submission needs of the processor: new arrays, the numbers of calls and the bytes of programs, sent as one array. */
export class Sending {
  #bytes = new ArrayBuffer(1 << 16);
  #used = 0;
  /** The buffers that will hold the new arrays. */
  #buffers: Buffer[] = [];

  /** @param transfers counts what is sent */
  constructor(readonly card: Card, readonly pool: Pool, readonly transfers: Transfers) {}

  /** Whether an array may be added before the next submission. */
  hasRoomFor({ length }: TypedArray): boolean {
    return this.#used + 4 * length + numberBytes <= this.card.limits.maxBufferSize;
  }

  /** Adds a copy of an array's elements, int32 as they are and others as float32. */
  add(buffer: Buffer, values: TypedArray): void {
    buffer.start = this.#space(4 * values.length);
    const to = values instanceof Int32Array ? Int32Array : Float32Array;
    new to(this.#bytes, buffer.start, values.length).set(values);
    this.#buffers.push(buffer);
  }

  /**
   * Sends all to a block, which has a user until the calls are submitted; `numbers` is where those of the calls are. Bytes of one
   * program go to their place by themselves, if they are all that there is.
   */
  send(encoder: Encoder, programs: Set<Program>, calls: readonly Call[]): { arena: Block | null; numbers: number } {
    const numbers = this.#space(numberBytes * calls.length);
    if (this.#used === 0 && programs.size < 2) {
      for (const program of programs) {
        this.#write(program.unsent!, program.bytes, program.bytes.byteLength);
        program.unsent = null;
      }
      return { arena: null, numbers };
    }
    calls.forEach((call, i) => writeNumbers(call, this.#bytes, numbers + i * numberBytes));
    const starts = [...programs].map(({ bytes }) => this.#space(bytes.byteLength)), arena = this.pool.take(this.#used);
    for (const [i, program] of [...programs].entries()) {
      new Uint8Array(this.#bytes).set(new Uint8Array(program.bytes), starts[i]);
      encoder.copyBufferToBuffer(arena.memory, starts[i], program.unsent!, 0, program.bytes.byteLength);
      program.unsent = null;
    }
    this.#write(arena.memory, this.#bytes, this.#used);
    for (const buffer of this.#buffers) {
      arena.users++;
      buffer.lease.block = arena;
      buffer.settle();
    }
    this.#buffers = [];
    this.#used = 0;
    return { arena, numbers };
  }

  #write(to: Memory, bytes: ArrayBuffer, size: number): void {
    this.card.queue.writeBuffer(to, 0, bytes, 0, size);
    this.transfers.uploads++;
    this.transfers.uploadedBytes += size;
  }

  /** So many bytes among those to be sent; where they begin. */
  #space(bytes: number): number {
    const start = this.#used;
    this.#used += aligned(bytes);
    if (this.#used > this.#bytes.byteLength) {
      const more = new ArrayBuffer(Math.max(this.#used, 2 * this.#bytes.byteLength));
      new Uint8Array(more).set(new Uint8Array(this.#bytes, 0, start));
      this.#bytes = more;
    }
    return start;
  }
}
