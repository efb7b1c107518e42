import { Monitor, monitorFormat } from "../monitoring/monitor.ts";
import type { MonitorPoint, MonitorReport, MonitorState } from "../monitoring/monitor_kinds.ts";
import { exclusiveAmong } from "../encoding/members.ts";
import { nonFiniteAsText } from "../records/log.ts";
import type { CertificateParts } from "../report/certificate.ts";
import type { Sample } from "./metrics.ts";
import type { Run } from "./open_run.ts";

/** What `GET /promises` answers; NaN and infinities are texts. */
export interface Promises {
  /** Whether the test passed, and what it was of. */
  verdict: { passed: boolean; constraints: { text: string; delta: number }[] };
  /** What outcomes have shown since. */
  monitor: MonitorReport;
  /** The monitor's course. */
  history: MonitorPoint[];
  /** The certificate. */
  certificate: CertificateParts;
}

/** A monitor, and whether it is as it was kept; otherwise it is new, and has yet to count the outcomes so far. */
export interface Watched {
  monitor: Monitor;
  isWhole: boolean;
}

/**
 * Makes monitors of a certificate, from their state as JSON. Without one they are new, and so they are with a state of an earlier
 * format, whose bets were others.
 * @throws {RangeError} for a promise that no monitor watches
 */
export function newWatch(
  { certificate, encoder: { encoding } }: Run,
  alpha: number | undefined,
): (state: string | null) => Watched {
  const exclusive = [...encoding.exclusive ?? [], ...exclusiveAmong(encoding.groups ?? {})];
  const begin = (level = alpha) => new Monitor(certificate, { alpha: level, exclusive });
  // What cannot be watched is told before there is a store.
  begin();
  return (state) => {
    if (state === null) return { monitor: begin(), isWhole: true };
    const kept: MonitorState | null = JSON.parse(state);
    if (isEarlier(kept?.format)) return { monitor: begin(kept!.options?.alpha), isWhole: false };
    return { monitor: Monitor.fromJSON(kept!), isWhole: true };
  };
}

/** Whether a state's format is one before today's. */
function isEarlier(format: string | undefined): boolean {
  const [now, then] = [monitorFormat, format].map((text) => Number(/^seldonian monitor (\d+)$/.exec(`${text}`)?.[1]));
  return then < now;
}

/** What a monitor says, with what it watches. */
export function promisesOf(certificate: CertificateParts, monitor: Monitor): string {
  const { found: { passed }, test: { constraints } } = certificate;
  const told: Promises = {
    verdict: { passed, constraints: constraints.map(({ text, delta }) => ({ text, delta })) },
    monitor: monitor.report(),
    history: monitor.history(),
    certificate,
  };
  return JSON.stringify(told, nonFiniteAsText);
}

/** A monitor in numbers. */
export function gaugesOf(monitor: Monitor): Record<string, { help: string; samples: Sample[] }> {
  const { outcomes, alpha, alarm, eValue, promises, corrections, drift } = monitor.report();
  const one = (help: string, value: number) => ({ help, samples: [[{}, value] as Sample] });
  const each = (help: string, samples: Sample[]) => ({ help, samples });
  const formulas = promises.flatMap(({ formulas }) => formulas);
  return {
    seldonian_monitor_outcomes: one("Outcomes that the monitor has counted", outcomes),
    seldonian_monitor_corrections: one("Outcomes that were corrected", corrections),
    seldonian_monitor_alpha: one("The probability that an alarm is ever false", alpha),
    seldonian_alarm: each("1 if an alarm has rung", [
      [{ promise: "any" }, Number(alarm !== null)],
      ...promises.map(({ text, alarm }): Sample => [{ promise: text }, Number(alarm !== null)]),
    ]),
    seldonian_evidence: each("Evidence that a promise is broken; an alarm rings at 1 / alpha", [
      [{ promise: "any" }, eValue],
      ...promises.map(({ text, shared }): Sample => [{ promise: text }, shared]),
    ]),
    seldonian_formula: each(
      "A formula, at most 0 while its promise is kept: its value, and the ends of its confidence sequence",
      [
        ...formulas.flatMap(({ text, value, lower, upper }) =>
          Object.entries({ value, lower, upper }).map(([end, at]): Sample => [{ formula: text, end }, at])
        ),
      ],
    ),
    seldonian_drift: each("How far the mean of an output or a column has moved, in standard errors: a hint", [
      ...drift.map(({ name, errors }): Sample => [{ name }, errors]),
    ]),
    seldonian_measure: each("The mean of a measure", [
      ...promises.flatMap(({ measures }) => measures.map(({ name, mean }): Sample => [{ measure: name }, mean])),
    ]),
  };
}
