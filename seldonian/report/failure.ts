import { noGrad } from "../../autodiff/mod.ts";
import type { Module } from "../../nn/module.ts";
import { assess } from "../assess.ts";
import type { Selection } from "../candidate_selection.ts";
import type { Sample } from "../constraints/sample.ts";
import { planned } from "../constraints/plan.ts";
import { type Analysis, evaluatePromise, forecastFor, promise, type Promised } from "../constraints/promise.ts";
import { commonOptions, type OptimizerOptions, type OptimizerSettings } from "../options.ts";
import type { Problem } from "../problem/problem.ts";
import type { Step } from "../records/log.ts";
import type { ConstraintReport } from "../safety_test.ts";
import type { TrainingOptions } from "../selection_options.ts";
import type { Candidate } from "../training/choice.ts";
import { isSmallAndSmooth } from "../training/smooth.ts";

/** What training and test have shown of a run without a solution. */
export interface Failure {
  settings: OptimizerSettings;
  log: readonly Step[];
  /** Rows of the candidate data, and of the test. */
  rows: number;
  safetyRows: number;
  /** The constraints. */
  texts: readonly string[];
  /** The given options that keep a small and smooth problem from BFGS; `null` if it is not one. */
  unsmooth: string[] | null;
  /** The constraint that is farthest from being kept, in units of its bound's width; `null` without a candidate. */
  worst: Seen | null;
}

/** A constraint on candidate data and in the test. */
export interface Seen {
  /** Its place. */
  i: number;
  /** Its g on candidate data: the estimate, the predicted bound, and the same with inflation. */
  value: number;
  bare: number;
  inflated: number;
  /** The same for the population that the data is from; `null` if it is promised for that one. */
  unshifted: number | null;
  /** The predicted bound of a test of four times as many rows, without inflation. */
  ofMore: number;
  analysis: Analysis;
  /** The family of bounds that was chosen for it, if one was. */
  family: string | undefined;
  /** The predicted bound with another analysis, or by the default families. */
  boundBy(options: { analysis?: Analysis; bound?: "auto" }): number;
  /** Its test, if there was one. */
  test?: ConstraintReport;
}

/** The run that failed. */
export interface Run extends Pick<TrainingOptions, "model" | "optimizer" | "penalty"> {
  /** The problem on candidate data. */
  problem: Problem;
  selection: Pick<Selection<Module>, "log" | "settings">;
  /** The candidate that failed; `null`: training ended without one. */
  candidate: Candidate<Module> | null;
  /** Its test. */
  constraints: readonly ConstraintReport[];
}

/** Looks at a failed run, and at its candidate on candidate data. */
export async function failureOf(run: Run): Promise<Failure> {
  const { problem, selection: { log, settings }, candidate, optimizer = {}, model, penalty } = run;
  const { data, safetyRows = 0 } = problem.sets.main;
  const given = Object.keys(optimizer).filter((option) => !commonOptions.includes(option as keyof OptimizerOptions));
  const texts = problem.promises.map(({ constraint }) => `${constraint}`);
  const unsmooth = isSmallAndSmooth(model, { problem, penalty }) ? given : null;
  const worst = candidate === null ? null : await worstOf(run, candidate);
  return { settings, log, rows: data.size, safetyRows, texts, unsmooth, worst };
}

async function worstOf(
  { problem, selection: { settings }, constraints }: Run,
  { model, plan }: Candidate<Module>,
): Promise<Seen | null> {
  const { sample } = await assess(model, problem, "training");
  const sets = problem.sets.map(({ data, safetyRows = data.size }) => ({ data, safetyRows: 4 * safetyRows }));
  const { sample: larger } = await assess(model, { ...problem, sets }, "training");
  return noGrad(() => {
    const seen = plan.map((promised, i): Seen => {
      const at = (inflation: number) => evaluatePromise(promised, sample, { inflation }), { interval, conjuncts } = at(1);
      const { analysis, shift, judgement: { bound, bounds = {} } } = promised, { inflation } = forecastFor(promised, settings);
      const usual = { ...promised, populations: undefined };
      return {
        i,
        value: Math.max(...conjuncts.map(({ value }) => value)),
        bare: interval.upper.value,
        ofMore: evaluatePromise(promised, larger, { inflation: 1 }).interval.upper.value,
        inflated: at(inflation).interval.upper.value,
        unshifted: shift === undefined ? null : evaluatePromise(usual, sample, { inflation }).interval.upper.value,
        analysis,
        family: (bound ?? Object.values(bounds)[0])?.name,
        boundBy: (options) => boundBy(promised, sample, options),
        test: constraints[i],
      };
    });
    const excess = ({ test, inflated, bare, value }: Seen) => (test?.upper ?? inflated) / (bare - value);
    return seen.filter((one) => !(excess(one) <= 0)).sort((a, b) => excess(b) - excess(a))[0] ?? null;
  });
}

/** The predicted bound on the same outputs if it were found otherwise. */
function boundBy(promised: Promised, sample: Sample, { analysis, bound }: Parameters<Seen["boundBy"]>[0]): number {
  const { constraint, delta, judgement, shares } = promised;
  const other = promise(constraint, delta, bound === undefined ? judgement : { ...judgement, bound: undefined, bounds: {} }, {
    analysis: analysis ?? promised.analysis,
    shares: typeof shares === "object" ? "optimal" : shares,
  });
  return noGrad(() => evaluatePromise(planned({ ...promised, ...other }, sample), sample, { inflation: 1 }).interval.upper.value);
}
