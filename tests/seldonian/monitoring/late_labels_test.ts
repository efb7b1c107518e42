/** Formulas that mix measures with and without labels, where labels come after their outcomes. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { fc } from "../../deps.ts";
import { full } from "../../helpers/runs.ts";
import { drawn, optionsFor, people, uniforms } from "../../helpers/worlds.ts";

const without = ({ label: _, ...rest }: Outcome): Outcome => rest;

test("a formula counts an outcome once, when all that it needs is known, as if it had been told then", () => {
  const texts = ["(PR | [M]) + ER <= 0.6", "PR - ER <= 0.1", "(PR | [M]) - (FPR | [F]) <= 0.1", "PR * ER <= 0.2"];
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, delay) => {
      const outcomes = drawn(people, 100, uniforms(seed)), late = new Monitor(texts, optionsFor(""));
      outcomes.forEach((one, i) => {
        late.add([without(one)]);
        if (i >= delay) late.correct(without(outcomes[i - delay]), outcomes[i - delay]);
      });
      const atOnce = new Monitor(texts, optionsFor("")).add(outcomes.slice(0, -delay)).promises;
      const evidence = ({ promises }: { promises: typeof atOnce }) => promises.map(({ eValue, formulas }) => [eValue, formulas]);
      deepEqual(evidence(late.report()), evidence({ promises: atOnce }));
      equal(late.report().promises[1].measures[0].n, 100, "means have outcomes without labels too");
    }),
    { numRuns: 3, seed: 3 },
  );
});

test("promises with and without labels: by enumeration the evidence has a mean of at most 1, though labels follow from outputs", () => {
  // Every yes is wrong. Outcomes come one by one, or all of them before the first label.
  for (const texts of [["PR <= 0.3", "ER <= 0.3"], ["max(PR, ER) <= 0.3"], ["PR <= 0.3", "ER <= 0.3", "TN >= 0.7"]]) {
    for (const atOnce of [1, 3, 6]) {
      let mean = 0;
      for (let code = 0; code < 64; code++) {
        const outcomes = Array.from({ length: 6 }, (_, i): Outcome => ({ output: code >> i & 1, label: 0 }));
        const monitor = new Monitor(texts), ones = outcomes.filter(({ output }) => output === 1).length;
        for (let i = 0; i < 6; i += atOnce) {
          monitor.add(outcomes.slice(i, i + atOnce).map(without));
          for (const one of outcomes.slice(i, i + atOnce)) monitor.correct(without(one), one);
        }
        mean += 0.3 ** ones * 0.7 ** (6 - ones) * monitor.report().eValue;
      }
      ok(mean <= 1 + 1e-12, `${texts}, ${atOnce} at once: ${mean}`);
    }
  }
});

test("labels a moment late ring no false alarm, though who is in a group errs more often than others", () => {
  const [streams, length] = full ? [50, 2500] : [3, 900];
  let rung = 0;
  for (let stream = 0; stream < streams; stream++) {
    const uniform = uniforms(4e6 + stream), monitor = new Monitor(["(PR | [M]) + ER <= 0.35"]);
    for (let i = 0; i < length; i++) {
      // Three tenths are M, whose decisions are wrong; nobody else's are. Few are yes.
      const M = uniform() < 0.3, output = uniform() < 0.05 ? 1 : 0, early = { output, columns: { M } };
      monitor.add([early]);
      monitor.correct(early, { ...early, label: M ? 1 - output : output });
    }
    if (monitor.report().alarm !== null) rung++;
  }
  if (full) console.log(`| labels a moment late | ${(100 * rung / streams).toFixed(2)} % |`);
  ok(rung <= 0.05 * streams + 5 * Math.sqrt(0.05 * streams), `${rung} of ${streams}`);
});
