import { Recordings } from "../../autodiff/recordings.ts";
import type { Tape } from "../../autodiff/tape.ts";
import { Tensor, type TypedArray } from "../../autodiff/mod.ts";
import { here } from "../../autodiff/remote_array.ts";
import type { Rows } from "../data/data_set.ts";
import type { Sets } from "../sets.ts";
import type { Judged } from "./course.ts";
import { Layouts } from "./layouts.ts";

/** A recorded step: replaying it refills these results. */
export interface RecordedStep {
  /** Its parts: up to the bounds, and the backward pass. */
  tape: Tape;
  judged: Judged;
  penalties: readonly Tensor[];
}

/** Where steps are recorded and replayed. */
export interface Stage {
  /** The rows of the step, in tensors that stay. */
  readonly rows: Sets<Rows>;
  readonly recordings: Recordings<RecordedStep>;
  /** Whether there is room for a recording. */
  readonly hasRoom: boolean;
  /** Storages of rows that never change, and storages and columns that do. */
  readonly constants: ReadonlySet<TypedArray>;
  readonly changing: readonly object[];
  /** Takes a recording; `null` if there can be none. */
  take(step: RecordedStep | null): void;
  /** Fills the tensors with the rows again, after steps of other stages. */
  restore(): void;
}

/** How to take a step: with a recording, by a replay, or an ordinary one that is compared with what a replay finds. */
export type Way = "record" | "replay" | "check";

/** Two recordings and a check take as long as some ten steps. */
const fewestSteps = 16;

/** Decides which steps are recorded and replayed. */
export class Replays {
  readonly #layouts: Layouts;
  #same: SameRows | null = null;
  #before: Sets<Rows> | null = null;
  #off: boolean;
  /** Where steps have been replayed since the last check. */
  #unchecked: Stage | null = null;

  /** @param steps of the training, at most: recordings of a few would not pay */
  constructor(steps: number) {
    this.#off = steps < fewestSteps;
    this.#layouts = new Layouts(steps);
  }

  /** How to take the next step, and where; `null`: an ordinary step. For a replay and a check, the forward pass has been replayed. */
  next(rows: Sets<Rows>): { way: Way; stage: Stage } | null {
    if (this.#off) return null;
    const stage = this.#stageOf(rows);
    if (stage === null || stage.recordings.off) return null;
    if (stage.recordings.replayed() === null) return stage.hasRoom ? { way: "record", stage } : null;
    const way = stage.recordings.checks ? "check" : "replay";
    this.#unchecked = way === "check" ? null : stage;
    return { way, stage };
  }

  /** Where the last replay was, if no check has followed. */
  get unchecked(): Stage | null {
    return this.#unchecked?.recordings.off ? null : this.#unchecked;
  }

  #stageOf(rows: Sets<Rows>): Stage | null {
    const before = this.#before;
    this.#before = rows;
    if (before !== null && isSame(before, rows)) return this.#same ??= new SameRows(rows);
    this.#same = null;
    const stage = this.#layouts.stage(rows);
    if (this.#layouts.off) this.#off = true;
    return stage;
  }
}

/** Every step has the same rows, so they are constants. */
class SameRows implements Stage {
  readonly recordings = new Recordings<RecordedStep>();
  readonly hasRoom = true;
  readonly changing = [];

  constructor(readonly rows: Sets<Rows>) {}

  get constants(): Set<TypedArray> {
    const tensors = this.rows.all.flatMap(({ features, labels }) => [features, labels]).filter((x) => x instanceof Tensor);
    return new Set(tensors.map(({ array }) => here(array).data));
  }

  take(step: RecordedStep | null): void {
    this.recordings.take(step);
  }

  restore(): void {}
}

function isSame(a: Sets<Rows>, b: Sets<Rows>): boolean {
  return a.main === b.main && (a.isAlone || a.all.every((one, i) => one === b.all[i]));
}
