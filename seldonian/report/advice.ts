import { noGrad, type Tensor } from "../../autodiff/mod.ts";
import { assess } from "../assess.ts";
import type { Sample } from "../constraints/batch.ts";
import { planned } from "../constraints/plan.ts";
import { type Analysis, evaluatePromise, forecastFor, promise, type Promised } from "../constraints/promise.ts";
import type { Module } from "../../nn/module.ts";
import { commonOptions, type OptimizerOptions, type OptimizerSettings } from "../options.ts";
import type { Problem } from "../problem/problem.ts";
import type { Step } from "../records/log.ts";
import type { ConstraintReport } from "../safety_test.ts";
import type { Candidate } from "../training/choice.ts";
import { isSmallAndSmooth } from "../training/smooth.ts";
import { short } from "./verdict.ts";

/** What is worth trying after a run without a solution. */
export interface Advice {
  /** What was seen in training and in the test. */
  seen: string;
  /** What to try. */
  attempt: string;
  /** The same as options, to merge into those of `train()`; left out where no option does it. */
  options?: AdvisedOptions;
}

/** Options that an advice changes; `undefined` stands for the default. */
export interface AdvisedOptions {
  /** How constraints are bounded. */
  analysis?: Analysis;
  /** The family of the bounds. */
  bound?: "auto";
  /** The part of the rows for the test. */
  safetyFraction?: number;
  /** How to train; to merge into the given ones. */
  optimizer?: OptimizerOptions;
}

/** A run that found no solution. */
export interface FailedRun {
  /** The problem on candidate data. */
  problem: Problem;
  /** The options of the optimizer, as given. */
  given: OptimizerOptions;
  settings: OptimizerSettings;
  log: readonly Step[];
  /** The candidate that failed; `null`: training ended without one. */
  candidate: Candidate<Module> | null;
  /** Its test, if it was tested. */
  constraints: readonly ConstraintReport[];
  /** The model as given, and the penalty, if any. */
  model: Module;
  // deno-lint-ignore no-explicit-any
  penalty?: (model: any) => Tensor;
}

/** The most that are worth reading. */
const most = 3;

/** What is worth trying, the likeliest first, from what was seen in training and in the test. */
export async function adviceOn(run: FailedRun): Promise<Advice[]> {
  const { candidate, problem } = run, { log } = run;
  if (candidate === null) return [...unstable(run), ...unheard(run)].slice(0, most);
  const { sample } = await assess(candidate.model, problem, "training");
  const seen = noGrad(() => candidate.plan.map((promised, i) => seenOf(run, promised, sample, i)));
  // The constraint that is farthest from being kept, in units of its bound's width.
  const [worst] = seen.filter(({ isKept }) => !isKept).sort((a, b) => b.excess - a.excess);
  if (worst === undefined) return [];
  const at: Seen = { ...run, ...worst, log };
  return [
    narrower,
    smallTest,
    quasiNewton,
    noisyBatches,
    unfinished,
    weakMultipliers,
    tooCautious,
    tooBold,
    tooFewRows,
    outOfReach,
  ]
    .flatMap((rule) => rule(at)).filter(({ attempt }, i, all) => all.findIndex((one) => one.attempt === attempt) === i).slice(
      0,
      most,
    );
}

/** A constraint on candidate data and in the test. */
interface Judged {
  i: number;
  promised: Promised;
  sample: Sample;
  text: string;
  isKept: boolean;
  /** g on candidate data: its estimate, the predicted bound, and the same with inflation. */
  value: number;
  bare: number;
  inflated: number;
  /** The test, if there was one. */
  test?: ConstraintReport;
  /** How far the bound was above 0, in units of its width. */
  excess: number;
}

type Seen = FailedRun & Judged;

function seenOf({ settings, constraints }: FailedRun, promised: Promised, sample: Sample, i: number): Judged {
  const at = (inflation: number) => evaluatePromise(promised, sample, { inflation }), plain = at(1), test = constraints[i];
  const value = Math.max(...plain.conjuncts.map(({ value }) => value)), bare = plain.interval.upper.value;
  const inflated = at(forecastFor(promised, settings).inflation).interval.upper.value,
    upper = test?.upper ?? inflated,
    isKept = upper <= 0;
  return {
    i,
    promised,
    sample,
    text: `${promised.constraint}`,
    isKept,
    value,
    bare,
    inflated,
    test,
    excess: upper / (bare - value),
  };
}

/** Whether training reached what it aimed at: a predicted bound of at most 0, up to rounding. */
function isPredicted({ inflated, value, bare }: Seen): boolean {
  return inflated <= 0.02 * (bare - value);
}

/** Another analysis or family that would bound the same outputs more narrowly. */
function narrower({ promised, sample, bare, value }: Seen): Advice[] {
  const { constraint, delta, judgement, analysis, shares } = promised, { bound: _, bounds: __, ...auto } = judgement;
  const as = (judgement: Promised["judgement"], analysis: Analysis): number =>
    noGrad(() => {
      const other = planned(
        promise(constraint, delta, judgement, { analysis, shares: typeof shares === "object" ? "optimal" : shares }),
        sample,
      );
      return evaluatePromise(other, sample, { inflation: 1 }).interval.upper.value;
    });
  const tries: [AdvisedOptions, string, () => number][] = [];
  if (analysis === "interval") {
    tries.push([{ analysis: "conjunctive" }, 'leave out analysis: "interval"', () => as(judgement, "conjunctive")]);
  }
  const family = judgement.bound ?? Object.values(judgement.bounds ?? {})[0];
  if (family !== undefined) {
    tries.push([{ bound: "auto" }, `leave out bound: "${family.name}"`, () => as({ ...auto, bound: undefined }, analysis)]);
  }
  return tries.flatMap(([options, attempt, boundOf]) => {
    const other = boundOf(), [wide, narrow] = [bare - value, other - value];
    if (!(narrow < 0.9 * wide)) return [];
    return [{ seen: `it widens the bound by a factor of ${short(wide / narrow)}`, attempt, options }];
  });
}

/** BFGS, if options have chosen something else for a small and smooth problem. */
function quasiNewton(run: Seen): Advice[] {
  const { given, settings: { name }, problem, model, penalty } = run;
  if (isPredicted(run) || name === "bfgs" || !isSmallAndSmooth(model, { problem, penalty })) return [];
  const others = Object.keys(given).filter((option) => !commonOptions.includes(option as keyof OptimizerOptions));
  const optimizer = Object.fromEntries(others.map((option) => [option, undefined]));
  return [{
    seen: `training ended with a predicted bound of ${short(run.inflated)}, and this problem is small and smooth`,
    attempt: `leave out ${others.join(", ")} of optimizer, so that BFGS finds the optimum on all rows`,
    options: { optimizer: { ...optimizer, epochs: undefined } },
  }];
}

/** Batches whose bounds are mostly noise. */
function noisyBatches(run: Seen): Advice[] {
  const { settings: { batchSize, epochs }, problem, log, i, inflated, value } = run, rows = problem.sets.main.data.size;
  if (isPredicted(run) || batchSize >= rows) return [];
  const last = log.filter(({ epoch }) => epoch === log.at(-1)!.epoch).map(({ g }) => g[i]).filter(Number.isFinite);
  if (last.length === 0) return [];
  const mean = last.reduce((sum, g) => sum + g, 0) / last.length, [low, high] = [Math.min(...last), Math.max(...last)];
  if (high - low < inflated - value && Math.abs(mean - inflated) < 0.5 * (inflated - value)) return [];
  const more = Math.min(rows, 8 * batchSize), passes = Math.ceil(epochs * Math.min(8, more / batchSize));
  return [{
    seen: `in batches of ${batchSize} rows the bound was between ${short(low)} and ${short(high)} in the last epoch, ` +
      `on all candidate data ${short(inflated)}`,
    attempt: `batchSize: ${more}, and epochs: ${passes} for as many steps`,
    options: { optimizer: { batchSize: more, epochs: passes } },
  }];
}

/** Training that ended while it was still getting better. */
function unfinished(run: Seen): Advice[] {
  const { settings: { name, epochs }, log, i } = run, part = Math.floor(log.length / 5);
  if (isPredicted(run) || !isGradual(name) || part < 1) return [];
  const mean = (steps: readonly Step[]) => steps.reduce((sum, { g }) => sum + g[i], 0) / steps.length;
  const [before, after] = [mean(log.slice(-2 * part, -part)), mean(log.slice(-part))];
  if (!(after > 0 && after < 0.97 * before)) return [];
  return [{
    seen: `the bound still fell at the end, from ${short(before)} to ${short(after)} in the last fifths of the steps`,
    attempt: `epochs: ${4 * epochs}, or a greater thetaRate`,
    options: { optimizer: { epochs: 4 * epochs } },
  }];
}

/** Multipliers that had no time to grow. */
function weakMultipliers(run: Seen): Advice[] {
  const { settings: { name, lambdaRate }, log, i } = run, { lambda, f, g } = log.at(-1)!, half = log[Math.floor(log.length / 2)];
  if (isPredicted(run) || !isGradual(name) || !(lambda[i] > half.lambda[i])) return [];
  if (lambda[i] * Math.abs(g[i]) > Math.abs(f)) return [];
  return [{
    seen: `the multiplier was still growing at the end, at ${short(lambda[i])}, and counted for less than the objective`,
    attempt: `lambdaRate: ${short(10 * lambdaRate)}`,
    options: { optimizer: { lambdaRate: 10 * lambdaRate } },
  }];
}

/** An inflation that leaves no model any room. */
function tooCautious(run: Seen): Advice[] {
  const { settings: { inflation }, value, bare, inflated } = run;
  const less = bare < 0 ? Math.max(1, Math.floor(9 * value / (value - bare)) / 10) : 2;
  if (isPredicted(run) || less >= inflation) return [];
  return [{
    seen: `the predicted bound is ${short(bare)}, and ${
      short(inflated)
    } with inflation ${inflation}, which may ask for more room than there is`,
    attempt: `inflation: ${less}`,
    options: { optimizer: { inflation: less } },
  }];
}

/** A model that was predicted to pass: it looks safer on the data that trained it. */
function tooBold(run: Seen): Advice[] {
  const { settings: { inflation, regularization }, value, bare, inflated, test } = run;
  if (!isPredicted(run) || test === undefined || !Number.isFinite(test.upper)) return [];
  const needed = (test.upper - value) / (bare - value),
    more = Math.min(4 * inflation, Math.ceil(12 * Math.max(inflation, needed)) / 10);
  const weight = Math.max(0.01, 4 * regularization), isOverfit = test.value - value > bare - value;
  return [{
    seen: `on candidate data the formula is ${short(value)} and its predicted bound ${short(inflated)}, on safety data ` +
      `${short(test.value)} and ${short(test.upper)}`,
    attempt: `inflation: ${more}${isOverfit ? `, and regularization: ${short(weight)}` : ""}; or tune both`,
    options: { optimizer: { inflation: more, ...(isOverfit && { regularization: weight }) } },
  }];
}

/** The same where the test has less than a third of all rows: before anything else, as they are there. */
function smallTest(run: Seen): Advice[] {
  const { data, safetyRows = 0 } = run.problem.sets.main;
  return safetyRows < data.size / 2 ? tooFewRows(run) : [];
}

/** A test with too few rows for the room that there is. */
function tooFewRows({ test, value, bare, problem }: Seen): Advice[] {
  const { value: found = value, upper = bare } = test ?? {}, { data, safetyRows = 0 } = problem.sets.main;
  if (!(found < 0 && upper > 0 && upper < Infinity)) return [];
  const times = ((upper - found) / found) ** 2, part = (times * safetyRows) / (data.size + safetyRows);
  return [{
    seen: `the estimate keeps the promise by ${short(-found)}, and its bound is ${short(upper - found)} above it`,
    attempt: `a test with about ${times.toFixed(1)} times as many rows`,
    ...(part < 0.8 && { options: { safetyFraction: Math.ceil(100 * part) / 100 } }),
  }];
}

/** A promise that this model does not keep. */
function outOfReach(run: Seen): Advice[] {
  if (isPredicted(run)) return [];
  const { inflated, value } = run;
  return [{
    seen: `the best that training found on candidate data is ${short(value)}, and ${
      short(inflated)
    } with its bound; wanted at most 0`,
    attempt: `a limit that is weaker by ${short(inflated)}, or a model with other features`,
  }];
}

/** Steps that diverged. */
function unstable({ settings: { name, thetaRate }, log }: FailedRun): Advice[] {
  if (!isGradual(name) || log.length < 2 || Number.isFinite(log.at(-1)!.lagrangian)) return [];
  return [{
    seen: `the Lagrangian was not finite at step ${log.length}`,
    attempt: `thetaRate: ${short(thetaRate / 10)}`,
    options: { optimizer: { thetaRate: thetaRate / 10 } },
  }];
}

/** Bounds that were never finite. */
function unheard({ log, problem }: FailedRun): Advice[] {
  const i = log.at(-1)?.g.findIndex((bound) => bound === Infinity) ?? -1;
  if (i < 0) return [];
  return [{
    seen: `"${problem.promises[i].constraint}" had no finite bound to train on`,
    attempt: "more rows of its groups, larger batches, or known ranges",
  }];
}

function isGradual(name: OptimizerSettings["name"]): boolean {
  return name === "adam" || name === "sgd";
}
