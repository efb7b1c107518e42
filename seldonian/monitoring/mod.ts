/**
 * Watching a model at work: whether its promises still hold, with alarms that are hardly ever false.
 *
 * @example
 * ```ts
 * import { Monitor } from "@seldonian/kit/monitoring";
 * const monitor = new Monitor(["FPR <= 0.1"], { alpha: 0.05 });
 * const report = monitor.add([{ output: 0.2, label: 0 }, { output: 0.7, label: 1 }]);
 * console.log(report.alarm, report.promises[0].eValue);
 * ```
 * @module
 */
export { Monitor } from "./monitor.ts";
export type {
  Alarm,
  FormulaReport,
  Kept,
  MeasureReport,
  MonitorOptions,
  MonitorPoint,
  MonitorReport,
  MonitorState,
  PromiseReport,
  ToWatch,
} from "./monitor_kinds.ts";
export { plotMonitor } from "./plot_monitor.ts";
export type { Capital } from "./e_process.ts";
export type { Drift, Inputs, Moving } from "./drift.ts";
export type { Outcome } from "./outcomes.ts";
export { planRetest, retest } from "./retest.ts";
export type { PlanOptions, Retestable, RetestOptions } from "./retest.ts";
export { Retest } from "./retest_report.ts";
export { signRetest } from "./retest_certificate.ts";
export { verifyRetest } from "./verify_retest.ts";
export type { VerifyRetestOptions } from "./verify_retest.ts";
export type {
  Attempt,
  Look,
  PlannedOptions,
  Repeats,
  RetestCertificate,
  RetestedConstraint,
  RetestedFormula,
  RetestPlan,
  SeenRows,
} from "./retest_kinds.ts";
export type { FormulaSeen, Guesses } from "./sequence.ts";
