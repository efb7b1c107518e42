/**
 * Models that keep a promise with high confidence: constraints, bounds, candidate selection and safety test.
 *
 * @example
 * ```ts
 * import { constraint, measures } from "@seldonian/kit";
 * const { ACC, PR } = measures;
 * console.log(`${constraint("ACC >= 0.95")}` === `${ACC.atLeast(0.95)}`); // true
 * console.log(`${PR.given("M").over(PR.given("F")).atLeast(0.8)}`); // (PR | [M]) / (PR | [F]) >= 0.8
 * ```
 * @module
 */
export { train } from "./algorithm.ts";
export type { TrainOptions } from "./algorithm.ts";
export { fit } from "./fit.ts";
export type { FitOptions, Fitted } from "./fit.ts";
export type { GivenData } from "./given_data.ts";
export { selectCandidate } from "./candidate_selection.ts";
export type { RandomGenerator } from "../deps.ts";
export type { Selection } from "./candidate_selection.ts";
export type { CandidateData, SelectionOptions, TrainingOptions } from "./selection_options.ts";
export type { Candidate } from "./training/choice.ts";
export { safetyTest } from "./safety_test.ts";
export type { ConjunctReport, ConstraintReport, SafetyReport, SafetyTestOptions, Verdict } from "./safety_test.ts";
export { OutputError } from "./outputs.ts";
export { tune } from "./tuning/tuning.ts";
export type { TuneOptions } from "./tuning/tuning.ts";
export type { SearchOptions, Trial } from "./tuning/search.ts";
export type { FoldRequest, FoldTrial, TrialOptions } from "./tuning/trial.ts";
export type { Range, SearchSpace, Settings } from "./tuning/search_space.ts";
export { serveTrials, trialsOf } from "./tuning/trial_workers.ts";
export { runAll, runHere } from "./runner/runner.ts";
export type { Runner, RunOptions } from "./runner/runner.ts";
export { runInThreads, serveWork } from "./runner/threads.ts";
export type { Thread, Workers } from "./runner/threads.ts";
export { samplesNeeded } from "./planning/samples_needed.ts";
export type { PlannedGroup } from "./planning/populations.ts";
export type { SamplesNeededOptions } from "./planning/samples_needed.ts";
export type { OptimizerOptions, OptimizerSettings } from "./options.ts";
export type { BoundChoice, Objective, PromiseOptions, StatedConstraint } from "./problem/stated.ts";
export type { JudgedData, Problem } from "./problem/problem.ts";
export { Sets } from "./sets.ts";
export type { ObjectiveName } from "./problem/promise_kinds.ts";
export type { Analysis, Promised, SharesOption } from "./constraints/promise.ts";
export type { Proportion, Shift } from "./shift/shift.ts";
export type { Deciding } from "./decision.ts";
export { DataSet } from "./data/data_set.ts";
export type { About, DataSetParts, Rows, Source } from "./data/data_set.ts";
export type { AllColumns, Arrays, Column, Columns, ColumnValues } from "./data/columns.ts";
export type { FeatureParts } from "./data/features.ts";
export { sharedRows } from "./data/shared_rows.ts";
export { split } from "./data/split.ts";
export type { Rowed, Split, SplitOptions } from "./data/split.ts";
export { DataStream } from "./data/data_stream.ts";
export { splitTables } from "./tables/split_tables.ts";
export type { SplitTablesOptions, Tables } from "./tables/split_tables.ts";
export { parquetTables, readParquet } from "./formats/parquet.ts";
export { readNpy, readNpz } from "./formats/npz.ts";
export { readIdx } from "./formats/idx.ts";
export type { Idx } from "./formats/idx.ts";
export { Table } from "./tables/table.ts";
export type { Cell, TableColumns, TableValue } from "./tables/table_values.ts";
export { csv, csvTables, readCsv } from "./tables/csv.ts";
export { readTable } from "./formats/read_table.ts";
export type { ArrowOptions, ParquetOptions, RandomAccess, ReadOptions } from "./formats/read_options.ts";
export { readArrow } from "./formats/arrow.ts";
export type { CellOptions, CsvOptions } from "./tables/csv_options.ts";
export type { Limits } from "./tables/limits.ts";
export type { Notation } from "./tables/cells.ts";
export { DataError } from "./data/data_error.ts";
export type { Cure, Setting } from "./data/data_error.ts";
export { prepare } from "./preparation/prepare.ts";
export type { Prepared, PrepareOptions } from "./preparation/prepare.ts";
export { describe } from "./description/describe.ts";
export { Description } from "./data/description.ts";
export type { ColumnDescription, Note } from "./data/description.ts";
export { Encoder } from "./preparation/encoder.ts";
export type { Encoding, GroupRule, Imputation, MissingPolicy } from "./encoding/encoding.ts";
export type { Scale } from "./encoding/scales.ts";
export { toolkitTable } from "./preparation/toolkit.ts";
export type { ToolkitTable } from "./preparation/toolkit.ts";
export type { CandidateCount, Result, ResultParts } from "./report/result.ts";
export { NoSolution, Passed } from "./report/result.ts";
export { explain } from "./report/words.ts";
export type { Advice, AdvisedOptions } from "./report/advice.ts";
export { Certificate } from "./report/certificate.ts";
export type {
  CertificateParts,
  CertifiedData,
  CertifiedExport,
  CertifiedFormula,
  Evidence,
  Files,
  Signature,
} from "./report/certificate.ts";
export type { Made } from "./report/made.ts";
export { verify } from "./report/verify.ts";
export type { Verification, VerifyOptions } from "./report/verification.ts";
export type { WantedPromise } from "./report/promise_differences.ts";
export { replaceFile } from "./records/replace_file.ts";
export { trialsFile } from "./report/trials_file.ts";
export { ledgerFile } from "./records/ledger.ts";
export type { Ledger, Use, Uses } from "./records/ledger.ts";
export { logFile } from "./records/log.ts";
export type { Progress, StageProgress, Step, StepProgress } from "./records/log.ts";
export { progressBar } from "./report/progress.ts";
export { explainConstraint } from "./report/explain_constraint.ts";
export { plotBounds, plotLog, plotRates } from "./report/figures.ts";
export type { PlotBoundsOptions } from "./report/plot_bounds.ts";
export { plotTree } from "./report/plot_tree.ts";
export { mayWrite } from "./records/permission.ts";
export * as bounds from "./bounds/mod.ts";
export type { BoundName } from "./bounds/mod.ts";
export type { Bound, ForecastRequest, Moments, Request } from "./bounds/bound.ts";
export type { Functional } from "./bounds/functional.ts";
export * as measures from "./measures/mod.ts";
export type { Measure, Outcomes, SidedMeasure, TaskName } from "./constraints/measure.ts";
export type { Decision, LossName, Task, Told } from "./tasks/task.ts";
export { constraint, where } from "./language/parse.ts";
export type { Condition, Placeholder, Relation } from "./constraints/conditions.ts";
export type { Relations } from "./constraints/sample.ts";
export type { Conjunct, StatisticReport } from "./constraints/evaluate.ts";
export type { Judgement } from "./constraints/judgement.ts";
export type { Outside } from "./constraints/outside.ts";
export type { LeafReport } from "./constraints/leaf_bounds.ts";
export type { LinearForm } from "./constraints/linear.ts";
export type { Operator } from "./constraints/operations.ts";
export type { Shares } from "./constraints/shares.ts";
export type {
  Compound,
  Constant,
  Constraint,
  Expression,
  Formula,
  Leaf,
  LeafParts,
  Place,
  Term,
} from "./constraints/expression.ts";
export { abs, exp, log, max, min } from "./constraints/expression.ts";
export { forEvery } from "./constraints/for_every.ts";
export { ConstraintError } from "./constraints/constraint_error.ts";
