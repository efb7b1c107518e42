import { sameBits } from "../../autodiff/agreement.ts";
import { inStep, Tensor } from "../../autodiff/mod.ts";
import { loadChains } from "../../autodiff/lists/chains_in_use.ts";
import { mostKept } from "../../autodiff/lists/most_kept.ts";
import { recordTape } from "../../autodiff/record_tape.ts";
import { aside } from "../../autodiff/recorder.ts";
import { here } from "../../autodiff/remote_array.ts";
import type { Tape } from "../../autodiff/tape.ts";
import { changedFields, type Module, tensorsOf } from "../../nn/module.ts";
import type { Rows } from "../data/data_set.ts";
import type { Sets } from "../sets.ts";
import { boundsOf, type Judged } from "./course.ts";
import type { DescentStep } from "./descent_step.ts";
import { upperOf } from "./finalists.ts";
import { heardOf, lagrangianOf, seededSum } from "./lagrangian.ts";
import { type RecordedStep, Replays, type Stage } from "./replays.ts";

/** What a replay found, and where. */
interface Expected {
  values: readonly number[];
  gradient: Float32Array;
  stage: Stage;
}

/** Steps that are recorded, replayed, and compared with ordinary ones. */
export class RecordedSteps<M extends Module> {
  readonly #replays: Replays;
  /** The multipliers of a replayed backward pass. */
  readonly #seeds: readonly Tensor[];
  /** The results of a replay to compare with the next ordinary step. */
  #expected: Expected | null = null;

  /** @param steps of the training, at most */
  constructor(readonly step: DescentStep<M>, readonly steps: number) {
    this.#replays = new Replays(steps);
    this.#seeds = step.course.options.problem.promises.map(() => Tensor.scalar(0));
  }

  /** Loads what recordings of many rows need, so that it does not depend on time which steps are replayed. */
  async ready(): Promise<void> {
    // Without it, steps are ordinary ones.
    if (this.steps > 0 && this.step.course.options.settings.batchSize > mostKept) await loadChains().catch(() => {});
  }

  /** Takes a step by a recording; `undefined`: an ordinary one must follow. Else why training ends, or `null`. */
  take(epoch: number, rows: Sets<Rows>): string | null | undefined {
    const next = this.#replays.next(rows);
    if (next === null) return undefined;
    const { way, stage } = next;
    if (way === "record") return this.#record(epoch, stage);
    if (way === "replay") return this.#replay(epoch, stage);
    this.#expected = this.#expectedOf(stage);
    return undefined;
  }

  /** A step that is recorded. Its backward pass starts from multipliers that a replay can set. */
  #record(epoch: number, stage: Stage): string | null {
    const { step } = this, { rows } = stage;
    let stopped: string | null = null, found: Pick<RecordedStep, "judged" | "penalties"> | undefined, changed: unknown[] = [];
    const tape = recordTape(
      this.#changing(stage),
      (endPart) => {
        let told: Tensor[] = [];
        changed = changedFields(step.trained.model, () => told = step.forward(rows, (features) => features));
        const { judged, added: penalties } = step.judged(rows, told), heard = heardOf(judged);
        endPart();
        const added = [...penalties, ...step.weights.regularizer()], noted = aside(() => step.note(epoch, rows, judged, added));
        if (typeof noted === "string") {
          stopped = noted;
          return [];
        }
        found = { judged, penalties };
        this.#seed(noted.lambda);
        seededSum(judged, penalties, this.#seeds, heard).backward();
        endPart();
        stopped = aside(() => step.move(judged, added, noted));
        // Bounds, estimates and penalties are single numbers, which every replay fills.
        return [];
      },
      stage.recordings.room,
      stage.constants,
    );
    const isReplayable = found !== undefined && typeof tape !== "string" && isStateless(changed, tape);
    stage.take(isReplayable ? { ...found!, tape } : null);
    return stopped;
  }

  /** The storages that differ from step to step. */
  #changing({ changing }: Stage): Set<object> {
    const { course: { temperature, part }, trained: { model } } = this.step;
    const tensors = [...tensorsOf(model), ...this.#seeds, temperature, ...(part ? [part] : [])];
    return new Set([...tensors.map(({ array }) => here(array).data), ...changing]);
  }

  /** A replayed step, after its forward pass. */
  #replay(epoch: number, { rows, recordings }: Stage): string | null {
    const { step } = this, { tape, judged, penalties } = recordings.last, added = [...penalties, ...step.weights.regularizer()];
    const noted = step.note(epoch, rows, judged, added);
    if (typeof noted === "string") return noted;
    this.#seed(noted.lambda);
    tape.replay(1);
    return step.move(judged, added, noted);
  }

  #seed(lambda: readonly number[]): void {
    this.#seeds.forEach((seed, i) => here(seed.array).data[0] = lambda[i]);
  }

  /** What a replay finds after its forward pass; it leaves the gradient at 0. */
  #expectedOf(stage: Stage): Expected {
    const { trained: { gradient }, multipliers } = this.step, { tape, judged } = stage.recordings.last;
    this.#seed(multipliers.weights(boundsOf(judged.found)));
    tape.replay(1);
    const expected = { values: valuesOf(judged), gradient: gradient.slice(), stage };
    gradient.fill(0);
    return expected;
  }

  /**
   * Compares the last replay, if it is a check, with an ordinary forward and backward pass.
   * @throws {RangeError} if the replay found something else
   */
  compare(judged: Judged): void {
    const expected = this.#expected, { gradient } = this.step.trained;
    this.#expected = null;
    if (expected === null) return;
    if (sameBits(valuesOf(judged), expected.values) && sameBits(gradient, expected.gradient)) return;
    // No step was replayed before the first check.
    if (expected.stage.recordings.isFirst) expected.stage.take(null);
    else throw changed(this.#difference(expected.stage));
  }

  /** Checks the last replay, unless a check has followed it. */
  lastCheck(): void {
    const stage = this.#replays.unchecked, { trained: { model, gradient }, multipliers } = this.step;
    if (stage === null) return;
    stage.restore();
    if (!stage.recordings.last.tape.replay(0)) return;
    this.#expected = this.#expectedOf(stage);
    inStep(() => {
      const { judged, added } = this.#judged(stage), lambda = multipliers.weights(boundsOf(judged.found));
      lagrangianOf(judged, added, lambda, heardOf(judged)).backward();
      this.compare(judged);
    }, () => tensorsOf(model));
    gradient.fill(0);
  }

  #judged({ rows }: Stage): { judged: Judged; added: Tensor[] } {
    return this.step.judged(rows, this.step.forward(rows, (features) => features));
  }

  /** What differs from the last replay. */
  #difference(stage: Stage): string {
    const again = recordTape(this.#changing(stage), (endPart) => {
      heardOf(this.#judged(stage).judged);
      endPart();
    });
    return typeof again === "string" ? again : stage.recordings.last.tape.difference(again) ?? "its gradients differ";
  }
}

/** Whether a step that changed these fields had no use for what was in them: then they are no state, but kept results. */
function isStateless(changed: readonly unknown[], { sources }: Tape): boolean {
  return changed.every((before) => before instanceof Tensor && !sources.has(here(before.array).data));
}

function valuesOf({ f, found, evaluations }: Judged): number[] {
  return [f.value, ...[...found, ...evaluations].map(upperOf)];
}

/** The error where a replay would find something else than an ordinary step. */
export function changed(difference: string): RangeError {
  return new RangeError(
    "Cannot train: the model, the objective, the penalty or a constraint computes otherwise than in earlier steps " +
      `(${difference}), for a reason that no tensor shows, such as a variable that changes; ` +
      "make it a function of its inputs and parameters, or set optimizer.replay to false",
  );
}
