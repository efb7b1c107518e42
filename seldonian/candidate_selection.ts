import { type Gpu, inStep, noGrad, type Tensor } from "../autodiff/mod.ts";
import { gpuFor } from "./training/device.ts";
import { anything, callable, checkOptions, type Known, needed, record, whole } from "../autodiff/options.ts";
import { modelKind, type Module, namedParameters, tensorsOf } from "../nn/module.ts";
import { ReadError, withoutReading } from "../nn/parameter.ts";
import { Course, trained } from "./training/course.ts";
import type { Source } from "./data/data_set.ts";
import { checkSource } from "./data/given_kinds.ts";
import { type Candidate, chosen } from "./training/choice.ts";
import { mapped } from "./mapped.ts";
import { type OptimizerOptions, settingsOf } from "./options.ts";
import { checkColumns, type Objective, type PromiseOptions, promises, relationsOf } from "./problem.ts";
import { objectiveKind, type ObjectiveName, objectiveNamed, promiseOptions } from "./promise_kinds.ts";
import { checkRowFunction } from "./row_function.ts";
import type { Progress, Step } from "./report/log.ts";
import { blackBox } from "./training/black_box.ts";
import { gradientDescent } from "./training/gradient_descent.ts";

/** Rows that are looked at before training. */
const glance = 64;

/** Candidate data of another data set, and how much safety data there will be of it. */
export interface OtherData {
  /** The candidate data. */
  data: Source;
  /** Rows of the safety data, for which the test is predicted; of clustered data, clusters. */
  safetyRows: number;
}

const otherData: Known<OtherData> = { data: needed(anything), safetyRows: needed(whole(1)) };

/** What candidate selection needs. */
export interface SelectionOptions extends PromiseOptions {
  /** The candidate data. */
  data: Source;
  /** It is copied, never changed; parameters without values get their initial distribution's. */
  model: Module;
  /** What is to be small, beside the constraints; or its name, as "logLoss" or "ER". */
  objective: Objective | ObjectiveName;
  /** Rows that the safety test will have; of clustered data, clusters. */
  safetyRows: number;
  /** Other data sets that constraints are on, by the name that they give them: `(ACC | name)`. */
  others?: Readonly<Record<string, OtherData>>;
  /** Added to the objective in training, shape [], as for a regularisation of one's own. */
  // deno-lint-ignore no-explicit-any
  penalty?: (model: any) => Tensor;
  /** Default 0. */
  seed?: number;
  /**
   * Solutions to hand over, from safe to accurate, for a test in that order until the first failure; default 1. The first is
   * predicted to pass with all of the inflation, the others with less and less of it.
   */
  candidates?: number;
  /** How to train; see {@link OptimizerOptions}. */
  optimizer?: OptimizerOptions;
  /**
   * Where the model is trained: "cpu" (default); "gpu", an error if there is none; "auto", a GPU if there is one; or what
   * `autodiff.openGpu()` gave. Bounds, the choice among steps and the safety test are computed here, in float64.
   */
  device?: "cpu" | "gpu" | "auto" | Gpu;
  /** Called once a step, before the parameters change. */
  onStep?: (step: Step) => void;
  /** Called once a step, with the time that has passed. */
  onProgress?: (progress: Progress) => void;
  /** Stops training; what has been logged is kept. */
  signal?: AbortSignal;
}

/** What options of candidate selection may be. */
export const selectionOptions: Known<SelectionOptions> = {
  ...promiseOptions,
  data: anything,
  model: modelKind,
  objective: needed(objectiveKind),
  safetyRows: needed(whole(1)),
  others: record,
  penalty: callable,
  seed: whole(),
  candidates: whole(1),
  optimizer: record,
  device: {
    names: ["cpu", "gpu", "auto"],
    wanted: '"cpu", "gpu" or "auto", or what autodiff.openGpu() gave',
    holds: (value) =>
      ["cpu", "gpu", "auto"].includes(value as string) || (typeof value === "object" && "upload" in Object(value)),
  },
  onStep: callable,
  onProgress: callable,
  signal: { type: "object", wanted: "an AbortSignal, as controller.signal", holds: (value) => "aborted" in Object(value) },
};

/** Trained models, or why there are none; with all that was logged. */
export interface Selection<M extends Module> {
  /** From safe to accurate; none if training stopped early. */
  candidates: Candidate<M>[];
  /** Why training stopped early. */
  stopped?: string;
  /** The parameters of the last step that was finite and predicted to pass, in the order of `namedParameters`. */
  lastFeasible: Float32Array | null;
  /** Every training step. */
  log: Step[];
}

/** @throws {TypeError} for what is no candidate data */
export function checkSources({ data, others = {} }: Pick<SelectionOptions, "data" | "others">): void {
  checkSource(data);
  for (const [name, other] of Object.entries(others)) {
    checkSource(checkOptions("train", other, otherData, `others.${name}`).data, name);
  }
}

/**
 * Trains, by gradients or by a search without them (`optimizer.name`), from one or several starts. Of the last parameters of each and
 * the best of the steps (the least f, with what is added to it, of those that are predicted to pass, else the least violation), a sample of candidate data
 * chooses one in the same way.
 */
export async function selectCandidate<M extends Module>(options: SelectionOptions & { model: M }): Promise<Selection<M>> {
  checkOptions<SelectionOptions>("train", options, selectionOptions);
  checkSources(options);
  let last: Progress | undefined;
  try {
    return await select<M>({ ...options, onProgress: (progress) => options.onProgress?.(last = progress) });
  } finally {
    if (last !== undefined) options.onProgress?.({ ...last, running: false });
  }
}

async function select<M extends Module>(
  {
    data,
    others = {},
    objective: minimised,
    safetyRows,
    penalty,
    seed = 0,
    candidates = 1,
    onStep,
    onProgress,
    signal,
    optimizer,
    device = "cpu",
    model: given,
    ...stated
  }: SelectionOptions & { model: M },
): Promise<Selection<M>> {
  const settings = settingsOf(optimizer ?? {}, data.size), promised = promises(stated), objective = objectiveNamed(minimised);
  checkColumns(promised, objective, data, mapped(others, ({ data }) => data));
  const relations = await relationsOf(stated, data, mapped(others, ({ data }) => data));
  const assessed = ({ data, safetyRows }: OtherData) => ({ data, testRows: safetyRows });
  const sets = { main: assessed({ data, safetyRows }), others: mapped(others, assessed), relations };
  const steps = settings.starts * settings.epochs * Math.ceil(data.size / settings.batchSize);
  const course = new Course({ promised, objective, settings, sets, penalty, candidates, steps, onStep, onProgress, signal });
  const technique = settings.name === "adam" || settings.name === "sgd" ? gradientDescent : blackBox;
  const gpu = await gpuFor(device);
  if (gpu !== null && technique === blackBox) {
    throw new RangeError(`Cannot search by "${settings.name}" on a GPU: wanted "adam" or "sgd", or device: "cpu"`);
  }
  const ends: Float32Array[] = [];
  let stopped: string | null = null, last = trained(given, seed, 0);
  if (last.theta.length === 0) {
    throw new RangeError("Cannot train a model without parameters: wanted at least one nn.Parameter in a field, and not frozen");
  }
  // A glance, so that nothing is trained in vain; the test looks at more.
  await checkCopied(given, last.model, data);
  await checkRowFunction(last.model, data, promised, { size: glance });
  for (const [name, other] of Object.entries(others)) {
    await checkRowFunction(last.model, other.data, promised, { name, size: glance });
  }
  for (let start = 0; start < settings.starts && course.interrupted === null; start++) {
    if (start > 0) last = trained(given, seed, start);
    const why = await technique(course, last, { sets, seed: seed + start, gpu });
    await course.settle();
    if (why === null) ends.push(last.state.slice());
    else stopped = why;
  }
  const { log } = course, lastFeasible = course.lastFeasible as Float32Array | null;
  const found = { candidates: [], lastFeasible, log };
  if (stopped !== null && (ends.length === 0 || course.interrupted !== null)) return { ...found, stopped };
  const choice = await chosen(course, last, ends, seed);
  return typeof choice === "string" ? { ...found, stopped: choice } : { ...found, candidates: choice };
}

/** That a copy does not go on to use the original's parameters. @throws {ReadError} if it does */
async function checkCopied(original: Module, copy: Module, data: Source): Promise<void> {
  for await (const { features } of data.chunks(glance)) {
    try {
      const run = () => noGrad(() => void copy.forward(features));
      withoutReading(namedParameters(original).values(), () => inStep(run, () => tensorsOf(copy)));
    } catch (error) {
      // What else is wrong is told elsewhere.
      if (error instanceof ReadError) throw error;
    }
    return;
  }
}
