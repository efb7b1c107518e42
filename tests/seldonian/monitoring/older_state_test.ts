/** A state that was kept when bets had other weights goes on with the evidence that it had. */
import { deepEqual, ok, throws } from "node:assert/strict";
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
