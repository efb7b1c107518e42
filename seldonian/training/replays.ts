import { Tensor } from "../../autodiff/mod.ts";
import type { Tape } from "../../autodiff/tape.ts";
import type { Rows } from "../data/data_set.ts";
import type { Sets } from "../sets.ts";
import type { Judged } from "./course.ts";

/** A recorded step: replaying it refills these results. */
export interface RecordedStep {
  /** Its parts: up to the bounds, and the backward pass. */
  tape: Tape;
  judged: Judged;
  penalties: readonly Tensor[];
}

/** How to take a step: as ever, also with a recording, by a replay, or as ever with a look at what a replay finds. */
export type Way = "ordinary" | "record" | "replay" | "check";

/** Replays between two checks, at most. */
const mostUnchecked = 64;

/** More numbers than this are not kept: for large steps, a replay saves little. */
const mostNumbers = 2e6;

/** Steps that decide otherwise, as of two formulas the greater, have recordings of their own, at most so many. */
const mostRecordings = 8;

/**
 * Decides which steps are recorded and replayed. Steps on the same rows are recorded; where two agree in all operations, options,
 * constants and decisions, the next ones are replayed. Replays 1, 2, 4, …, 64, 128, 192, … and the last are compared with ordinary
 * steps, bit by bit.
 */
export class Replays {
  /** The multipliers of the replayed backward pass. */
  readonly seeds: readonly Tensor[];
  #rows: Sets<Rows> | null = null;
  #steps = 0;
  /** Recordings that were seen once, and those that were seen twice, the last used first. */
  #once: RecordedStep[] = [];
  #twice: RecordedStep[] = [];
  #off: boolean;
  #count = 0;
  /** Whether steps have been replayed since the last check. */
  #unchecked = false;

  constructor(constraints: number, on: boolean) {
    this.seeds = Array.from({ length: constraints }, () => Tensor.scalar(0));
    this.#off = !on;
  }

  /** The recording whose forward pass was replayed last. */
  get recorded(): RecordedStep {
    return this.#twice[0];
  }

  /** How to take the next step, on these rows. For a replay and a check, the forward pass has been replayed. */
  next(rows: Sets<Rows>): Way {
    if (this.#off) return "ordinary";
    const before = this.#rows;
    this.#rows = rows;
    if (before === null || !rows.all.every((one, i) => one === before.all[i])) {
      this.#steps = 0;
      this.#unchecked = false;
      [this.#once, this.#twice] = [[], []];
      return "ordinary";
    }
    // The first steps are often those of a short run.
    if (++this.#steps < 4) return "ordinary";
    const place = this.#twice.findIndex(({ tape }) => tape.replay(0));
    if (place < 0) return "record";
    if (place > 0) this.#twice.unshift(...this.#twice.splice(place, 1));
    const count = ++this.#count, checks = count < mostUnchecked ? (count & (count - 1)) === 0 : count % mostUnchecked === 0;
    this.#unchecked = !checks;
    return checks ? "check" : "replay";
  }

  /** Takes a recording; `null` if the step cannot be replayed. */
  take(recording: RecordedStep | null): void {
    if (recording === null || recording.tape.numbers > mostNumbers) return this.stop();
    const place = this.#once.findIndex(({ tape }) => tape.agrees(recording.tape));
    if (place >= 0) {
      this.#once.splice(place, 1);
      this.#twice.unshift(recording);
    } else this.#once.push(recording);
    if (this.#once.length + this.#twice.length > mostRecordings) this.stop();
  }

  /** The rows of replays that no check has followed; `null` if there are none. */
  get unchecked(): Sets<Rows> | null {
    return this.#unchecked ? this.#rows : null;
  }

  /** Whether no step was replayed before this check. */
  get isFirstCheck(): boolean {
    return this.#count === 1;
  }

  /** Ends recordings and replays. */
  stop(): void {
    this.#off = true;
    this.#unchecked = false;
    [this.#once, this.#twice] = [[], []];
  }
}
