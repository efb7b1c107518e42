import { type Card, type Encoder, type Memory, use } from "./api.ts";
import type { Buffer } from "./memory.ts";

/** Elements of a buffer. */
export interface Part {
  buffer: Buffer;
  /** Elements before the first. */
  offset: number;
  size: number;
}

/** Memory that the processor can read. */
interface Staging {
  readonly memory: Memory;
  /** Whether it was mapped before. */
  mapped: boolean;
}

/** The mode of a mapping that reads. */
const reading = 1;

/**
 * Reads buffers. In Deno a mapping is there when `mapAsync` returns, but its promise waits 10 ms more; so memory that was mapped
 * once is read without waiting.
 */
export class Reader {
  readonly #free = new Map<number, Staging[]>();

  /** @param armed whether the runtime is one where {@link isArmed} held */
  constructor(readonly card: Card, readonly armed: boolean) {}

  /** Copies elements, one part after the other; the result reads them once that is submitted. */
  copied(encoder: Encoder, parts: readonly Part[]): () => Promise<ArrayBuffer> {
    const bytes = parts.reduce((sum, { size }) => sum + 4 * size, 0), size = 2 ** Math.ceil(Math.log2(Math.max(256, bytes)));
    const staging = this.#free.get(size)?.pop() ?? stagingOf(this.card, size);
    let at = 0;
    for (const { buffer: { lease: { block }, start }, offset, size } of parts) {
      if (block !== null && size > 0) encoder.copyBufferToBuffer(block.memory, start + 4 * offset, staging.memory, at, 4 * size);
      at += 4 * size;
    }
    return async () => {
      const found = await mapped(staging, bytes, this.armed && staging.mapped);
      const free = this.#free.get(size);
      if (free === undefined) this.#free.set(size, [staging]);
      else free.push(staging);
      return found;
    };
  }
}

function stagingOf(card: Card, size: number): Staging {
  return { memory: card.createBuffer({ size, usage: use.read | use.copyTo }), mapped: false };
}

async function mapped(staging: Staging, bytes: number, armed: boolean): Promise<ArrayBuffer> {
  const { memory } = staging, mapping = memory.mapAsync(reading);
  if (armed) mapping.catch(() => {});
  else await mapping;
  staging.mapped = true;
  const found = memory.getMappedRange(0, memory.size).slice(0, bytes);
  memory.unmap();
  return found;
}

/**
 * Whether memory that was mapped before can be read without waiting, tried on a few numbers. Only Deno is asked: elsewhere the
 * promise of a mapping comes soon.
 */
export async function isArmed(card: Card): Promise<boolean> {
  if (!("Deno" in globalThis)) return false;
  const size = 256, from = card.createBuffer({ size, usage: use.copyFrom | use.copyTo }), staging = stagingOf(card, size);
  try {
    for (let round = 1; round <= 4; round++) {
      const encoder = card.createCommandEncoder(), numbers = new Float32Array(64).fill(round);
      card.queue.writeBuffer(from, 0, numbers.buffer, 0, size);
      encoder.copyBufferToBuffer(from, 0, staging.memory, 0, size);
      card.queue.submit([encoder.finish()]);
      const found = new Float32Array(await mapped(staging, size, staging.mapped));
      if (found.some((number) => number !== round)) return false;
    }
    return true;
  } catch {
    return false;
  } finally {
    from.destroy();
    staging.memory.destroy();
  }
}
