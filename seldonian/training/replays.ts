import { Tensor } from "../../autodiff/mod.ts";
import { Recordings } from "../../autodiff/recordings.ts";
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

/** Two recordings and a check take as long as some ten steps. */
const fewestSteps = 16;

/** Decides which steps are recorded and replayed: those on the same rows. The last replay is checked too. */
export class Replays {
  /** The multipliers of the replayed backward pass. */
  readonly seeds: readonly Tensor[];
  readonly recordings = new Recordings<RecordedStep>();
  #rows: Sets<Rows> | null = null;
  /** Whether steps have been replayed since the last check. */
  #unchecked = false;

  /** @param steps of the training, at most: recordings of a few would not pay */
  constructor(constraints: number, steps: number) {
    this.seeds = Array.from({ length: constraints }, () => Tensor.scalar(0));
    if (steps < fewestSteps) this.recordings.stop();
  }

  /** How to take the next step, on these rows. For a replay and a check, the forward pass has been replayed. */
  next(rows: Sets<Rows>): Way {
    const { recordings } = this;
    if (recordings.off) return "ordinary";
    const before = this.#rows;
    this.#rows = rows;
    if (before === null || rows.main !== before.main || !(rows.isAlone || rows.all.every((one, i) => one === before.all[i]))) {
      this.#unchecked = false;
      recordings.clear();
      return "ordinary";
    }
    if (recordings.replayed() === null) return "record";
    this.#unchecked = !recordings.checks;
    return recordings.checks ? "check" : "replay";
  }

  /** The rows of replays that no check has followed; `null` if there are none. */
  get unchecked(): Sets<Rows> | null {
    return this.#unchecked && !this.recordings.off ? this.#rows : null;
  }
}
