import { type Outside, outsideOf } from "./constraints/outside.ts";
import { checkOptions, ignored, type Known, perRow, record } from "../autodiff/options.ts";
import { modelKind, type Module } from "../nn/module.ts";
import { assess, type Shared } from "./assess.ts";
import { selectionOptions } from "./selection_options.ts";
import type { StatisticReport } from "./constraints/evaluate.ts";
import type { LeafReport } from "./constraints/leaf_bounds.ts";
import { atDelta, evaluatePromise, forTest, isShown, type Promised, type PromiseEvaluation } from "./constraints/promise.ts";
import { checkWhole } from "./data/clusters.ts";
import { DataSet, type Source } from "./data/data_set.ts";
import { checkSource } from "./data/given_kinds.ts";
import { keysOf } from "./data/units.ts";
import { type Ledger, ledgerKind, type Uses } from "./records/ledger.ts";
import { owned } from "./problem/owned.ts";
import { type Problem, problemOf } from "./problem/problem.ts";
import { objectiveKind, type ObjectiveName, promiseOptions } from "./problem/promise_kinds.ts";
import { promises } from "./problem/promises.ts";
import type { Objective, PromiseOptions } from "./problem/stated.ts";
import { shownAs } from "../autodiff/show.ts";
import { explain } from "./report/words.ts";
import { shiftText } from "./shift/shift.ts";
import { checkRowFunction } from "./row_function.ts";
import { Sets } from "./sets.ts";

/** The options of a safety test. */
export interface SafetyTestOptions extends PromiseOptions {
  /** The model to test. */
  model: Module;
  /** Data that had no part in making the model. */
  data: Source;
  /** The same for other data sets, by their names in constraints. */
  others?: Readonly<Record<string, Source>>;
  /** An objective to measure, if given; or its name. */
  objective?: Objective | ObjectiveName;
  /**
   * A value for each row: rows that share it, such as those of one patient, are one observation. Default: the data's own
   * clusters.
   */
  groups?: ArrayLike<number | string>;
  /** The test's plan from candidate selection; default: equal shares. */
  plan?: readonly Promised[];
  /** Remembers the rows of tests; the report then says whether some were tested before. */
  ledger?: Ledger;
}

const known: Known<SafetyTestOptions> = {
  // Options of training may be passed too; a test ignores them.
  ...ignored(selectionOptions),
  ...promiseOptions,
  model: modelKind,
  data: selectionOptions.data,
  others: record,
  objective: objectiveKind,
  groups: perRow,
  plan: {
    type: "object",
    wanted: "a plan, such as selectCandidate() returns with each candidate",
    holds: (value) => Array.isArray(value) && value.length > 0 && value.every((one) => Array.isArray(one?.ways)),
  },
  ledger: ledgerKind,
};

/** A formula in a safety test; it must be at most 0. */
export interface ConjunctReport {
  /** Its text; the formula must be at most 0. */
  text: string;
  /** The value with every measure at its mean. */
  value: number;
  /** An upper bound that is wrong with probability at most delta. */
  upper: number;
  /** How it was bounded as one statistic; left out if each measure was bounded separately. */
  statistic?: StatisticReport;
}

/** A constraint in a safety test. */
export interface ConstraintReport {
  /** The constraint as stated. */
  text: string;
  /** The probability that its test may be wrong. */
  delta: number;
  /** Whether `upper` is at most 0, and the estimate too: a bound below its own estimate shows nothing. */
  passed: boolean;
  /**
   * "kept" if it passed; otherwise "violated" if the estimate breaks it, "not shown" if the estimate keeps it and the bound does
   * not, "not judged" if there is no estimate or no finite bound.
   */
  verdict: Verdict;
  /** The constraint's g, with every measure at its mean over the safety data. */
  value: number;
  /** Bounds on g, or on the greatest of its tested formulas; with probability at least 1 - delta it is not above `upper`. */
  lower: number;
  /** The upper bound on g of its worst formula; it must be at most 0. */
  upper: number;
  /** Formulas that must all be at most 0, each tested at the whole delta. */
  conjuncts: ConjunctReport[];
  /** The measures, each with estimate and bounds. */
  leaves: LeafReport[];
  /** Whether probabilities were judged, or the decisions made from them. */
  rates: "expected" | "decided";
  /** "finite-sample" if all deciding bounds are proven for every number of rows; "approximate" if one holds only for many. */
  guarantee: "finite-sample" | "approximate";
  /** Whether rows were in clusters, so that measures are means of cluster means. */
  clustered: boolean;
  /** What rows are, where they are "episodes" of a policy. */
  rowsAre?: string;
  /** Whether a split divided strata for the rows, so that they are not quite independent. */
  stratified: boolean;
  /** The key of the order of rows, which comes from the data. */
  order: string;
  /** Rows of the data in no group of the constraint. */
  outside: Outside[];
  /** The populations that it was tested for; left out: the one that the data is from. */
  populations?: string;
  /** Why there is no finite upper bound. */
  note?: string;
}

/** The verdict of a safety test on a constraint. */
export type Verdict = "kept" | "violated" | "not shown" | "not judged";

/** The result of a safety test. */
export interface SafetyReport {
  /** Whether every constraint passed. */
  passed: boolean;
  /** Every constraint, in the stated order. */
  constraints: ConstraintReport[];
  /** The objective on the safety data; `null` without one. */
  objective: number | null;
  /** The ledger's record of the rows. */
  uses?: Uses;
}

/**
 * Tests a model, however it was made, on data that had no part in making it. It passes if the upper bound on every constraint's g
 * is at most 0. A model that breaks a constraint passes with probability at most that constraint's delta, as far as the bounds'
 * assumption holds. Several constraints need no correction, since a model that breaks some breaks one.
 * @throws {TypeError} for an unknown option, with the nearest name, and for a value of the wrong type
 * @throws {RangeError} for a value that is not allowed, and for data that does not fit, with the row
 * @throws {OutputError} for outputs that cannot be judged, with the row
 */
export async function safetyTest(options: SafetyTestOptions): Promise<SafetyReport> {
  const { model, data: given, others, groups, plan, ledger, ...stated } = owned(checkOptions("test", options, known));
  if (plan !== undefined && ledger?.spend === "halving") {
    throw new TypeError("Cannot halve the delta of a plan that is made: leave the plan out, or give the ledger to train()");
  }
  if (plan !== undefined) checkPlan(plan, stated);
  checkSource(given);
  const sets = new Sets(groups === undefined ? given : clustered(given, groups), others).map((data) => ({ data }));
  return await testOf(await problemOf({ ...stated, plan }, sets), { model, ledger });
}

/** The tested model, and facts known before the test. */
export interface Tested {
  model: Module;
  ledger?: Ledger;
  /** Whether an earlier test of such rows has shown that the model is a function of the row. */
  isRowFunction?: boolean;
  /** What tests of other models on the same data have found. */
  shared?: Shared;
}

/** The same for a problem on safety data. */
export async function testOf(problem: Problem, { model, ledger, isRowFunction = false, shared }: Tested): Promise<SafetyReport> {
  const data = problem.sets.map(({ data }) => data);
  if (!isRowFunction) await checkRowFunction(model, problem);
  const uses = ledger && await ledger.use({
    tested: await keysOf(data.all),
    trained: new Uint32Array(0),
    deltas: problem.promises.map(({ delta }) => delta),
  });
  const promises = problem.promises.map((promised, i) => forTest(uses?.halving ? atDelta(promised, uses.deltas[i]) : promised));
  const { sample, objective, order } = await assess(model, { ...problem, promises }, "test", undefined, shared);
  const stratified = data.all.some(({ hasStrata }) => hasStrata);
  const how = { order: order!, clustered: data.main.hasClusters, stratified };
  const reports = promises.map((promised) =>
    report(promised, evaluatePromise(promised, sample), { ...how, outside: outsideOf(promised.constraint, sample) })
  );
  return shownAs({ passed: reports.every(({ passed }) => passed), constraints: reports, objective, uses }, explain);
}

/** @throws {RangeError} for a plan of something else than is stated beside it */
function checkPlan(plan: readonly Promised[], { constraints, ...options }: PromiseOptions): void {
  const isStated = constraints.length > 0, { ranges = isStated ? {} : plan[0].judgement.ranges } = options;
  const names = Object.keys(facts).filter((name) =>
    options[name as keyof typeof options] !== undefined || (isStated && !["analysis", "shares"].includes(name))
  );
  if (names.length === 0) return;
  const own = plan.map(({ constraint, delta }) => ({ text: constraint, delta }));
  const stated = promises({ ...options, ranges, constraints: isStated ? constraints : own });
  for (const name of names) {
    const [found, wanted] = [plan, stated].map((promised) => promised.map(facts[name]));
    if (JSON.stringify(found) === JSON.stringify(wanted)) continue;
    const [theirs, ours] = [found, wanted].map((all) => [...new Set(all)].join(", "));
    throw new RangeError(
      `Cannot test by a plan of other ${name}: ${theirs} in the plan, and ${ours} stated; leave ${name} out, or plan anew`,
    );
  }
}

/** What a plan and a statement must have in common, in words. */
const facts: Readonly<Record<string, (promised: Promised) => string>> = {
  constraints: ({ constraint, delta }) => `${constraint} at delta ${delta}`,
  shift: ({ shift }) => shift === undefined ? "the population of the data" : shiftText(shift),
  rates: ({ judgement: { rates } }) => JSON.stringify(rates),
  bound: ({ judgement: { bound, bounds = {} } }) => {
    const named = Object.entries(bounds).map(([measure, { name }]) => [measure, name]);
    return JSON.stringify(named.length > 0 ? Object.fromEntries(named) : bound?.name ?? "auto");
  },
  ranges: ({ judgement: { ranges } }) => JSON.stringify(ranges),
  analysis: ({ analysis }) => JSON.stringify(analysis),
  shares: ({ shares }) => JSON.stringify(shares),
};

function clustered(data: Source, groups: ArrayLike<number | string>): DataSet {
  if (data instanceof DataSet) {
    if (data.clusters !== undefined) checkWhole(data.clusters, groups, "groups");
    return data.clustered(groups);
  }
  throw new TypeError(
    "Cannot put the rows of a stream into groups here: give its pieces clusters, as splitTables() with groups does, or name the " +
      "column in an Encoder's clusters",
  );
}

function report(
  { constraint, delta, judgement: { rates }, shift }: Promised,
  evaluation: PromiseEvaluation,
  how: Pick<ConstraintReport, "order" | "clustered" | "stratified" | "outside">,
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
  const approximate = how.stratified || deciding.some(({ guarantee }) => guarantee === "approximate");
  const guarantee = approximate ? "approximate" as const : "finite-sample" as const;
  const passed = isShown(value, upper),
    verdict: Verdict = passed ? "kept" : verdictOf(value, upper);
  const found = { text: `${constraint}`, delta, passed, verdict, value, lower, upper };
  const isOfPolicy = constraint.leaves.some(({ measure: { task } }) => task === "off_policy");
  const of = { ...(isOfPolicy && { rowsAre: "episodes" as const }), ...(shift && { populations: shiftText(shift) }) };
  return { ...found, conjuncts, leaves, rates, guarantee, ...how, ...of, note: upper <= 0 && !passed ? contradiction : note };
}

/** Rare, where weights of episodes are far from their mean of 1; or a custom bound is wrong. */
const contradiction = "its bound is below its own estimate; look at the data, and at a custom bound";

function verdictOf(value: number, upper: number): Exclude<Verdict, "kept"> {
  if (value > 0) return "violated";
  return Number.isNaN(value) || upper === Infinity ? "not judged" : "not shown";
}
