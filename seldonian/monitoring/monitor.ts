import { checkArgument, checkOptions, isRecord, list } from "../../autodiff/options.ts";
import { inspect } from "../../autodiff/show.ts";
import type { Condition } from "../constraints/conditions.ts";
import { Constraint, leavesIn } from "../constraints/expression.ts";
import { rangeOf } from "../constraints/judgement.ts";
import { crc32 } from "../formats/crc32.ts";
import { promises, statedConstraint } from "../problem/promises.ts";
import type { StatedConstraint } from "../problem/stated.ts";
import type { CertificateParts } from "../report/certificate.ts";
import { groupsAmong, statedShift } from "../shift/groups.ts";
import { shiftText } from "../shift/shift.ts";
import { vertices } from "../shift/vertices.ts";
import { taskOf } from "../tasks/mod.ts";
import { certifiedIn, promisedKind } from "./certified.ts";
import { monitorOptions } from "./monitor_options.ts";
import { driftIn, followInputs, meansOf } from "./drift.ts";
import { newCapital } from "./e_process.ts";
import type { Kept, MonitorOptions, MonitorPoint, MonitorReport, MonitorState, ToWatch } from "./monitor_kinds.ts";
import { checkWatchable, clustersIn, isLabelled, ofClusters, type Outcome, type Read, read, type Reading } from "./outcomes.ts";
import type { PopulationSet } from "./watch.ts";
import { Watching } from "./watching.ts";

/** The format of states. */
export const monitorFormat = "seldonian monitor 4";

/** The most points of the figure. */
const mostPoints = 100;

/**
 * Watches promises of a model at work, outcome by outcome, for ever: each has an e-process against "the promise holds", and an
 * alarm rings when its evidence reaches 1 / alpha. The probability of ever giving a false alarm is at most alpha, however long it
 * runs and however often one looks (Ville's inequality). Memory and time for an outcome do not grow. See the guide "Monitoring".
 */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #reading: Reading;
  readonly #texts: string[];
  /** The vertices of the set of populations that promises are for. */
  readonly #corners: readonly (readonly number[])[];
  /** `null` before the first outcome shows the number of classes. */
  #watching: Watching | null = null;
  #kept: Kept;

  /**
   * A monitor that has seen nothing.
   * @param promised a certificate, or promises; of a certificate, `verify()` checks the seal, which this cannot
   * @throws {RangeError} for a certificate whose reports are of other promises, whose test failed, or that says otherwise than the
   * options; and for what is not watched for other populations
   * @throws {ConstraintError} for a text that cannot be read, and for a measure that single outcomes do not have
   * @throws {TypeError} for an unknown option
   */
  constructor(promised: CertificateParts | readonly ToWatch[], options: MonitorOptions = {}) {
    const { alpha = 0.05, measures = [], reference, ...given } = checkOptions("watch", options, monitorOptions);
    checkArgument("watch", "the promises", promised, promisedKind);
    const { exclusive = [], classes } = given;
    const stated = "test" in promised ? certifiedIn(promised, given) : { ...given, constraints: promised as readonly ToWatch[] };
    const { rates = "expected", ranges = {}, shift, clusters = false } = stated;
    const populations = shift === undefined ? null : statedShift(shift);
    const constraints = stated.constraints.map((one) => {
      const { text, forEvery } = typeof one === "string" || one instanceof Constraint ? { text: one } : one as StatedConstraint;
      return { text: statedConstraint({ text, forEvery }, measures), delta: 0.05 };
    });
    const all = promises({ constraints, measures, rates, ranges, shares: "equal" });
    const leaves = leavesIn(...all.map(({ constraint: { g } }) => g));
    for (const leaf of leaves) checkWatchable(leaf, rangeOf(leaf, all[0].judgement));
    const task = taskOf(leaves.map(({ measure }) => measure), undefined);
    this.#reading = { promised: all, leaves, task, rates, classes, exclusive, shift: populations };
    this.#corners = populations === null ? [] : vertices(populations.parts);
    if (clusters && shift !== undefined) {
      throw new RangeError(
        "Cannot watch clusters for other populations: a cluster may have rows of several groups; leave out one of both",
      );
    }
    // What cannot be watched is told before outcomes come; they show the number of classes, and whether a column has numbers.
    const { column = "", parts } = populations ?? { parts: [] };
    const mayBeNumbers = parts.length > 0 && parts.every(({ name }) => name.trim() !== "" && Number.isFinite(Number(name)));
    for (const values of mayBeNumbers ? [[], Float64Array.of(0)] : [[]]) {
      const groups = populations && groupsAmong(populations, new Map([[column, values]]));
      new Watching(all, { exclusive, classes: 2, clustered: clusters }, this.#set(groups?.map(({ condition }) => condition)));
    }
    this.#texts = all.map(({ constraint }) => `${constraint}`);
    this.#options = {
      alpha,
      measures,
      rates,
      ranges,
      exclusive,
      ...(classes && { classes }),
      ...(shift && { shift }),
      ...(clusters && { clusters }),
    };
    const nothing = () => Object.fromEntries(leaves.map((leaf) => [`${leaf}`, [0, 0] as [number, number]]));
    this.#kept = {
      outcomes: 0,
      outputs: null,
      beyond: 0,
      corrections: 0,
      alarm: null,
      alarms: all.map(() => null),
      means: nothing(),
      states: [],
      pool: newCapital(),
      inputs: reference === undefined ? {} : meansOf(reference),
      hasReference: reference !== undefined,
      points: [],
      stride: 1,
    };
  }

  /**
   * Adds outcomes in the order in which they became known. Either all of them count, or an error is thrown and none does.
   * @param outcomes with promises about clusters a list for each cluster, of all of its outcomes: a cluster counts once
   * @throws {TypeError} for an outcome of another type
   * @throws {RangeError} for outputs, labels or columns that do not fit
   */
  add(outcomes: readonly Outcome[] | readonly (readonly Outcome[])[]): MonitorReport {
    checkArgument("add outcomes", "the outcomes", outcomes, list);
    const { inputs, hasReference, outcomes: before } = this.#kept,
      clusters = this.#options.clusters ? clustersIn(outcomes) : null;
    const all = clusters?.flat() ?? outcomes as readonly Outcome[];
    if (all.length === 0) return this.report();
    const of = clusters?.flatMap((cluster, k) => cluster.map((_, i) => `outcome ${i + 1} of cluster ${before + k + 1}`));
    const found = this.#read(all, (i) => of?.[i] ?? `outcome ${before + i + 1}`);
    this.#kept.beyond += found.beyond;
    for (const outcome of all) followInputs(inputs, outcome, hasReference);
    if (clusters === null) all.forEach((outcome, i) => this.#addOne(found, i, isLabelled(outcome)));
    else {
      const units = ofClusters(found, clusters.map(({ length }) => length));
      clusters.forEach((_, k) => this.#addOne(units, k, true));
    }
    return this.report();
  }

  /**
   * Replaces an outcome that was added before, as where a label was wrong, or came late for an outcome that counted for PR. Means
   * are then those of the corrected outcomes. The evidence has each outcome once: for measures that need no label as it was added,
   * for others as it was when its label was first known. No other correction changes it, and a label cannot become unknown again.
   * So evidence is a function of values in the order in which they became known, each given once; if each has a mean that keeps
   * the promise, given those before it, no choice of corrections moves an alarm. That `old` was added is not checked: a monitor
   * keeps no outcomes.
   * @throws {RangeError} where a label was known and is not any more, and with clusters
   */
  correct(old: Outcome, now: Outcome): MonitorReport {
    if (this.#options.clusters) {
      throw new RangeError(
        "Cannot correct an outcome of a cluster, which counts as a whole: add clusters when their outcomes are final",
      );
    }
    // What is refused leaves no trace, not even the number of outputs.
    if (isRecord(old) && isRecord(now) && isLabelled(old) && !isLabelled(now)) {
      throw new RangeError("Cannot correct an outcome: its label was known; give what it is now, or leave the outcome as it is");
    }
    const kept = this.#kept, found = this.#read([old, now], (i) => i === 0 ? "the old outcome" : "the new outcome");
    const { values, beyond } = found;
    for (const [leaf, [before, after]] of values) {
      const mean = kept.means[leaf], counted = !Number.isNaN(before), counts = !Number.isNaN(after);
      mean[0] += Number(counts) - Number(counted);
      mean[1] += (counts ? after : 0) - (counted ? before : 0);
    }
    kept.beyond += beyond;
    kept.corrections++;
    if (isLabelled(old) || !isLabelled(now)) return this.report();
    this.#watching!.step(kept, found, 1, (needsLabel) => needsLabel);
    this.#watching!.ring(kept, this.#options.alpha!);
    return this.report();
  }

  /** What the outcomes show. */
  report(): MonitorReport {
    const { outcomes, alarm, alarms, beyond, corrections, means, inputs } = this.#kept, { shift } = this.#options;
    const alpha = this.#options.alpha!;
    const none = this.#texts.map(() => 1), formulas = this.#watching?.formulas(this.#kept, alpha) ?? this.#texts.map(() => []);
    const { eValues, shared, eValue } = this.#watching?.evidence(this.#kept) ?? { eValues: none, shared: none, eValue: 1 };
    return {
      outcomes,
      alpha,
      alarm,
      eValue,
      promises: this.#reading.promised.map(({ constraint: { leaves } }, i) => ({
        text: this.#texts[i],
        eValue: eValues[i],
        shared: shared[i],
        alarm: alarms[i],
        formulas: formulas[i],
        measures: leaves.map((leaf) => {
          const [n, sum] = means[`${leaf}`];
          return { name: `${leaf}`, n, mean: sum / n };
        }),
      })),
      ...(shift && { populations: shiftText(shift) }),
      beyond,
      corrections,
      drift: driftIn(inputs),
    };
  }

  /** Points of the figure, in order; at most 100, evenly spaced in the number of outcomes. */
  history(): MonitorPoint[] {
    return structuredClone(this.#kept.points);
  }

  /** Everything that is kept. `Monitor.fromJSON` goes on from it as if nothing had happened, bit for bit. */
  toJSON(): MonitorState {
    const { measures: _, ...options } = this.#options;
    const state = structuredClone({ promises: this.#texts, options, kept: this.#kept });
    return { format: monitorFormat, check: checksum(state), ...state };
  }

  /**
   * The monitor that was kept.
   * @param state from `toJSON()`, or its JSON read again
   * @param options custom measures in its promises
   * @throws {RangeError} for another format, and for a state that is not as it was kept. That shows a mishap, not a forger, who can
   * compute the check anew: keep states where nobody else can write
   */
  static fromJSON(state: MonitorState, options: Pick<MonitorOptions, "measures"> = {}): Monitor {
    const { measures } = checkOptions("continue a monitor", options, { measures: list });
    if (state?.format !== monitorFormat) {
      throw new RangeError(`Cannot continue a monitor: wanted its state, with format "${monitorFormat}"`);
    }
    const { format: _, check, ...checked } = state;
    if (check !== checksum(checked)) {
      throw new RangeError("Cannot continue a monitor: its state is not as it was kept; wanted what toJSON() gave, unchanged");
    }
    const monitor = new Monitor(state.promises, { ...state.options, ...(measures && { measures }) });
    monitor.#kept = structuredClone(state.kept);
    monitor.#compile();
    return monitor;
  }

  /** What `console.log` shows: each promise with its evidence. */
  [inspect](): string {
    const { outcomes, alpha, promises } = this.report();
    return [
      `Monitor of ${outcomes} outcomes, alpha ${alpha}`,
      ...promises.map(({ text, shared, alarm }) =>
        `  ${text}: ${alarm === null ? `no alarm, evidence ${shared.toPrecision(3)}` : `alarm at outcome ${alarm.outcome}`}`
      ),
    ].join("\n");
  }

  #read(outcomes: readonly Outcome[], placeOf: (i: number) => string): Read {
    const kept = this.#kept, found = read(outcomes, this.#reading, kept, placeOf), [{ output }] = outcomes;
    kept.outputs ??= typeof output === "number" ? 1 : output.length;
    if (found.groups !== null) kept.conditions ??= found.groups.conditions;
    this.#compile();
    return found;
  }

  /** Groups are compared once the number of classes is known. */
  #compile(): void {
    const { outputs, states, conditions } = this.#kept;
    if (this.#watching !== null || outputs === null) return;
    const { exclusive = [], clusters: clustered = false } = this.#options,
      about = { exclusive, classes: Math.max(2, outputs), clustered };
    const watching = this.#watching = new Watching(this.#reading.promised, about, this.#set(conditions));
    if (states.length === 0) this.#kept.states = watching.initial();
  }

  #set(conditions: readonly Condition[] | undefined): PopulationSet | null {
    return conditions === undefined ? null : { groups: conditions.map((condition) => ({ condition })), corners: this.#corners };
  }

  #addOne(found: Read, i: number, labelled: boolean): void {
    const kept = this.#kept, { values } = found;
    for (const [leaf, { [i]: z }] of values) {
      if (Number.isNaN(z)) continue;
      const mean = kept.means[leaf];
      mean[0]++;
      mean[1] += z;
    }
    this.#watching!.step(kept, found, i, (needsLabel) => labelled || !needsLabel);
    kept.outcomes++;
    this.#watching!.ring(kept, this.#options.alpha!);
    if (kept.outcomes % kept.stride === 0) this.#remember();
  }

  #remember(): void {
    const kept = this.#kept;
    kept.points.push({
      outcomes: kept.outcomes,
      formulas: this.#watching!.formulas(kept, this.#options.alpha!).flat().map(({ value, lower, upper }) => ({
        value: shortly(value),
        lower: shortly(lower),
        upper: shortly(upper),
      })),
      eValues: this.#watching!.evidence(kept).eValues.map(shortly),
    });
    if (kept.points.length < mostPoints) return;
    kept.points = kept.points.filter((_, i) => i % 2 === 1);
    kept.stride *= 2;
  }
}

/** CRC-32 of a state's JSON, in whatever order its keys are. */
function checksum(state: Omit<MonitorState, "format" | "check">): number {
  const inOrder = (_: string, value: unknown) =>
    isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)) : value;
  return crc32(new TextEncoder().encode(JSON.stringify(state, inOrder)));
}

/** Digits enough for a figure; `null`, as in JSON, for no finite number. */
function shortly(x: number): number | null {
  return Number.isFinite(x) ? Number(x.toPrecision(5)) : null;
}
