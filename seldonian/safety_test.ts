import type { Module } from "../nn/module.ts";
import { assess } from "./assess.ts";
import type { LeafReport } from "./constraints/leaf_bounds.ts";
import { evaluatePromise, forTest, type Promised, type PromiseEvaluation } from "./constraints/promise.ts";
import type { Source } from "./data/data_set.ts";
import { mapped } from "./mapped.ts";
import { checkColumns, type Objective, type PromiseOptions, promises } from "./problem.ts";
import { permutation, randomStream } from "./random.ts";

/** What a safety test needs. */
export interface SafetyTestOptions extends PromiseOptions {
  /** What is tested. */
  model: Module;
  /** Data that had no part in making the model. */
  data: Source;
  /** The same of other data sets, by the name that constraints give them. */
  others?: Readonly<Record<string, Source>>;
  /** Measured beside the constraints, if given. */
  objective?: Objective;
  /** Of the order in which rows are seen, which some bounds read; fixed before the test, and reported. Default 0. */
  seed?: number;
  /** How the constraints are tested, as candidate selection decided; default: equal shares. */
  plan?: readonly Promised[];
}

/** A formula that must be at most 0 for a constraint to hold, in a safety test. */
export interface ConjunctReport {
  /** As constraints write it; it must be at most 0. */
  text: string;
  /** With every measure at its mean. */
  value: number;
  /** A bound on it that is missed with probability at most delta. */
  upper: number;
  /** How it was bounded as one statistic, on n values; left out where each measure was bounded apart. */
  statistic?: { text: string; n: number; bound: string; assumes: string; delta: number };
}

/** A constraint in a safety test. */
export interface ConstraintReport {
  /** As it was stated. */
  text: string;
  /** The probability that its test may be wrong with. */
  delta: number;
  /** Whether `upper` is at most 0. */
  passed: boolean;
  /** The constraint's g, with every measure at its mean over the safety data. */
  value: number;
  /** Bounds on g, or on the greatest of the formulas that it was tested as; with probability at least 1 - delta it is not above `upper`. */
  lower: number;
  /** The upper bound on g of its worst formula; it passes if this is at most 0. */
  upper: number;
  /** Formulas that must all be at most 0, each tested at the whole delta. */
  conjuncts: ConjunctReport[];
  /** The measures, each with estimate and bounds. */
  leaves: LeafReport[];
  /** What was judged: probabilities, or the decisions made of them. */
  rates: "expected" | "decided";
  /** Of the order in which rows were seen. */
  seed: number;
  /** Why there is no finite upper bound. */
  note?: string;
}

/** What a safety test found. */
export interface SafetyReport {
  /** Whether every constraint passed. */
  passed: boolean;
  /** Every constraint, in the order they were stated. */
  constraints: ConstraintReport[];
  /** The objective on the safety data; `null` without one. */
  objective: number | null;
}

/**
 * Tests a model, however it was made, on data that had no part in that: it passes if the upper bound on every constraint's g
 * is at most 0. For a model that breaks a constraint, this happens with probability at most that constraint's delta, as far
 * as the bounds' assumption holds; several constraints need no correction, since a model that breaks some breaks one.
 */
export async function safetyTest(
  { model, data, others = {}, objective, seed = 0, plan, ...options }: SafetyTestOptions,
): Promise<SafetyReport> {
  const promised = (plan ?? promises(options)).map(forTest);
  checkColumns(promised, objective, data, others);
  const random = randomStream(seed, "order"), inOrder = (data: Source) => ({ data, order: permutation(data.size, random) });
  const sets = { main: inOrder(data), others: mapped(others, inOrder) };
  const assessment = await assess(model, sets, promised, objective);
  const reports = promised.map((promise) => report(promise, evaluatePromise(promise, assessment.sample), seed));
  return { passed: reports.every(({ passed }) => passed), constraints: reports, objective: assessment.objective };
}

function report({ constraint, delta, judgement }: Promised, evaluation: PromiseEvaluation, seed: number): ConstraintReport {
  const { value, interval, leaves, note } = evaluation, lower = interval.lower.value, upper = interval.upper.value;
  const conjuncts = evaluation.conjuncts.map(({ text, value, interval, statistic }) => ({
    text,
    value,
    upper: interval.upper.value,
    ...(statistic && { statistic }),
  }));
  const { rates } = judgement;
  return { text: `${constraint}`, delta, passed: upper <= 0, value, lower, upper, conjuncts, leaves, rates, seed, note };
}
