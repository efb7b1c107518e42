import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { exp, log, log1p, nearLog, nearLogs, tanh } from "../../../autodiff/mathematics/elementary.ts";
import { fc } from "../../deps.ts";

/** The runtime's functions are within a unit in the last place, but differ between runtimes. */
function agree(name: string, found: number, wanted: number): void {
  const unit = Math.max(Number.MIN_VALUE, 2 ** (Math.floor(Math.log2(Math.abs(wanted))) - 52));
  ok(Object.is(found, wanted) || Math.abs(found - wanted) <= 2 * unit, `${name} is ${found}, wanted ${wanted}`);
}

test("exp, log, log1p and tanh are within two units in the last place of the runtime's", () =>
  fc.assert(
    fc.property(fc.double({ min: -750, max: 710, noNaN: true }), fc.double({ min: 0, noNaN: true }), (x, y) => {
      agree(`exp(${x})`, exp(x), Math.exp(x));
      agree(`exp(${x / 1000})`, exp(x / 1000), Math.exp(x / 1000));
      agree(`log(${y})`, log(y), Math.log(y));
      agree(`log(${exp(x / 100)})`, log(exp(x / 100)), Math.log(exp(x / 100)));
      agree(`log1p(${x / 1500})`, log1p(x / 1500), Math.log1p(x / 1500));
      agree(`log1p(${Math.abs(x) / 300})`, log1p(Math.abs(x) / 300), Math.log1p(Math.abs(x) / 300));
      agree(`tanh(${x / 100})`, tanh(x / 100), Math.tanh(x / 100));
    }),
    { seed: 1, numRuns: 5000 },
  ));

test("the near logarithm is within 2e-6, alone and among others", () =>
  fc.assert(
    fc.property(fc.double({ min: -690, max: 700, noNaN: true }), (x) => {
      const y = exp(x), logs = new Float64Array(3);
      ok(Math.abs(nearLog(y) - Math.log(y)) < 2e-6, `nearLog(${y}) is ${nearLog(y)}`);
      nearLogs(Float64Array.of(1, y, 1), 1.02, logs, 1, 2);
      deepEqual([...logs], [0, nearLog(y / 1.02), 0]);
    }),
    { seed: 2, numRuns: 2000 },
  ));

test("exp, log and tanh return the limits at the ends of their domains", () => {
  equal(exp(0), 1);
  equal(exp(-Infinity), 0);
  equal(exp(Infinity), Infinity);
  equal(exp(NaN), NaN);
  equal(log(1), 0);
  equal(log(0), -Infinity);
  equal(log(-1), NaN);
  equal(log(Infinity), Infinity);
  equal(tanh(0), 0);
  equal(tanh(1000), 1);
});
