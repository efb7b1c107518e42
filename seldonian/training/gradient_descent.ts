import { DeviceError, type Tensor, weightedSum } from "../../autodiff/mod.ts";
import type { Module, Pass } from "../../nn/module.ts";
import { schedules } from "../../nn/optim/mod.ts";
import { boundsOf, type Course, type Judged } from "./course.ts";
import type { Trained } from "./trained.ts";
import { batchesOf } from "../data/batches.ts";
import type { Rows } from "../data/data_set.ts";
import { breathe } from "../event_loop.ts";
import { upperOf } from "./finalists.ts";
import { type Multipliers, multipliers } from "./multipliers.ts";
import { randomStream } from "../random.ts";
import { weightsOn } from "./remote_weights.ts";
import { steepAtFirst } from "./slopes.ts";
import type { Sets } from "../sets.ts";
import type { TechniqueStart } from "./technique.ts";
import { type Weights, weightsHere } from "./weights.ts";

/**
 * Gradients on the Lagrangian L = f + Σ lambda_i g_i, where g_i is the predicted upper bound of the safety test: descent in
 * theta, ascent in lambda. A step is one forward and one backward pass of the model, whatever the number of constraints. A batch
 * with too few rows for a bound does not affect that constraint.
 *
 * Decisions have no slope. Where they are judged, theta descends on a smooth stand-in whose temperature falls during training,
 * while lambda and the choice among steps follow the decisions themselves (A. Cotter, H. Jiang and K. Sridharan, "Two-player
 * games for efficient non-convex constrained optimization", ALT 2019).
 * Source: P. S. Thomas et al., "Preventing undesirable behavior of intelligent machines", Science 366 (2019); KKT: H. W. Kuhn and
 * A. W. Tucker, "Nonlinear programming" (1951).
 */
export async function gradientDescent<M extends Module>(
  course: Course,
  trained: Trained<M>,
  start: TechniqueStart,
): Promise<string | null> {
  return await new Descent(course, trained, start).run();
}

/** Batches of rows of each data set; those of the main one end with training. */
type Batches = Sets<AsyncGenerator<{ epoch: number; rows: Rows }>>;

/** A descent from one start. */
class Descent<M extends Module> {
  readonly #weights: Weights;
  readonly #multipliers: Multipliers;
  readonly #stepsAnEpoch: number;
  /** Steps of this start. */
  readonly #steps: number;
  readonly #pass: Pass;
  /** For how many steps each constraint has had no finite bound. */
  readonly #silent: number[];
  /** The epoch of the last step that was the best so far. */
  #lastBetter = 1;
  #taken = 0;

  constructor(readonly course: Course, readonly trained: Trained<M>, readonly start: TechniqueStart) {
    const { settings, problem: { promises, sets } } = course.options, { seed, gpu } = start;
    this.#weights = gpu === null ? weightsHere(trained, settings) : weightsOn(gpu, trained, settings);
    this.#multipliers = multipliers(promises.length, settings);
    this.#stepsAnEpoch = Math.ceil(sets.main.data.size / settings.batchSize);
    this.#steps = settings.epochs * this.#stepsAnEpoch;
    this.#pass = { training: true, random: randomStream(seed, "layers") };
    this.#silent = promises.map(() => 0);
  }

  /** Trains until the end; or why it stopped before. */
  async run(): Promise<string | null> {
    const batches = this.#batches();
    try {
      const stopped = await this.#train(batches);
      await this.#weights.bring();
      return stopped;
    } catch (error) {
      if (error instanceof DeviceError) return `step ${this.#taken + 1} of ${this.#steps}: ${error.message}`;
      throw error;
    } finally {
      for (const one of batches.all) await one.return(undefined);
      this.#weights.end();
    }
  }

  #batches(): Batches {
    const { settings, problem: { sets, relations } } = this.course.options, { seed } = this.start;
    const others = randomStream(seed, "others"), { shuffle } = settings;
    return sets.map(({ data }, name) => {
      if (name === undefined) return batchesOf(data, settings, randomStream(seed, "batches"));
      const batchSize = Math.min(settings.batchSize, data.size);
      // Paired rows come with the rows of the main data.
      const random = relations.paired.includes(name) ? randomStream(seed, "batches") : others;
      return batchesOf(data, { batchSize, epochs: Infinity, shuffle }, random);
    });
  }

  async #train(batches: Batches): Promise<string | null> {
    const { course } = this;
    for await (const { epoch, rows: own } of batches.main) {
      if (course.interrupted !== null) return course.interrupted;
      const rows = await batches.mapInTurn(async (batches, name) =>
        name === undefined ? own : (await batches.next()).value.rows as Rows
      );
      const stopped = await this.#weights.step(
        (there) => this.#forward(rows, there),
        (told) => this.#step(epoch, rows, [...told]),
      );
      if (stopped !== null) return stopped;
      if (epoch - this.#lastBetter > course.options.settings.patience) return null;
      await breathe();
    }
    return null;
  }

  /** The model's outputs on each data set, and the additions to the objective: all are read together. */
  #forward(rows: Sets<Rows>, there: (features: unknown) => unknown): Tensor[] {
    const { course, trained: { model } } = this;
    return [
      ...rows.all.map(({ features }) => model.forward(there(features), this.#pass) as Tensor),
      ...course.penaltyOf(model),
      ...this.#weights.regularizer(),
    ];
  }

  /** One step up to the change of theta; or why it cannot be taken. */
  #step(epoch: number, rows: Sets<Rows>, told: Tensor[]): string | null {
    const { course, trained } = this, { settings, problem: { promises } } = course.options;
    const outputs = rows.map((rows) => ({ rows, predictions: told.shift()! })), added = told.map((term) => term.cast("float64"));
    const judged = course.judge(outputs, this.#taken++ / this.#steps), { f, evaluations, found } = judged;
    const g = boundsOf(found), heard = evaluations.map((evaluation, i) => g[i] !== Infinity && upperOf(evaluation) !== Infinity);
    const lambda = this.#multipliers.weights(g), lagrangian = lagrangianOf(judged, added, lambda, heard);
    const step = { epoch, f: f.value, g, lambda, lagrangian: lagrangian.value };
    const eligible = rows.main.labels.size === settings.batchSize || course.log.length === 0;
    const minimized = added.reduce((sum, { value }) => sum + value, f.value);
    if (course.note(step, found, this.#weights, { minimized, eligible })) this.#lastBetter = epoch;
    if (!Number.isFinite(step.lagrangian)) return this.#diverged(step, added.length === 0 ? null : minimized - step.f);
    if (!lagrangian.requiresGrad) {
      throw new TypeError(
        "Cannot train by gradients: the model's outputs do not come from its parameters by operations on tensors; make them so, or " +
          'search without gradients, as with optimizer: { name: "cma-es" }',
      );
    }
    lagrangian.backward();
    if (this.#taken === 1) {
      const named = evaluations.map(({ interval }, i) => [promises[i].constraint, interval.upper] as const);
      const steep = steepAtFirst(course, trained, f, added, named.filter((_, i) => heard[i]));
      if (steep !== null) return steep;
    }
    const factor = schedules[settings.schedule]((this.#taken - 1) / this.#steps);
    this.#weights.descend(factor);
    this.#multipliers.update(g, heard, factor);
    return this.#unheard(heard, found);
  }

  /** Why a Lagrangian that is not finite ends training. */
  #diverged({ f, lagrangian }: { f: number; lagrangian: number }, added: number | null): string {
    const cure = this.#taken === 1
      ? "the model starts like this; look at its parameters and its data"
      // Nothing reads the slopes on a device.
      : this.#taken === 2 && this.start.gpu !== null
      ? "try a smaller thetaRate, or an objective and a penalty whose slopes are finite at the initial parameters"
      : "try a smaller thetaRate";
    const more = added === null ? "" : `, what is added to it ${added}`;
    return `step ${this.#taken} of ${this.#steps}: the objective is ${f}${more} and the Lagrangian ${lagrangian}; ${cure}`;
  }

  /** Why a constraint without a finite bound for an epoch, and for 100 steps, ends training; `null` if there is none. */
  #unheard(heard: readonly boolean[], found: Judged["found"]): string | null {
    const { promises } = this.course.options.problem, silent = this.#silent;
    for (let i = 0; i < silent.length; i++) {
      silent[i] = heard[i] ? 0 : silent[i] + 1;
      if (silent[i] <= Math.max(this.#stepsAnEpoch, 100)) continue;
      return `no bound on "${promises[i].constraint}" was finite in ${silent[i]} steps: ${found[i].note}`;
    }
    return null;
  }
}

/** L = f + additions + Σ lambda_i g_i over the constraints with a bound, shape []. */
function lagrangianOf(
  { f, evaluations }: Judged,
  added: readonly Tensor[],
  lambda: readonly number[],
  heard: readonly boolean[],
): Tensor {
  const terms = [f, ...added], bounds = evaluations.map(({ interval }) => interval.upper).filter((_, i) => heard[i]);
  return weightedSum([...terms, ...bounds], [...terms.map(() => 1), ...lambda.filter((_, i) => heard[i])]);
}
