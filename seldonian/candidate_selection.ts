import { inStep, noGrad } from "../autodiff/mod.ts";
import { gpuFor } from "./training/device.ts";
import { checkOptions } from "../autodiff/options.ts";
import { type Module, namedParameters, tensorsOf } from "../nn/module.ts";
import { ReadError, withoutReading } from "../nn/parameter.ts";
import { Course } from "./training/course.ts";
import { trained } from "./training/trained.ts";
import type { Source } from "./data/data_set.ts";
import { type Candidate, chosen } from "./training/choice.ts";
import { type OptimizerSettings, settingsOf, usualCaution } from "./options.ts";
import { candidateSets, type SelectionOptions, selectionOptions, type TrainingOptions } from "./selection_options.ts";
import { owned } from "./problem/owned.ts";
import { type Problem, problemOf } from "./problem/problem.ts";
import { checkRowFunction } from "./row_function.ts";
import type { Progress, Step } from "./records/log.ts";
import { nothingFinite } from "./training/technique.ts";

/** The number of rows to check before training. */
const glance = 64;

/** Trained models, or why there are none; with the log. */
export interface Selection<M extends Module> {
  /** From safe to accurate; empty if training stopped early. */
  candidates: Candidate<M>[];
  /** Why training stopped early. */
  stopped?: string;
  /** The parameters of the last finite step that was predicted to pass, in the order of `namedParameters`. */
  lastFeasible: Float32Array | null;
  /** Every training step. */
  log: Step[];
  /** How it was trained, with all defaults. */
  settings: OptimizerSettings;
}

/**
 * Trains by gradients or by a search without them (`optimizer.name`), from one or several starts. The finalists are the last
 * parameters of each start and the best steps: the least f with its additions among those predicted to pass, else the least
 * violation. A sample of candidate data chooses one of them in the same way.
 * @throws {TypeError} for an unknown option, with the nearest name, and for a value of the wrong type
 * @throws {RangeError} for a value that is not allowed, and for data or outputs that do not fit, with the row
 */
export async function selectCandidate<M extends Module>(options: SelectionOptions & { model: M }): Promise<Selection<M>> {
  const own = owned(checkOptions<SelectionOptions>("train", options, selectionOptions) as typeof options);
  return await select<M>(await problemOf(own, candidateSets(own)), own);
}

/** The same for a problem on candidate data. */
export async function select<M extends Module>(
  problem: Problem,
  options: TrainingOptions & { model: M },
): Promise<Selection<M>> {
  const { onProgress } = options;
  if (onProgress === undefined) return await selected<M>(problem, options);
  let last: Progress | undefined;
  try {
    return await selected<M>(problem, { ...options, onProgress: (progress) => onProgress(last = progress) });
  } finally {
    if (last !== undefined) onProgress({ ...last, running: false });
  }
}

async function selected<M extends Module>(
  problem: Problem,
  { penalty, seed = 0, candidates: asked, onStep, onProgress, signal, optimizer, device = "cpu", model: given }:
    & TrainingOptions
    & { model: M },
): Promise<Selection<M>> {
  const { isSmallAndSmooth } = await import("./training/smooth.ts");
  const { data } = problem.sets.main, small = isSmallAndSmooth(given, { problem, penalty });
  const here = settingsOf(optimizer ?? {}, data.size, small);
  let last = trained(given, seed, 0);
  const gpu = await gpuFor(device, { model: last.model, data, batchSize: here.batchSize, byGradients: isByGradients(here) });
  const settings = gpu === null ? here : settingsOf(optimizer ?? {}, data.size, false);
  const candidates = asked ?? usualCaution(settings.name, settings.batchSize === data.size).candidates;
  checkBatchSizes(settings, problem);
  const steps = settings.starts * settings.epochs * Math.ceil(data.size / settings.batchSize);
  const course = new Course({ problem, settings, penalty, candidates, steps, onStep, onProgress, signal });
  const byGradients = isByGradients(settings);
  const technique = byGradients ? await gradientDescent() : (await import("./training/black_box.ts")).blackBox;
  if (gpu !== null && !byGradients) {
    throw new RangeError(`Cannot search by "${settings.name}" on a GPU: wanted "adam" or "sgd", or device: "cpu"`);
  }
  const ends: Float32Array[] = [];
  let stopped: string | null = null;
  if (last.theta.length === 0) {
    throw new RangeError("Cannot train a model without parameters: wanted at least one nn.Parameter in a field, and not frozen");
  }
  // A quick check, so that training is not in vain; the test checks more.
  await checkCopied(given, last.model, data);
  await checkRowFunction(last.model, problem, glance);
  for (let start = 0; start < settings.starts && course.interrupted === null; start++) {
    if (start > 0) last = trained(given, seed, start);
    const begin = { seed: seed + start, gpu };
    let why = await technique(course, last, begin);
    // Gradient descent learns from the finite bounds until the others are finite too.
    if (why === nothingFinite && optimizer?.name === undefined) why = await (await gradientDescent())(course, last, begin);
    await course.settle();
    if (why === null) ends.push(last.state.slice());
    else stopped = why;
  }
  // The signal may have come before the first step.
  stopped ??= course.interrupted;
  const { log } = course, lastFeasible = course.lastFeasible as Float32Array | null;
  const found = { candidates: [], lastFeasible, log, settings };
  if (stopped !== null && (ends.length === 0 || course.interrupted !== null)) return { ...found, stopped };
  const choice = await chosen(course, last, ends, seed, gpu);
  return typeof choice === "string" ? { ...found, stopped: choice } : { ...found, candidates: choice };
}

/**
 * Checks the batch sizes of other data sets.
 * @throws {RangeError} for an unknown or a paired data set, and for more rows than there are
 */
function checkBatchSizes({ batchSizes = {} }: OptimizerSettings, { sets, relations: { paired } }: Problem): void {
  for (const [name, size] of Object.entries(batchSizes)) {
    const rows = sets.of(name)?.data.size ?? 0;
    const why = rows === 0
      ? `there is no other data set of that name; there are ${Object.keys(sets.others).join(", ") || "none"}`
      : paired.includes(name)
      ? "its rows come with those of the data, to which they are paired; leave it out"
      : size > rows
      ? `it has ${rows} rows; wanted at most that`
      : undefined;
    if (why !== undefined) throw new RangeError(`Cannot train: optimizer.batchSizes.${name} is ${size}, and ${why}`);
  }
}

/** The techniques are loaded on use: a page needs one of them. */
async function gradientDescent() {
  return (await import("./training/gradient_descent.ts")).gradientDescent;
}

function isByGradients({ name }: { name: string }): boolean {
  return name === "adam" || name === "sgd";
}

/**
 * Checks that a copy does not use the original's parameters.
 * @throws {ReadError} if it does
 */
async function checkCopied(original: Module, copy: Module, data: Source): Promise<void> {
  for await (const { features } of data.chunks(glance)) {
    try {
      const run = () => noGrad(() => void copy.forward(features));
      withoutReading(namedParameters(original).values(), () => inStep(run, () => tensorsOf(copy)));
    } catch (error) {
      // Other errors are reported elsewhere.
      if (error instanceof ReadError) throw error;
    }
    return;
  }
}
