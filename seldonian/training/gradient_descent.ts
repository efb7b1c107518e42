import { DeviceError, type Tensor, weightedSum } from "../../autodiff/mod.ts";
import type { Module } from "../../nn/module.ts";
import { schedules } from "../../nn/optim/mod.ts";
import { boundsOf, type Course } from "./course.ts";
import type { Trained } from "./trained.ts";
import { batchesOf } from "../data/batches.ts";
import type { Rows } from "../data/data_set.ts";
import { breathe } from "../event_loop.ts";
import { upperOf } from "./finalists.ts";
import { multipliers } from "./multipliers.ts";
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
  { seed, gpu }: TechniqueStart,
): Promise<string | null> {
  const { settings, problem: { promises, sets, relations } } = course.options, { model } = trained;
  const { data } = sets.main, random = randomStream(seed, "layers");
  const weights: Weights = gpu === null ? weightsHere(trained, settings) : weightsOn(gpu, trained, settings);
  const dual = multipliers(promises.length, settings), silent = promises.map(() => 0);
  const stepsAnEpoch = Math.ceil(data.size / settings.batchSize), steps = settings.epochs * stepsAnEpoch;
  const pass = { training: true, random };
  let lastBetter = 1, taken = 0;

  /** The model's outputs on the rows of a step and the additions to the objective; all come here at once. */
  const tell = (rows: Sets<Rows>) => (there: (features: unknown) => unknown): Tensor[] => [
    ...rows.all.map(({ features }) => model.forward(there(features), pass) as Tensor),
    ...course.penaltyOf(model),
    ...weights.regularizer(),
  ];
  /** One step, up to the change of theta; or why it is impossible. */
  const takeStep = (epoch: number, rows: Sets<Rows>, told: Tensor[]): string | null => {
    const outputs = rows.map((rows) => ({ rows, predictions: told.shift()! })), added = told.map((term) => term.cast("float64"));
    const { f, evaluations, found } = course.judge(outputs, taken++ / steps);
    const g = boundsOf(found), heard = evaluations.map((evaluation, i) => g[i] !== Infinity && upperOf(evaluation) !== Infinity);
    const bounds = evaluations.map(({ interval }) => interval.upper).filter((_, i) => heard[i]);
    const lambda = dual.weights(g), terms = [f, ...added];
    const lagrangian = weightedSum([...terms, ...bounds], [...terms.map(() => 1), ...lambda.filter((_, i) => heard[i])]);
    const step = { epoch, f: f.value, g, lambda, lagrangian: lagrangian.value };
    const eligible = rows.main.labels.size === settings.batchSize || course.log.length === 0;
    const minimized = added.reduce((sum, { value }) => sum + value, f.value);
    if (course.note(step, found, weights, { minimized, eligible })) lastBetter = epoch;
    if (!Number.isFinite(step.lagrangian)) {
      const cure = taken === 1
        ? "the model starts like this; look at its parameters and its data"
        // Slopes on a device are not checked.
        : taken === 2 && gpu !== null
        ? "try a smaller thetaRate, or an objective and a penalty whose slopes are finite at the initial parameters"
        : "try a smaller thetaRate";
      const more = added.length === 0 ? "" : `, what is added to it ${minimized - step.f}`;
      return `step ${taken} of ${steps}: the objective is ${step.f}${more} and the Lagrangian ${step.lagrangian}; ${cure}`;
    }
    if (!lagrangian.requiresGrad) {
      throw new TypeError(
        "Cannot train by gradients: the model's outputs do not come from its parameters by operations on tensors; make them so, or " +
          'search without gradients, as with optimizer: { name: "cma-es" }',
      );
    }
    lagrangian.backward();
    if (taken === 1) {
      const named = evaluations.map(({ interval }, i) => [promises[i].constraint, interval.upper] as const);
      const steep = steepAtFirst(course, trained, f, added, named.filter((_, i) => heard[i]));
      if (steep !== null) return steep;
    }
    const factor = schedules[settings.schedule]((taken - 1) / steps);
    weights.descend(factor);
    dual.update(g, heard, factor);
    for (let i = 0; i < silent.length; i++) {
      silent[i] = heard[i] ? 0 : silent[i] + 1;
      if (silent[i] > Math.max(stepsAnEpoch, 100)) {
        return `no bound on "${promises[i].constraint}" was finite in ${silent[i]} steps: ${found[i].note}`;
      }
    }
    return null;
  };

  const otherRandom = randomStream(seed, "others"), { shuffle } = settings;
  const batches = sets.map(({ data }, name) => {
    if (name === undefined) return batchesOf(data, settings, randomStream(seed, "batches"));
    const batchSize = Math.min(settings.batchSize, data.size);
    // Rows paired with the main data's come with them.
    const random = relations.paired.includes(name) ? randomStream(seed, "batches") : otherRandom;
    return batchesOf(data, { batchSize, epochs: Infinity, shuffle }, random);
  });
  const train = async (): Promise<string | null> => {
    for await (const { epoch, rows: own } of batches.main) {
      if (course.interrupted !== null) return course.interrupted;
      const rows = await batches.mapInTurn(async (batches, name) =>
        name === undefined ? own : (await batches.next()).value.rows as Rows
      );
      const stopped = await weights.step(tell(rows), (told) => takeStep(epoch, rows, [...told]));
      if (stopped !== null) return stopped;
      if (epoch - lastBetter > settings.patience) break;
      await breathe();
    }
    return null;
  };
  try {
    const stopped = await train();
    await weights.bring();
    return stopped;
  } catch (error) {
    if (error instanceof DeviceError) return `step ${taken + 1} of ${steps}: ${error.message}`;
    throw error;
  } finally {
    for (const one of batches.all) await one.return(undefined);
    weights.end();
  }
}
