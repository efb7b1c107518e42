import { CountedBuffer } from "../counted_buffer.ts";
import { type Answer, type Card, type Memory, use } from "./api.ts";

/** Memory of the card that is used again. */
export class Block {
  /** Buffers in it. */
  users = 0;
  /** The number of submissions when it was given back. */
  last = 0;

  constructor(readonly pool: Pool, readonly memory: Memory, readonly id: number) {}

  /** Notes that a buffer no longer needs it. */
  leave(): void {
    if (--this.users === 0) this.pool.give(this);
  }
}

/** Blocks without users for this many submissions are destroyed. */
const patience = 256;

/** Blocks of memory by size: four sizes between powers of two, so that at most a fifth of one is unused. */
export class Pool {
  readonly #free = new Map<number, Block[]>();
  #made = 0;
  #submissions = 0;

  /** @param check called with the card's answer on new memory */
  constructor(readonly card: Card, readonly check: (answer: Answer) => void) {}

  /** A block of at least so many bytes, with one user. */
  take(bytes: number): Block {
    const size = Math.min(sizeClass(bytes), this.card.limits.maxBufferSize),
      block = this.#free.get(size)?.pop() ?? this.#new(size);
    block.users = 1;
    return block;
  }

  /** Takes back a block without users. */
  give(block: Block): void {
    const { size } = block.memory, free = this.#free.get(size);
    block.last = this.#submissions;
    if (free === undefined) this.#free.set(size, [block]);
    else free.push(block);
  }

  /** Notes a submission; returns whether blocks were destroyed. */
  submitted(): boolean {
    if (++this.#submissions % patience !== 0) return false;
    for (const [size, blocks] of this.#free) {
      const [stay, go] = [true, false].map((on) => blocks.filter(({ last }) => last > this.#submissions - patience === on));
      for (const { memory } of go) memory.destroy();
      this.#free.set(size, stay);
    }
    return true;
  }

  #new(size: number): Block {
    const { card } = this, usage = use.storage | use.uniform | use.copyFrom | use.copyTo;
    card.pushErrorScope("out-of-memory");
    const memory = card.createBuffer({ size, usage });
    this.check(card.popErrorScope());
    return new Block(this, memory, this.#made++);
  }
}

function sizeClass(bytes: number): number {
  const step = 2 ** Math.max(8, Math.floor(Math.log2(Math.max(1, bytes - 1))) - 2);
  return Math.ceil(bytes / step) * step;
}

/** A buffer's share of a block, which is given back once: by the buffer, or when nothing reaches it. */
export interface Lease {
  block: Block | null;
}

/** Gives back a lease; a second call does nothing. */
export function giveBack(lease: Lease): void {
  lease.block?.leave();
  lease.block = null;
}

/** Elements on the card. */
export class Buffer extends CountedBuffer<Buffer> {
  readonly lease: Lease = { block: null };
  /** Bytes before it in its block. */
  start = 0;

  protected override free(): void {
    giveBack(this.lease);
  }
}

/** Has a buffer's elements in a block that is also somebody else's. */
export function lend(block: Block, buffer: Buffer): void {
  giveBack(buffer.lease);
  block.users++;
  buffer.lease.block = block;
  buffer.start = 0;
}
