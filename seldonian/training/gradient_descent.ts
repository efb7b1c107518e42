import { sameBits } from "../../autodiff/agreement.ts";
import { withConvolutions } from "../../autodiff/kernels/in_use.ts";
import { DeviceError, inStep, Tensor, type TypedArray } from "../../autodiff/mod.ts";
import { here } from "../../autodiff/remote_array.ts";
import { recordTape } from "../../autodiff/record_tape.ts";
import { aside, noteDraw } from "../../autodiff/recorder.ts";
import type { RandomGenerator } from "../../deps.ts";
import { type Module, type Pass, tensorsOf } from "../../nn/module.ts";
import { schedules } from "../../nn/optim/mod.ts";
import { boundsOf, type Course, type Judged } from "./course.ts";
import type { Trained } from "./trained.ts";
import { batchesOf } from "../data/batches.ts";
import type { Rows } from "../data/data_set.ts";
import { breathe } from "../event_loop.ts";
import { upperOf } from "./finalists.ts";
import { heardOf, lagrangianAt, lagrangianOf, seededSum } from "./lagrangian.ts";
import { type Multipliers, multipliers } from "./multipliers.ts";
import { isOfLayers, isOfOwnParts } from "./own_parts.ts";
import { randomStream } from "../random.ts";
import { type RecordedStep, Replays } from "./replays.ts";
import { steepAtFirst } from "./slopes.ts";
import { Sets } from "../sets.ts";
import type { TechniqueStart } from "./technique.ts";
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
  return await new Descent(course, trained, start, weights).run();
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
  readonly #replays: Replays;
  /** The results of a replay to compare with the next ordinary step. */
  #expected: Expected | null = null;
  /** The epoch of the last step that was the best so far; or that in which this part began. */
  #lastBetter = 1;
  /** The candidates to train for from this step on, each for an equal part of the steps. */
  #left: { from: number; candidates: number };
  /** The candidate that this step is for. */
  #aim: number;
  #taken = 0;

  constructor(readonly course: Course, readonly trained: Trained<M>, readonly start: TechniqueStart, weights: Weights) {
    const { settings, problem: { promises, sets } } = course.options, { seed, gpu } = start;
    this.#weights = weights;
    this.#multipliers = multipliers(promises.map(({ lambda = settings.lambda }) => lambda), settings);
    this.#stepsAnEpoch = Math.ceil(sets.main.data.size / settings.batchSize);
    this.#steps = settings.epochs * this.#stepsAnEpoch;
    this.#pass = { training: true, random: noted(randomStream(seed, "layers")) };
    this.#silent = promises.map(() => 0);
    this.#left = { from: 0, candidates: course.levels.length };
    this.#aim = course.levels.length - 1;
    const replays = gpu === null && (settings.replay ?? isOfOwnParts(trained.model, course.options));
    this.#replays = new Replays(promises.length, replays ? this.#steps : 0);
  }

  /** Trains until the end; or why it stopped before. */
  async run(): Promise<string | null> {
    const batches = this.#batches();
    try {
      const stopped = await this.#train(batches);
      this.#lastCheck();
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
      const batchSize = Math.min(settings.batchSizes?.[name] ?? settings.batchSize, data.size);
      // Paired rows come with the rows of the main data.
      const random = relations.paired.includes(name) ? randomStream(seed, "batches") : others;
      return batchesOf(data, { batchSize, epochs: Infinity, shuffle }, random);
    });
  }

  async #train(batches: Batches): Promise<string | null> {
    const { course } = this;
    for await (const { epoch, rows: own } of batches.main) {
      if (course.interrupted !== null) return course.interrupted;
      // Small steps are many: without other data sets, and on the CPU, there is nothing to wait for.
      const rows = batches.isAlone
        ? new Sets(own)
        : await batches.mapInTurn(async (batches, name) => name === undefined ? own : (await batches.next()).value.rows as Rows);
      const stopped = await this.#take(epoch, rows);
      if (stopped !== null) return stopped;
      if (epoch - this.#lastBetter > course.options.settings.patience) {
        if (this.#aim === 0) return null;
        this.#left = { from: this.#taken, candidates: this.#aim };
      }
      const pause = breathe();
      if (pause !== undefined) await pause;
    }
    return null;
  }

  /** Takes a step; or why it cannot be taken. */
  #take(epoch: number, rows: Sets<Rows>): Promise<string | null> | string | null {
    const stopped = this.#exactly(() => {
      const { course } = this, done = this.#taken / this.#steps;
      course.sharpen(done);
      this.#aimAt(epoch);
      const way = this.#replays.next(rows);
      if (way === "record") return this.#recordedStep(epoch, rows);
      if (way === "replay") return this.#replayedStep(epoch, rows);
      if (way === "check") this.#expected = this.#expectedOf(this.#replays.recordings.last);
      return undefined;
    });
    if (stopped !== undefined) return stopped;
    return this.#weights.step(
      rows.isAlone ? rows.main.features : undefined,
      (there) => [...this.#forward(rows, there), ...this.#weights.regularizer()],
      (told) => this.#step(epoch, rows, told),
    );
  }

  /** From accurate to safe: a safe model is closer to an accurate one than to the first. The last step is for the safest. */
  #aimAt(epoch: number): void {
    const { from, candidates } = this.#left, done = (this.#taken - from) / (this.#steps - from);
    const aim = this.#taken === this.#steps - 1 ? 0 : Math.ceil((1 - done) * candidates) - 1;
    if (aim !== this.#aim) this.#lastBetter = epoch;
    this.course.aim(this.#aim = aim);
  }

  /** Runs `compute` with the convolutions that were chosen. */
  #exactly<T>(compute: () => T): T {
    return withConvolutions(this.course.options.settings.convolutions, compute);
  }

  /** The model's outputs on each data set, and the penalty. */
  #forward(rows: Sets<Rows>, there: (features: unknown) => unknown): Tensor[] {
    const { course, trained: { model } } = this;
    return [...rows.all.map(({ features }) => model.forward(there(features), this.#pass) as Tensor), ...course.penaltyOf(model)];
  }

  /** Judges the outputs among what {@link #forward} told; the rest is added to the objective. */
  #judged(rows: Sets<Rows>, told: readonly Tensor[]): { judged: Judged; added: Tensor[] } {
    const left = [...told], outputs = rows.map((rows) => ({ rows, predictions: left.shift()! }));
    return { added: left.map((term) => term.cast("float64")), judged: this.course.judge(outputs) };
  }

  /** An ordinary step, given the model's outputs, and the additions to the objective. */
  #step(epoch: number, rows: Sets<Rows>, told: readonly Tensor[]): string | null {
    const { judged, added } = this.#judged(rows, told);
    this.#taken++;
    const noted = this.#noted(epoch, rows, judged, added);
    if (typeof noted === "string") return noted;
    const lagrangian = lagrangianOf(judged, added, noted.lambda, noted.heard);
    if (!lagrangian.requiresGrad) {
      throw new TypeError(
        "Cannot train by gradients: the model's outputs do not come from its parameters by operations on tensors; make them so, or " +
          'search without gradients, as with optimizer: { name: "cma-es" }',
      );
    }
    lagrangian.backward();
    this.#compare(rows, judged);
    return this.#moved(judged, added, noted);
  }

  /** An ordinary step that is recorded. Its backward pass starts from multipliers that a replay can set. */
  #recordedStep(epoch: number, rows: Sets<Rows>): string | null {
    const { seeds } = this.#replays;
    let stopped: string | null = null, step: Pick<RecordedStep, "judged" | "penalties"> | undefined;
    const tape = recordTape(
      this.#changing(),
      (endPart) => {
        const { judged, added: penalties } = this.#judged(rows, this.#forward(rows, (features) => features)),
          heard = heardOf(judged);
        endPart();
        this.#taken++;
        const added = [...penalties, ...this.#weights.regularizer()],
          noted = aside(() => this.#noted(epoch, rows, judged, added));
        if (typeof noted === "string") {
          stopped = noted;
          return [];
        }
        step = { judged, penalties };
        this.#seed(noted.lambda);
        seededSum(judged, penalties, seeds, heard).backward();
        endPart();
        stopped = aside(() => this.#moved(judged, added, noted));
        // Bounds, estimates and penalties are single numbers, which every replay fills.
        return [];
      },
      this.#replays.recordings.memory,
      constantsOf(rows),
    );
    this.#replays.recordings.take(step === undefined || typeof tape === "string" ? null : { ...step, tape });
    return stopped;
  }

  /** The storages that differ from step to step. */
  #changing(): Set<TypedArray> {
    const { part } = this.course;
    const tensors = [...tensorsOf(this.trained.model), ...this.#replays.seeds, this.course.temperature, ...(part ? [part] : [])];
    return new Set(tensors.map(({ array }) => here(array).data));
  }

  /** A replayed step, after its forward pass. */
  #replayedStep(epoch: number, rows: Sets<Rows>): string | null {
    const { tape, judged, penalties } = this.#replays.recordings.last, added = [...penalties, ...this.#weights.regularizer()];
    this.#taken++;
    const noted = this.#noted(epoch, rows, judged, added);
    if (typeof noted === "string") return noted;
    this.#seed(noted.lambda);
    tape.replay(1);
    return this.#moved(judged, added, noted);
  }

  #seed(lambda: readonly number[]): void {
    this.#replays.seeds.forEach((seed, i) => here(seed.array).data[0] = lambda[i]);
  }

  /** What a replay finds after its forward pass; it leaves the gradient at 0. */
  #expectedOf({ tape, judged }: RecordedStep): Expected {
    const { gradient } = this.trained;
    this.#seed(this.#multipliers.weights(boundsOf(judged.found)));
    tape.replay(1);
    const expected = { values: valuesOf(judged), gradient: gradient.slice() };
    gradient.fill(0);
    return expected;
  }

  /** Compares the last replay with an ordinary forward and backward pass. */
  #lastCheck(): void {
    const rows = this.#replays.unchecked, { model, gradient } = this.trained;
    if (rows === null) return;
    this.#exactly(() => {
      const recorded = this.#replays.recordings.last;
      if (!recorded.tape.replay(0)) return;
      this.#expected = this.#expectedOf(recorded);
      inStep(() => {
        const { judged, added } = this.#judged(rows, this.#forward(rows, (features) => features));
        const lambda = this.#multipliers.weights(boundsOf(judged.found));
        lagrangianOf(judged, added, lambda, heardOf(judged)).backward();
        this.#compare(rows, judged);
      }, () => tensorsOf(model));
      gradient.fill(0);
    });
  }

  /** @throws {RangeError} if a replay found something else than this step */
  #compare(rows: Sets<Rows>, judged: Judged): void {
    const expected = this.#expected, { gradient } = this.trained;
    this.#expected = null;
    if (expected === null) return;
    if (sameBits(valuesOf(judged), expected.values) && sameBits(gradient, expected.gradient)) return;
    // No step was replayed before the first check.
    const { recordings } = this.#replays;
    if (recordings.isFirst) recordings.stop();
    else throw changed(this.#difference(rows));
  }

  /** What differs from the last replay. */
  #difference(rows: Sets<Rows>): string {
    const again = recordTape(this.#changing(), (endPart) => {
      heardOf(this.#judged(rows, this.#forward(rows, (features) => features)).judged);
      endPart();
    });
    return typeof again === "string" ? again : this.#replays.recordings.last.tape.difference(again) ?? "its gradients differ";
  }

  /** Logs a step, and finds the multipliers; or why training ends. */
  #noted(epoch: number, rows: Sets<Rows>, judged: Judged, added: readonly Tensor[]): Noted | string {
    const { course } = this, { settings } = course.options, { f, found } = judged;
    const g = boundsOf(found), heard = heardOf(judged);
    const lambda = this.#multipliers.weights(g), lagrangian = lagrangianAt(judged, added, lambda, heard);
    const step = { epoch, f: f.value, g, lambda, lagrangian };
    const eligible = rows.main.labels.size === settings.batchSize || course.log.length === 0;
    const minimized = added.reduce((sum, { value }) => sum + value, f.value);
    if (course.note(step, found, this.#weights, { minimized, eligible })) this.#lastBetter = epoch;
    if (!Number.isFinite(step.lagrangian)) return this.#diverged(step, added.length === 0 ? null : minimized - step.f);
    return { g, heard, lambda };
  }

  /** Moves theta and multipliers; or why training ends. */
  #moved({ f, evaluations, found }: Judged, added: readonly Tensor[], { g, heard }: Noted): string | null {
    const { course, trained } = this, { settings, problem: { promises } } = course.options;
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

/** The same random numbers, whose draws a recording notes. */
function noted(random: RandomGenerator): RandomGenerator {
  return {
    next: () => (noteDraw(), random.next()),
    clone: () => random.clone(),
    getState: () => random.getState(),
  };
}

/** What a step comes to before theta moves. */
interface Noted {
  g: readonly number[];
  /** Whether a constraint has a finite bound. */
  heard: readonly boolean[];
  lambda: readonly number[];
}

/** What a replay found. */
interface Expected {
  values: readonly number[];
  gradient: Float32Array;
}

/** The storages of rows. */
function constantsOf(rows: Sets<Rows>): Set<TypedArray> {
  return new Set(
    rows.all.flatMap(({ features, labels }) =>
      [features, labels].flatMap((x) => x instanceof Tensor ? [here(x.array).data] : [])
    ),
  );
}

function valuesOf({ f, found, evaluations }: Judged): number[] {
  return [f.value, ...[...found, ...evaluations].map(upperOf)];
}

function changed(difference: string): RangeError {
  return new RangeError(
    "Cannot train: the model, the objective, the penalty or a constraint computes otherwise than in earlier steps " +
      `(${difference}), for a reason that no tensor shows, such as a variable that changes; ` +
      "make it a function of its inputs and parameters, or set optimizer.replay to false",
  );
}
