import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { fc } from "../../deps.ts";
import { drawn, optionsFor, people, uniforms } from "../../helpers/worlds.ts";

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

test("an outcome counts once in the evidence, when its label is first known, whatever is corrected before and after", () => {
  const texts = ["(FPR | [A || B]) <= 0.5", "PR <= 0.5", "ACC >= 0.5"],
    parts: Outcome[] = [
      { output: 1, columns: { A: null, B: null } },
      { output: 1, columns: { A: 0, B: null } },
      { output: 1, label: 0, columns: { A: 1, B: null } },
    ];
  const later: Outcome[] = [[0, 0, null], [0, null, null], [1, 0, 1], [0, 1, 1], [0, null, 0], [0, 1, null]].map((
    [label, A, B],
  ) => ({ output: 1, label: label!, columns: { A, B } }));
  const slowly = new Monitor(texts), atOnce = new Monitor(texts);
  slowly.add([parts[0]]);
  parts.slice(1).forEach((part, i) => slowly.correct(parts[i], part));
  atOnce.add([parts[2]]);
  const evidence = (monitor: Monitor) => monitor.report().promises.map(({ eValue, formulas }) => [eValue, formulas]);
  // PR was known at once.
  deepEqual(evidence(slowly), evidence(atOnce));
  const all = [parts[2], ...later];
  for (let round = 0; round < 20; round++) {
    all.forEach((one, i) => slowly.correct(one, all[(i + 1) % all.length]));
    deepEqual(evidence(slowly), evidence(atOnce));
  }
  deepEqual(slowly.report().promises.map(({ measures }) => measures), atOnce.report().promises.map(({ measures }) => measures));
});

test("a label that was known cannot become unknown: it could count again", () => {
  const monitor = new Monitor(["(FPR | [M]) <= 0.2"]), known: Outcome = { output: 1, label: 0, columns: { M: 1 } };
  monitor.add([known]);
  const before = JSON.stringify(monitor);
  throws(
    () => monitor.correct(known, { output: 1, columns: { M: 1 } }),
    /Cannot correct an outcome: its label was known; give what it is now, or leave the outcome as it is/,
  );
  equal(JSON.stringify(monitor), before);
  equal(monitor.correct(known, { ...known, columns: { M: null } }).promises[0].measures[0].n, 0);
});
