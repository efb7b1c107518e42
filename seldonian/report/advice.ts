import type { Analysis } from "../constraints/promise.ts";
import { type OptimizerOptions, type OptimizerSettings, usualCaution } from "../options.ts";
import type { Step } from "../records/log.ts";
import type { Failure, Seen } from "./failure.ts";
import { short, unitsOf } from "./verdict.ts";

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

/** The most that are worth reading. */
const most = 3;

/** What is worth trying, the likeliest first, from what was seen in training and in the test. */
export function adviceOn(failure: Failure): Advice[] {
  const { worst } = failure;
  const all = worst === null ? [unstable, unheard].flatMap((rule) => rule(failure)) : [
    narrower,
    populations,
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
    .flatMap((rule) => rule({ ...failure, ...worst }));
  return all.filter(({ attempt }, i) => all.findIndex((one) => one.attempt === attempt) === i).slice(0, most);
}

type Run = Failure & Seen;

/** Whether training reached what it aimed at: a predicted bound of at most 0, up to rounding. */
function isPredicted({ inflated, value, bare }: Run): boolean {
  return inflated <= 0.02 * (bare - value);
}

/** Another analysis or family that would bound the same outputs more narrowly. */
function narrower({ analysis, family, bare, value, boundBy }: Run): Advice[] {
  const tries: [AdvisedOptions, string][] = [
    ...analysis === "interval"
      ? [[{ analysis: "conjunctive" }, 'leave out analysis: "interval"'] as [AdvisedOptions, string]]
      : [],
    ...family !== undefined ? [[{ bound: "auto" }, `leave out bound: "${family}"`] as [AdvisedOptions, string]] : [],
  ];
  return tries.flatMap(([options, attempt]) => {
    const [wide, narrow] = [bare - value, boundBy(options) - value];
    if (!(narrow < 0.9 * wide)) return [];
    return [{ seen: `it widens the bound by a factor of ${short(wide / narrow)}`, attempt, options }];
  });
}

/** Populations that cost more than the rest of the promise. */
function populations({ unshifted, inflated }: Run): Advice[] {
  if (unshifted === null || !(inflated > 0) || !(unshifted < inflated / 2)) return [];
  return [{
    seen: `the predicted bound is ${short(inflated)} in the worst population of shift, and ${short(unshifted)} in the data's own`,
    attempt: "narrower intervals in shift, where more is known; or more rows of the groups that will be more frequent",
  }];
}

/** BFGS, if options have chosen something else for a small and smooth problem. */
function quasiNewton(run: Run): Advice[] {
  const { unsmooth, settings: { name } } = run;
  if (isPredicted(run) || name === "bfgs" || unsmooth === null) return [];
  return [{
    seen: `training ended with a predicted bound of ${short(run.inflated)}, and this problem is small and smooth`,
    attempt: `leave out ${unsmooth.join(", ")} of optimizer, so that BFGS finds the optimum on all rows`,
    options: { optimizer: { ...Object.fromEntries(unsmooth.map((option) => [option, undefined])), epochs: undefined } },
  }];
}

/** Batches whose bounds are mostly noise. */
function noisyBatches(run: Run): Advice[] {
  const { settings: { batchSize, epochs }, rows, log, i, inflated, value } = run;
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
function unfinished(run: Run): Advice[] {
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
function weakMultipliers(run: Run): Advice[] {
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
function tooCautious(run: Run): Advice[] {
  const { settings: { inflation, name, batchSize }, rows, value, bare, inflated } = run,
    usual = usualCaution(name, batchSize === rows);
  const less = bare < 0 ? Math.max(1, Math.floor(9 * value / (value - bare)) / 10) : usual.inflation;
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
function tooBold(run: Run): Advice[] {
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
function smallTest(run: Run): Advice[] {
  return run.safetyRows < run.rows / 2 ? tooFewRows(run) : [];
}

/** A test with too few rows for the room that there is. */
function tooFewRows({ test, value, bare, ofMore, rows, safetyRows }: Run): Advice[] {
  const { value: found = value, upper = bare } = test ?? {};
  if (!(found < 0 && upper > 0 && upper < Infinity)) return [];
  // The distance falls as a / sqrt(n) + b / n: b is the part of a range that is much wider than the values.
  const [all, a] = [bare - value, Math.min(bare - value, Math.max(0, 4 * (ofMore - value) - (bare - value)))];
  const wanted = all * -found / (upper - found), root = (a + Math.sqrt(a * a + 4 * wanted * (all - a))) / (2 * wanted);
  const times = root * root, part = (times * safetyRows) / (rows + safetyRows);
  const units = test === undefined ? "rows" : unitsOf(test);
  const [least] = [...test?.leaves ?? []].sort((a, b) => a.n - b.n), isGroup = least !== undefined && least.n < safetyRows;
  return [{
    seen: `the estimate keeps the promise by ${short(-found)}, and its bound is ${short(upper - found)} above it` +
      (isGroup ? `; ${least.name} is on ${least.n} ${units} only` : ""),
    attempt: `a test with about ${times.toFixed(1)} times as many ${units}`,
    ...(part < 0.8 && { options: { safetyFraction: Math.ceil(100 * part) / 100 } }),
  }];
}

/** A promise that this model does not keep. */
function outOfReach(run: Run): Advice[] {
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
function unstable({ settings: { name, thetaRate }, log }: Failure): Advice[] {
  if (!isGradual(name) || log.length < 2 || Number.isFinite(log.at(-1)!.lagrangian)) return [];
  return [{
    seen: `the Lagrangian was not finite at step ${log.length}`,
    attempt: `thetaRate: ${short(thetaRate / 10)}`,
    options: { optimizer: { thetaRate: thetaRate / 10 } },
  }];
}

/** Bounds that were never finite. */
function unheard({ log, texts }: Failure): Advice[] {
  const i = log.at(-1)?.g.findIndex((bound) => bound === Infinity) ?? -1;
  if (i < 0) return [];
  return [{
    seen: `"${texts[i]}" had no finite bound to train on`,
    attempt: "more rows of its groups, larger batches, or known ranges",
  }];
}

function isGradual(name: OptimizerSettings["name"]): boolean {
  return name === "adam" || name === "sgd";
}
