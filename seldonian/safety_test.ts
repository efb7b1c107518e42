import type { Module } from "../nn/module.ts";
import { assess, type AssessedData } from "./assess.ts";
import type { StatisticReport } from "./constraints/evaluate.ts";
import type { LeafReport } from "./constraints/leaf_bounds.ts";
import { evaluatePromise, forTest, type Promised, type PromiseEvaluation } from "./constraints/promise.ts";
import { DataSet, type Source } from "./data/data_set.ts";
import { keysOf, testOrder } from "./data/test_order.ts";
import { mapped } from "./mapped.ts";
import type { Ledger, Uses } from "./report/ledger.ts";
import { checkColumns, type Objective, type PromiseOptions, promises, relationsOf } from "./problem.ts";
import { checkRowFunction } from "./row_function.ts";

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
  /** A value for each row: rows that share it, as those of one patient, are one observation. Default: the data's own clusters. */
  groups?: ArrayLike<number | string>;
  /** How the constraints are tested, as candidate selection decided; default: equal shares. */
  plan?: readonly Promised[];
  /** Remembers the rows of tests, and has the report say where some were tested before. */
  ledger?: Ledger;
}

/** A formula that must be at most 0 for a constraint to hold, in a safety test. */
export interface ConjunctReport {
  /** As constraints write it; it must be at most 0. */
  text: string;
  /** With every measure at its mean. */
  value: number;
  /** A bound on it that is missed with probability at most delta. */
  upper: number;
  /** How it was bounded as one statistic; left out where each measure was bounded apart. */
  statistic?: StatisticReport;
}

/** A constraint in a safety test. */
export interface ConstraintReport {
  /** As it was stated. */
  text: string;
  /** The probability that its test may be wrong with. */
  delta: number;
  /** Whether `upper` is at most 0. */
  passed: boolean;
  /**
   * "kept" where it passed; else "violated" where the estimate breaks it, "not shown" where the estimate keeps it and the bound does
   * not, "not judged" where there is no estimate or no finite bound.
   */
  verdict: Verdict;
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
  /** "finite-sample" where all bounds that decide are proven at every number of rows; "approximate" where one is right for many only. */
  guarantee: "finite-sample" | "approximate";
  /** Whether rows were in clusters, so that measures are means of clusters' means. */
  clustered: boolean;
  /** Of the order in which rows were seen, which rows and question give: its key. */
  order: string;
  /** Why there is no finite upper bound. */
  note?: string;
}

/** What a safety test says of a constraint. */
export type Verdict = "kept" | "violated" | "not shown" | "not judged";

/** What a safety test found. */
export interface SafetyReport {
  /** Whether every constraint passed. */
  passed: boolean;
  /** Every constraint, in the order they were stated. */
  constraints: ConstraintReport[];
  /** The objective on the safety data; `null` without one. */
  objective: number | null;
  /** What a ledger knows of the rows. */
  uses?: Uses;
  /** The part of each delta that this test could spend, where a ledger halves it. */
  spent?: number;
}

/**
 * Tests a model, however it was made, on data that had no part in that: it passes if the upper bound on every constraint's g
 * is at most 0. For a model that breaks a constraint, this happens with probability at most that constraint's delta, as far
 * as the bounds' assumption holds; several constraints need no correction, since a model that breaks some breaks one.
 */
export async function safetyTest(
  { model, data: given, others = {}, groups, objective, plan, ledger, ...options }: SafetyTestOptions,
): Promise<SafetyReport> {
  const uses = await ledger?.use({ tested: await keysOf([given, ...Object.values(others)]), trained: new Uint32Array(0) });
  const spent = uses !== undefined && ledger?.spend === "halving" ? 2 ** -(uses.tests + 1) : undefined;
  if (plan !== undefined && spent !== undefined) {
    throw new TypeError("Cannot halve the delta of a plan that is made: leave the plan out, or give the ledger to train()");
  }
  if (plan !== undefined) checkPlan(plan, options.constraints);
  const constraints = options.constraints.map((stated) => ({ ...stated, delta: stated.delta * (spent ?? 1) }));
  const promised = (plan ?? promises({ ...options, constraints })).map(forTest),
    data = groups === undefined ? given : clustered(given, groups);
  checkColumns(promised, objective, data, others);
  const relations = await relationsOf(options, data, others);
  await checkRowFunction(model, data, promised);
  const question = questionOf(promised), ownOrder = async (data: Source) => ({ data, ...await testOrder(data, question) });
  const [mate] = relations.paired, order = await testOrder(data, question, mate === undefined ? undefined : others[mate]);
  const sets = { main: { data, ...order }, others: {} as Record<string, AssessedData>, relations };
  for (const [name, other] of Object.entries(others)) {
    sets.others[name] = relations.paired.includes(name) ? { data: other, order: order.order } : await ownOrder(other);
  }
  const { sample, objective: found } = await assess(model, sets, promised, objective, "test");
  const how = { order: order.key, clustered: data.hasClusters };
  const reports = promised.map((promise) => report(promise, evaluatePromise(promise, sample), how));
  return { passed: reports.every(({ passed }) => passed), constraints: reports, objective: found, uses, spent };
}

/** @throws {RangeError} for a plan of other constraints than those that are stated, where some are */
function checkPlan(plan: readonly Promised[], stated: SafetyTestOptions["constraints"]): void {
  if (stated.length === 0) return;
  const wrong = plan.length !== stated.length || plan.some(({ delta }, i) => delta !== stated[i].delta);
  if (!wrong) return;
  const shown = (of: readonly { delta: number }[]) => of.map(({ delta }) => delta).join(", ");
  throw new RangeError(
    `Cannot test by a plan of other constraints: it has ${plan.length} with delta ${
      shown(plan)
    }, and stated are ${stated.length} with ${shown(stated)}`,
  );
}

/** All that says what is tested: texts, deltas, and how they are judged. */
function questionOf(promised: readonly Promised[]): string {
  return JSON.stringify(
    promised.map(({ constraint, delta, judgement: { rates, ranges, bound, bounds = {} } }) => [
      `${constraint}`,
      delta,
      rates,
      ranges,
      bound?.name ?? "auto",
      mapped(bounds, ({ name }) => name),
    ]),
  );
}

function clustered(data: Source, groups: ArrayLike<number | string>): DataSet {
  if (data instanceof DataSet) return data.clustered(groups);
  throw new TypeError(
    "Cannot put the rows of a stream into groups here: give its pieces clusters, as splitTables() with groups does, or name the " +
      "column in an Encoder's clusters",
  );
}

function report(
  { constraint, delta, judgement: { rates } }: Promised,
  evaluation: PromiseEvaluation,
  how: Pick<ConstraintReport, "order" | "clustered">,
): ConstraintReport {
  const { value, interval, leaves, note } = evaluation, lower = interval.lower.value, upper = interval.upper.value;
  const conjuncts = evaluation.conjuncts.map(({ text, value, interval, statistic }) => ({
    text,
    value,
    upper: interval.upper.value,
    ...(statistic && { statistic }),
  }));
  const deciding = [
    ...leaves.filter(({ deltaLower, deltaUpper }) => deltaLower !== null || deltaUpper !== null),
    ...conjuncts.flatMap(({ statistic }) => statistic ?? []),
  ];
  const guarantee = deciding.some(({ guarantee }) => guarantee === "approximate") ? "approximate" : "finite-sample";
  const passed = upper <= 0, verdict: Verdict = passed ? "kept" : verdictOf(value, upper);
  const found = { text: `${constraint}`, delta, passed, verdict, value, lower, upper };
  return { ...found, conjuncts, leaves, rates, guarantee, ...how, note };
}

function verdictOf(value: number, upper: number): Exclude<Verdict, "kept"> {
  if (value > 0) return "violated";
  return Number.isNaN(value) || upper === Infinity ? "not judged" : "not shown";
}
