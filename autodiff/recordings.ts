import { listRoom } from "./kernels/lists_in_use.ts";
import type { ListRoom } from "./kernels/list_room.ts";
import { chainMakers, loadChains } from "./lists/chains_in_use.ts";
import type { Tape } from "./tape.ts";

/** Replays between two checks, at most. */
const mostUnchecked = 1024;

/** More numbers than this are not computed outside of lists: such a replay would save little. */
const mostOutside = 4e5;

/** Recordings that wait for what plans long arrays, at most: a loop that never awaits does not load it. */
const mostWaits = 32;

/** A recording keeps the arrays of its operations: at most so many numbers. */
const mostNumbers = 1e7;

/** Calls that decide otherwise, as of two formulas the greater, have recordings of their own, at most so many. */
const mostRecordings = 8;

/** The replays by which the next recording is guessed. */
const remembered = 6;

/** An operation is a few of a list, each with a place and perhaps a step of its own, however small. */
const bytesOfOperation = 1024;

/** What the recordings of several functions share. */
export interface Shared {
  /** The room of a recording, from the second on; `null`: each function has a memory of its own. */
  room: (() => ListRoom) | null;
  /** How many replays there were. */
  replays: number;
}

/**
 * The recordings of a function. One is replayed once a second one agrees with it in all operations, options, constants and
 * decisions. Replays 1, 4, 16, …, 1024, 2048, 3072, … and a recording's first are checks: what they find is to be compared with the
 * function.
 */
export class Recordings<R extends { tape: Tape }> {
  /** Recordings that were made once, and those that were made twice. */
  #once: R[] = [];
  #twice: R[] = [];
  #last: R | null = null;
  /** The last replays, each a digit, and which recording came after the same ones before: decisions often alternate. */
  #recent = 0;
  readonly #after = new Map<number, R>();
  #off = false;
  #waits = 0;
  #room: ListRoom | null | undefined;

  /**
   * @param bytes of the memory of its recordings; `null`: as much as a few like the first need, which itself is elsewhere
   * @param shared what several functions have in common
   */
  constructor(readonly bytes: number | null = null, readonly shared: Shared = { room: null, replays: 0 }) {}

  /** The room of the next recording. */
  get room(): ListRoom | null {
    const [known] = this.all, { room } = this.shared;
    if (room !== null) return this.#once.length === 0 ? null : room();
    const bytes = this.bytes ?? (known && bytesOfSome(known.tape));
    if (bytes !== undefined && this.#room === undefined) this.#room = listRoom(bytes);
    return this.#room ?? null;
  }

  /** Whether nothing can be recorded. */
  get off(): boolean {
    return this.#off;
  }

  /** All recordings. */
  get all(): readonly R[] {
    return [...this.#once, ...this.#twice];
  }

  /** The recordings that may be replayed. */
  get replayable(): readonly R[] {
    return this.#twice;
  }

  /** The recording that was replayed last. */
  get last(): R {
    return this.#last!;
  }

  /** Replays the first part of the recording whose decisions turn out as they were; `null` if there is none. */
  replayed(): R | null {
    const all = this.#twice, likely = this.#after.get(this.#recent) ?? this.#last;
    const found = likely?.tape.replay(0) ? likely : all.find((one) => one !== likely && one.tape.replay(0));
    if (found === undefined) return null;
    if (all.length > 1) {
      this.#after.set(this.#recent, found);
      this.#recent = (mostRecordings * this.#recent + all.indexOf(found)) % mostRecordings ** remembered;
    }
    this.shared.replays++;
    return this.#last = found;
  }

  /** Whether the last replay is a check. */
  get checks(): boolean {
    return isCheck(this.shared.replays) || this.last.tape.replays === 1;
  }

  /** Whether the next replay is a check. */
  get checksNext(): boolean {
    return isCheck(this.shared.replays + 1) || this.#twice.some(({ tape }) => tape.replays === 0);
  }

  /** Whether the last replay is the first, so that no result depends on a replay yet. */
  get isFirst(): boolean {
    return this.shared.replays === 1;
  }

  /** Takes a recording; `null` if there can be none. */
  take(recording: R | null): void {
    if (recording === null || recording.tape.numbers > mostNumbers) return this.stop();
    const { tape } = recording;
    if (tape.numbers > tape.numbersKept) loadChains().catch(() => {});
    // Their arrays would need too much room as long as nothing plans it.
    if (isLarge(tape) && chainMakers() === null) return void (++this.#waits > mostWaits && this.stop());
    const place = this.#once.findIndex((one) => one.tape.agrees(tape));
    if (place >= 0) {
      if (isLarge(tape) && isLarge({ numbers: tape.numbersOutside })) return this.stop();
      this.#once.splice(place, 1);
      this.#twice.push(recording);
    } else this.#once.push(recording);
    if (this.#once.length + this.#twice.length > mostRecordings) this.stop();
  }

  /** Forgets all recordings. */
  clear(): void {
    [this.#once, this.#twice, this.#last, this.#recent] = [[], [], null, 0];
    this.#after.clear();
  }

  /** Ends recordings and replays. */
  stop(): void {
    this.#off = true;
    this.clear();
  }
}

/** Whether a replay outside of lists would save little. */
export function isLarge({ numbers }: { numbers: number }): boolean {
  return numbers > mostOutside;
}

/** Memory for four recordings like one, with steps of their own, for what they read, and for the room that they share. */
function bytesOfSome({ numbers, numbersKept, sources, length }: Tape): number {
  const own = 4 * (8 * numbersKept + bytesOfOperation * length);
  return [...sources].reduce((sum, { byteLength }) => sum + byteLength, own + 8 * (numbers - numbersKept));
}

function isCheck(count: number): boolean {
  const isPower = (count & (count - 1)) === 0 && Math.clz32(count) % 2 === 1;
  return count < mostUnchecked ? isPower : count % mostUnchecked === 0;
}
