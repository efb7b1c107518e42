import { withConvolutions } from "../../autodiff/kernels/in_use.ts";
import { DeviceError } from "../../autodiff/mod.ts";
import type { Module } from "../../nn/module.ts";
import { batchesOf } from "../data/batches.ts";
import type { Rows } from "../data/data_set.ts";
import { breathe } from "../event_loop.ts";
import { randomStream } from "../random.ts";
import { Sets } from "../sets.ts";
import type { Course } from "./course.ts";
import { DescentStep } from "./descent_step.ts";
import { isOfLayers, isOfOwnParts } from "./own_parts.ts";
import { changed, RecordedSteps } from "./recorded_steps.ts";
import type { TechniqueStart } from "./technique.ts";
import type { Trained } from "./trained.ts";
import type { Weights } from "./weights.ts";
import { weightsHere } from "./weights_here.ts";

/** Two noted steps and a check take as long as some ten steps. */
const fewestOnCard = 16;

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
  const { gpu } = start, { settings, penalty } = course.options, steps = course.options.steps / settings.starts;
  const replays = () => steps >= fewestOnCard && (settings.replay ?? (penalty === undefined && isOfLayers(trained.model, true)));
  const weights = gpu === null
    ? weightsHere(trained, settings)
    : (await import("./remote_weights.ts")).weightsOn(gpu, trained, settings, steps, replays() ? changed : null);
  return await new Descent(course, new DescentStep(course, trained, start, weights)).run();
}

/** Batches of rows of each data set; those of the main one end with training. */
type Batches = Sets<AsyncGenerator<{ epoch: number; rows: Rows }>>;

/** A descent from one start. */
class Descent<M extends Module> {
  readonly #weights: Weights;
  readonly #recorded: RecordedSteps<M>;
  /** The candidates to train for from this step on, each for an equal part of the steps. */
  #left: { from: number; candidates: number };
  /** The candidate that this step is for. */
  #aim: number;

  constructor(readonly course: Course, readonly step: DescentStep<M>) {
    const { start: { gpu }, trained: { model }, weights, steps } = step, { options, levels } = course;
    this.#weights = weights;
    this.#left = { from: 0, candidates: levels.length };
    this.#aim = levels.length - 1;
    const replays = gpu === null && (options.settings.replay ?? isOfOwnParts(model, options));
    this.#recorded = new RecordedSteps(step, replays ? steps : 0);
  }

  /** Trains until the end; or why it stopped before. */
  async run(): Promise<string | null> {
    const batches = this.#batches();
    await this.#recorded.ready();
    try {
      const stopped = await this.#train(batches);
      this.#exactly(() => this.#recorded.lastCheck());
      await this.#weights.bring();
      return stopped;
    } catch (error) {
      if (error instanceof DeviceError) return `step ${this.step.taken + 1} of ${this.step.steps}: ${error.message}`;
      throw error;
    } finally {
      for (const one of batches.all) await one.return(undefined);
      this.#weights.end();
    }
  }

  #batches(): Batches {
    const { settings, problem: { sets, relations } } = this.course.options, { seed } = this.step.start;
    const others = randomStream(seed, "others"), { shuffle } = settings;
    return sets.map(({ data }, name) => {
      if (name === undefined) return batchesOf(data, settings, randomStream(seed, "batches"));
      const batchSize = Math.min(settings.batchSizes?.[name] ?? settings.batchSize, data.size);
      // Paired rows come with the rows of the main data.
      const random = relations.paired.includes(name) ? randomStream(seed, "batches") : others;
      return batchesOf(data, { batchSize, epochs: Infinity, shuffle }, random);
    });
  }

  async #train(batches: Batches): Promise<string | null> {
    const { course, step } = this;
    for await (const { epoch, rows: own } of batches.main) {
      if (course.interrupted !== null) return course.interrupted;
      // Small steps are many: without other data sets, and on the CPU, there is nothing to wait for.
      const rows = batches.isAlone
        ? new Sets(own)
        : await batches.mapInTurn(async (batches, name) => name === undefined ? own : (await batches.next()).value.rows as Rows);
      const stopped = await this.#take(epoch, rows);
      if (stopped !== null) return stopped;
      if (epoch - step.lastBetter > course.options.settings.patience) {
        if (this.#aim === 0) return null;
        this.#left = { from: step.taken, candidates: this.#aim };
      }
      const pause = breathe();
      if (pause !== undefined) await pause;
    }
    return null;
  }

  /** Takes a step; or why it cannot be taken. */
  #take(epoch: number, rows: Sets<Rows>): Promise<string | null> | string | null {
    const { step } = this, recorded = this.#recorded, weights = this.#weights;
    this.course.sharpen(step.taken / step.steps);
    this.#aimAt(epoch);
    const stopped = this.#exactly(() => recorded.take(epoch, rows));
    if (stopped !== undefined) return stopped;
    return weights.step(
      rows.isAlone ? rows.main.features : undefined,
      (there) => [...step.forward(rows, there), ...weights.regularizer()],
      (told) => step.take(epoch, rows, told, (judged) => recorded.compare(judged)),
    );
  }

  /** From accurate to safe: a safe model is closer to an accurate one than to the first. The last step is for the safest. */
  #aimAt(epoch: number): void {
    const { from, candidates } = this.#left, { taken, steps } = this.step, done = (taken - from) / (steps - from);
    const aim = taken === steps - 1 ? 0 : Math.ceil((1 - done) * candidates) - 1;
    if (aim !== this.#aim) this.step.lastBetter = epoch;
    this.course.aim(this.#aim = aim);
  }

  /** Runs `compute` with the convolutions that were chosen. */
  #exactly<T>(compute: () => T): T {
    return withConvolutions(this.course.options.settings.convolutions, compute);
  }
}
