import type { Tensor } from "../../autodiff/mod.ts";
import { noteDraw } from "../../autodiff/recorder.ts";
import type { RandomGenerator } from "../../deps.ts";
import type { Module, Pass } from "../../nn/module.ts";
import { schedules } from "../../nn/optim/mod.ts";
import type { Rows } from "../data/data_set.ts";
import { randomStream } from "../random.ts";
import type { Sets } from "../sets.ts";
import { boundsOf, type Course, type Judged } from "./course.ts";
import { heardOf, lagrangianAt, lagrangianOf } from "./lagrangian.ts";
import { type Multipliers, multipliers } from "./multipliers.ts";
import { steepAtFirst } from "./slopes.ts";
import type { TechniqueStart } from "./technique.ts";
import type { Trained } from "./trained.ts";
import type { Weights } from "./weights.ts";

/** What a step comes to before theta moves. */
export interface Noted {
  g: readonly number[];
  /** Whether a constraint has a finite bound. */
  heard: readonly boolean[];
  lambda: readonly number[];
}

/** A step of a descent: outputs, objective and bounds, multipliers, slopes, and the moves of theta and multipliers. */
export class DescentStep<M extends Module> {
  readonly multipliers: Multipliers;
  readonly stepsAnEpoch: number;
  /** Steps of this start. */
  readonly steps: number;
  /** Steps that were taken, the running one included once its bounds are known. */
  taken = 0;
  /** The epoch of the last step that was the best so far; or that in which this part began. */
  lastBetter = 1;
  readonly #pass: Pass;
  /** For how many steps each constraint has had no finite bound. */
  readonly #silent: number[];

  constructor(readonly course: Course, readonly trained: Trained<M>, readonly start: TechniqueStart, readonly weights: Weights) {
    const { settings, problem: { promises, sets } } = course.options;
    this.multipliers = multipliers(promises.map(({ lambda = settings.lambda }) => lambda), settings);
    this.stepsAnEpoch = Math.ceil(sets.main.data.size / settings.batchSize);
    this.steps = settings.epochs * this.stepsAnEpoch;
    this.#pass = { training: true, random: noted(randomStream(start.seed, "layers")) };
    this.#silent = promises.map(() => 0);
  }

  /** The model's outputs on each data set, and the penalty. */
  forward(rows: Sets<Rows>, there: (features: unknown) => unknown): Tensor[] {
    const { course, trained: { model } } = this;
    return [...rows.all.map(({ features }) => model.forward(there(features), this.#pass) as Tensor), ...course.penaltyOf(model)];
  }

  /** Judges the outputs among what {@link forward} told; the rest is added to the objective. */
  judged(rows: Sets<Rows>, told: readonly Tensor[]): { judged: Judged; added: Tensor[] } {
    const left = [...told], outputs = rows.map((rows) => ({ rows, predictions: left.shift()! }));
    return { added: left.map((term) => term.cast("float64")), judged: this.course.judge(outputs) };
  }

  /**
   * The rest of an ordinary step, given what {@link forward} told and the regularization.
   * @param slopesKnown called after the backward pass
   * @returns why training ends, or `null`
   */
  take(epoch: number, rows: Sets<Rows>, told: readonly Tensor[], slopesKnown: (judged: Judged) => void): string | null {
    const { judged, added } = this.judged(rows, told), noted = this.note(epoch, rows, judged, added);
    if (typeof noted === "string") return noted;
    const lagrangian = lagrangianOf(judged, added, noted.lambda, noted.heard);
    if (!lagrangian.requiresGrad) {
      throw new TypeError(
        "Cannot train by gradients: the model's outputs do not come from its parameters by operations on tensors; make them so, or " +
          'search without gradients, as with optimizer: { name: "cma-es" }',
      );
    }
    lagrangian.backward();
    slopesKnown(judged);
    return this.move(judged, added, noted);
  }

  /** Logs a step, and finds the multipliers; or why training ends. */
  note(epoch: number, rows: Sets<Rows>, judged: Judged, added: readonly Tensor[]): Noted | string {
    this.taken++;
    const { course } = this, { settings } = course.options, { f, found } = judged;
    const g = boundsOf(found), heard = heardOf(judged);
    const lambda = this.multipliers.weights(g), lagrangian = lagrangianAt(judged, added, lambda, heard);
    const step = { epoch, f: f.value, g, lambda, lagrangian };
    const eligible = rows.main.labels.size === settings.batchSize || course.log.length === 0;
    const minimized = added.reduce((sum, { value }) => sum + value, f.value);
    if (course.note(step, found, this.weights, { minimized, eligible })) this.lastBetter = epoch;
    if (!Number.isFinite(step.lagrangian)) return this.#diverged(step, added.length === 0 ? null : minimized - step.f);
    return { g, heard, lambda };
  }

  /** Moves theta and multipliers; or why training ends. */
  move({ f, evaluations, found }: Judged, added: readonly Tensor[], { g, heard }: Noted): string | null {
    const { course, trained } = this, { settings, problem: { promises } } = course.options;
    if (this.taken === 1) {
      const named = evaluations.map(({ interval }, i) => [promises[i].constraint, interval.upper] as const);
      const steep = steepAtFirst(course, trained, f, added, named.filter((_, i) => heard[i]));
      if (steep !== null) return steep;
    }
    const factor = schedules[settings.schedule]((this.taken - 1) / this.steps);
    this.weights.descend(factor);
    this.multipliers.update(g, heard, factor);
    return this.#unheard(heard, found);
  }

  /** Why a Lagrangian that is not finite ends training. */
  #diverged({ f, lagrangian }: { f: number; lagrangian: number }, added: number | null): string {
    const cure = this.taken === 1
      ? "the model starts like this; look at its parameters and its data"
      // Nothing reads the slopes on a device.
      : this.taken === 2 && this.start.gpu !== null
      ? "try a smaller thetaRate, or an objective and a penalty whose slopes are finite at the initial parameters"
      : "try a smaller thetaRate";
    const more = added === null ? "" : `, what is added to it ${added}`;
    return `step ${this.taken} of ${this.steps}: the objective is ${f}${more} and the Lagrangian ${lagrangian}; ${cure}`;
  }

  /** Why a constraint without a finite bound for an epoch, and for 100 steps, ends training; `null` if there is none. */
  #unheard(heard: readonly boolean[], found: Judged["found"]): string | null {
    const { promises } = this.course.options.problem, silent = this.#silent;
    for (let i = 0; i < silent.length; i++) {
      silent[i] = heard[i] ? 0 : silent[i] + 1;
      if (silent[i] <= Math.max(this.stepsAnEpoch, 100)) continue;
      return `no bound on "${promises[i].constraint}" was finite in ${silent[i]} steps: ${found[i].note}`;
    }
    return null;
  }
}

/** The same random numbers, whose draws a recording notes. */
function noted(random: RandomGenerator): RandomGenerator {
  return {
    next: () => (noteDraw(), random.next()),
    clone: () => random.clone(),
    getState: () => random.getState(),
  };
}
