import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { fc } from "../../deps.ts";
import { drawn, optionsFor, people, uniforms } from "./worlds.ts";

test("corrected outcomes give the means of the outcomes as they are now, and the evidence of what they were at first", () => {
  const texts = ["FPR <= 0.2", "ACC >= 0.6", "(FPR | [M]) - (FPR | [F]) <= 0.1", "PR * TPR <= 0.2"], options = optionsFor("");
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const uniform = uniforms(seed), now = drawn(people, 300, uniform);
      const old = now.map((one): Outcome =>
        uniform() < 0.5
          ? one
          : { ...one, label: 1 - (one.label as number), columns: { ...one.columns, M: uniform() < 0.5, F: false } }
      );
      const corrected = new Monitor(texts, options), first = new Monitor(texts, options), last = new Monitor(texts, options);
      old.forEach((one, i) => {
        corrected.add([one]);
        for (let j = i - i % 100; i % 100 === 99 && j <= i; j++) corrected.correct(old[j], now[j]);
      });
      const found = corrected.report().promises, [before, after] = [first.add(old).promises, last.add(now).promises];
      found.forEach(({ eValue, shared, alarm, formulas, measures }, i) => {
        deepEqual([eValue, shared, alarm, formulas], [before[i].eValue, before[i].shared, before[i].alarm, before[i].formulas]);
        measures.forEach(({ n, mean }, k) => {
          equal(n, after[i].measures[k].n);
          ok(Math.abs(mean - after[i].measures[k].mean) < 1e-12);
        });
      });
    }),
    { numRuns: 3, seed: 2 },
  );
});

test("an outcome that is known bit by bit counts once in the evidence, when all is known that a measure reads", () => {
  const texts = ["(FPR | [A || B]) <= 0.5", "PR <= 0.5"];
  const parts: Outcome[] = [
    { output: 1, columns: { A: null, B: null } },
    { output: 1, columns: { A: 1, B: null } },
    { output: 1, columns: { A: 0, B: null } },
    { output: 1, label: 0, columns: { A: 1, B: null } },
    { output: 1, label: 0, columns: { A: 1, B: 1 } },
    { output: 1, label: 1, columns: { A: 0, B: 1 } },
    { output: 1, label: 0, columns: { A: 0, B: 0 } },
    { output: 1, label: 0, columns: { A: 1, B: 0 } },
  ];
  const slowly = new Monitor(texts), atOnce = new Monitor(texts);
  slowly.add([parts[0]]);
  parts.slice(1).forEach((part, i) => slowly.correct(parts[i], part));
  atOnce.add([parts.at(-1)!]);
  deepEqual(slowly.report().promises, atOnce.report().promises);
});

test("what is known of an outcome cannot become unknown: it could count again", () => {
  const monitor = new Monitor(["(FPR | [M]) <= 0.2"]), known: Outcome = { output: 1, label: 0, columns: { M: 1, age: 3 } };
  monitor.add([known]);
  const before = JSON.stringify(monitor);
  throws(() => monitor.correct(known, { output: 1, columns: { M: 1 } }), /Cannot correct an outcome: its label was known; give/);
  throws(
    () => monitor.correct(known, { output: 1, label: 0, columns: { M: null } }),
    /Cannot correct an outcome: its column "M" was known; give what it is now, or leave the outcome as it is/,
  );
  equal(JSON.stringify(monitor), before);
  equal(monitor.correct(known, { output: 1, label: 0, columns: { M: 0, age: null } }).corrections, 1);
});
