import type { Module } from "../nn/module.ts";
import { assess } from "./assess.ts";
import type { Evaluation, LeafReport } from "./constraints/evaluate.ts";
import type { DataSet } from "./data/data_set.ts";
import { type Analysis, checkColumns, type Objective, type Promised, promises, type StatedConstraint } from "./problem.ts";

/** What a safety test needs. */
export interface SafetyTestOptions {
  model: Module;
  /** Data that had no part in making the model. */
  data: DataSet;
  constraints: readonly StatedConstraint[];
  /** Default "interval". */
  analysis?: Analysis;
  /** Measured beside the constraints, if given. */
  objective?: Objective;
}

/** A constraint in a safety test. */
export interface ConstraintReport {
  text: string;
  delta: number;
  /** Whether `upper` is at most 0. */
  passed: boolean;
  /** The constraint's g, with every measure at its mean over the safety data. */
  value: number;
  /** Bounds on g; with probability at least 1 - delta, g is not above `upper`. */
  lower: number;
  upper: number;
  leaves: LeafReport[];
  /** Why there is no finite upper bound. */
  note?: string;
}

/** What a safety test found. */
export interface SafetyReport {
  passed: boolean;
  constraints: ConstraintReport[];
  /** The objective on the safety data; `null` without one. */
  objective: number | null;
}

/**
 * Tests a model, however it was made, on data that had no part in that: it passes if the upper bound on every constraint's g
 * is at most 0. For a model that breaks a constraint, this happens with probability at most that constraint's delta, as far
 * as the bounds' assumption holds.
 */
export async function safetyTest({ model, data, constraints, objective, analysis }: SafetyTestOptions): Promise<SafetyReport> {
  const promised = promises(constraints, analysis);
  checkColumns(promised, objective, data);
  const assessment = await assess(model, data, promised, objective);
  const reports = assessment.evaluations.map((evaluation, i) => report(promised[i], evaluation));
  return { passed: reports.every(({ passed }) => passed), constraints: reports, objective: assessment.objective };
}

function report({ constraint, delta }: Promised, { value, interval, leaves, note }: Evaluation): ConstraintReport {
  const lower = interval.lower.value, upper = interval.upper.value;
  return { text: `${constraint}`, delta, passed: upper <= 0, value, lower, upper, leaves, note };
}
