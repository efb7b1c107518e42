/** A state that was kept when bets had other weights goes on with the evidence that it had. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type MonitorState, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import older from "./state_2.json" with { type: "json" };

const state = older as unknown as MonitorState;
const outcomes = Array.from(
  { length: 12 },
  (_, i): Outcome => ({ output: i % 3 === 0 ? 1 : 0, columns: { A: i % 2, B: 1 - i % 2 } }),
);

test("an older state goes on with its evidence, courses and points", () => {
  const { promises, options, kept } = state, monitor = Monitor.fromJSON(state), report = monitor.report();
  [1.0818147116220185, 0.9467914157748659].forEach((eValue, i) =>
    ok(Math.abs(report.promises[i].eValue / eValue - 1) < 1e-14, `${report.promises[i].eValue}`)
  );
  ok(Math.abs(report.eValue / 1.0311809756793364 - 1) < 1e-14, `${report.eValue}`);
  const fresh = new Monitor(promises, options);
  fresh.add(outcomes);
  const formulas = (of: Monitor) =>
    of.report().promises.map(({ formulas }) => formulas.map(({ value, lower, upper }) => [value, lower, upper]));
  deepEqual(formulas(monitor), formulas(fresh));
  deepEqual(monitor.history(), kept.points);
  deepEqual(Monitor.fromJSON(monitor.toJSON()).report(), report);
});

test("its evidence stays fair: over all next outcomes at the edge, its mean is what it was", () => {
  const before = Monitor.fromJSON(state).report().promises[0].eValue, length = 6;
  let mean = 0;
  for (let bits = 0; bits < 1 << length; bits++) {
    const values = Array.from({ length }, (_, i) => bits >> i & 1), ones = values.reduce((sum, z) => sum + z, 0);
    const next = values.map((output): Outcome => ({ output, columns: { A: 0, B: 0 } }));
    mean += 0.2 ** ones * 0.8 ** (length - ones) * Monitor.fromJSON(state).add(next).promises[0].eValue;
  }
  ok(Math.abs(mean / before - 1) < 1e-12, `${mean}, ${before}`);
});

test("an older state that was changed is refused", () => {
  throws(() => Monitor.fromJSON({ ...state, check: 1 }), /its state is not as it was kept/);
});

/** A monitor's state as if it had been kept in the older format, whose check is the same. */
const aged = (monitor: Monitor) => ({ ...monitor.toJSON(), format: "seldonian monitor 2" }) as unknown as MonitorState;

test("names in an older state are names, whatever they are", () => {
  const monitor = new Monitor(["PR <= 0.9"]);
  for (const status of ["held", "free", "steps"]) monitor.add(Array(600).fill({ output: 0, columns: { status, held: 1 } }));
  deepEqual(Monitor.fromJSON(aged(monitor)).report().drift, monitor.report().drift);
});

test("what older monitors summed over outputs and their labels begins anew; the rest goes on", () => {
  const rows = Array.from({ length: 40 }, (_, i): Outcome => ({ output: i % 2, label: i % 3 === 0 ? 1 : 0 }));
  const monitor = new Monitor(["PR <= 0.2", "ER <= 0.2", "PR - FPR <= 0.01"]);
  monitor.add(rows);
  const [before, after] = [monitor, Monitor.fromJSON(aged(monitor))].map((one) => one.report());
  ok(before.promises.every(({ eValue }) => eValue !== 1));
  equal(after.promises[2].eValue, 1);
  equal(after.promises[2].formulas[0].upper, 1 - 0.01);
  for (const i of [0, 1]) deepEqual(after.promises[i].formulas[0].upper, before.promises[i].formulas[0].upper);
  deepEqual(after.promises[2].measures, before.promises[2].measures);
  // Bets on all at once: 1 of 4 parts, over the two promises with labels.
  const [pr, er] = after.promises.map(({ eValue }) => eValue);
  ok(Math.abs(after.eValue - Math.max(0.75 * (er + 1) + 0.25 * 2, pr) / 3) < 1e-12, `${after.eValue}`);
});
