/**
 * How often a test in sequence ever passes a model that barely breaks its promise: looks at new rows until it passes, or there are
 * no more. `PROOFS=full` runs 400 streams of each kind and prints a table; the short form runs a few.
 */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, safetyTest } from "../../../mod.ts";
import type { Measure } from "../../../seldonian/constraints/measure.ts";
import { planRetest, retest } from "../../../seldonian/monitoring/mod.ts";
import { atLeast } from "../../helpers/exact.ts";
import { cost, model, uniforms } from "../../helpers/promises.ts";
import { full } from "../../helpers/runs.ts";

const streams = full ? 400 : 8, looks = 6, rowsOfLook = 50, delta = 0.1;
/** More passes than this have probability below 1e-4 if each stream passes with probability delta. */
const most = Array.from({ length: streams + 1 }, (_, k) => k).find((k) => atLeast(k, streams, delta) < 1e-4)! - 1;

interface Row {
  output: number | number[];
  label: number;
  M: 0 | 1;
}
type Draw = (uniform: () => number) => Row;

/** Rows of a law; a second feature makes rows differ. */
function draw(law: Draw, uniform: () => number, n: number): DataSet {
  const rows = Array.from({ length: n }, () => law(uniform)), M = rows.map(({ M }) => M);
  return new DataSet({
    features: rows.map(({ output }) => Array.isArray(output) ? output : [output]),
    labels: rows.map(({ label }) => label),
    columns: { M, F: M.map((m) => 1 - m), id: rows.map(() => uniform()) },
    exclusive: [["M", "F"]],
  });
}

const coin = (uniform: () => number, p: number) => uniform() < p ? 1 : 0;
/** Outputs of 0.9 with probability 0.6, else of 0.2; labels of 1 with probability 0.7; both independent; 0.4 of the rows are M. */
const one: Draw = (uniform) => ({
  output: coin(uniform, 0.6) ? 0.9 : 0.2,
  label: coin(uniform, 0.7),
  M: coin(uniform, 0.4) as 0 | 1,
});
/** Skewed outputs of mean 0.7, and labels of 1. */
const skewed: Draw = (uniform) => ({ ...one(uniform), output: Math.fround(1 - 0.9 * uniform() ** 2), label: 1 });
/** M is decided with probability 0.7, F with 0.5. */
const grouped: Draw = (uniform) => {
  const M = coin(uniform, 0.4) as 0 | 1;
  return { output: coin(uniform, M ? 0.7 : 0.5) ? 0.9 : 0.2, label: coin(uniform, 0.8), M };
};
/** Three classes with probabilities of 0.5, 0.3 and 0.2 to be decided, whatever the label. */
const classes: Draw = (uniform) => {
  const u = uniform(), k = u < 0.5 ? 0 : u < 0.8 ? 1 : 2;
  return { output: [0, 1, 2].map((i) => i === k ? 0.8 : 0.1), label: Math.floor(3 * uniform()), M: 0 };
};
/** Predictions that err by a uniform number in [-1, 1]. */
const numbers: Draw = (uniform) => ({ output: Math.fround(2 * uniform() - 1), label: 0, M: coin(uniform, 0.4) as 0 | 1 });

// Limits are this far beyond the truth.
const e = 1e-6, decided = { rates: "decided" as const };
const accuracy = 0.6 * 0.7 + 0.4 * 0.3, mean = 0.7;
const cases: [
  text: string,
  law: Draw,
  more: { rates?: "decided"; ranges?: Record<string, [number, number]>; measures?: Measure[] },
][] = [
  [`PR <= ${0.6 - e}`, one, decided],
  [`NR >= ${0.4 + e}`, one, decided],
  [`TPR >= ${0.6 + e}`, one, decided],
  [`FNR <= ${0.4 - e}`, one, decided],
  [`FPR <= ${0.6 - e}`, one, decided],
  [`TNR >= ${0.4 + e}`, one, decided],
  [`ACC >= ${accuracy + e}`, one, decided],
  [`ER <= ${1 - accuracy - e}`, one, decided],
  [`Precision >= ${0.7 + e}`, one, decided],
  [`F1 >= ${2 * 0.42 / (2 * 0.42 + 0.18 + 0.28) + e}`, one, decided],
  [`PR >= ${mean + e}`, skewed, {}],
  [`ACC >= ${mean + e}`, skewed, {}],
  [`abs((PR | [M]) - (PR | [F])) <= ${0.2 - e}`, grouped, decided],
  [`abs((PR | [M]) - (PR | [F])) <= ${0.7 * 0.2 - e}`, grouped, {}],
  [`(PR | [F]) / (PR | [M]) >= ${5 / 7 + e}`, grouped, decided],
  [`(PR | [M]) - PR <= ${0.12 - e}`, grouped, decided],
  [`(PR | [M]) * (PR | [F]) <= ${0.35 - e}`, grouped, decided],
  [`max((PR | [M]), (TPR | [F])) <= ${0.7 - e}`, grouped, decided],
  [`min((NR | [M]), (NR | [F])) <= ${0.3 - e}`, grouped, decided],
  [`PR_[1] <= ${0.3 - e}`, classes, decided],
  [`CM_[0, 1] <= ${0.3 - e}`, classes, decided],
  [`Mean_Error <= ${-e}`, numbers, { ranges: { Mean_Error: [-1, 1] } }],
  [`(Mean_Squared_Error | [M]) <= ${1 / 3 - e}`, numbers, { ranges: { Mean_Squared_Error: [0, 1] } }],
  [`Cost <= ${5 * (0.6 * 0.9 + 0.4 * 0.2) - e}`, one, { measures: [cost] }],
];

if (full) console.log(`at most ${most} of ${streams} streams may pass, delta ${delta}`);
for (const [text, law, more] of cases) {
  test(`a model that barely breaks ${text} ever passes with probability at most delta`, async () => {
    const plan = await planRetest({ model, constraints: [{ text, delta }], ...more });
    let passes = 0;
    for (let stream = 0; stream < streams; stream++) {
      const uniform = uniforms(stream);
      let certificate = plan;
      for (let look = 0; look < looks && !certificate.found.passed; look++) {
        const data = draw(law, uniform, rowsOfLook);
        certificate = (await retest(certificate, { model, data, measures: more.measures })).certificate;
      }
      if (certificate.found.passed) passes++;
    }
    if (full) console.log(`${text}: ${passes} of ${streams}`);
    ok(passes <= most, `${passes} of ${streams} streams, where at most ${most} may`);
  });
}

test("looking at each step with a test of a fixed number of rows passes a broken model more often than delta", async () => {
  const text = `ACC >= ${accuracy + e}`, trials = full ? 400 : 20;
  let passes = 0;
  for (let stream = 0; stream < trials; stream++) {
    const all = draw(one, uniforms(stream), looks * rowsOfLook);
    for (let look = 1; look <= looks; look++) {
      const data = all.take(Array.from({ length: look * rowsOfLook }, (_, i) => i));
      const { passed } = await safetyTest({ model, data, constraints: [{ text, delta }], ...decided });
      if (!passed) continue;
      passes++;
      break;
    }
  }
  if (full) console.log(`a fixed test at each look: ${passes} of ${trials}`);
  ok(passes > 0.15 * trials, `${passes} of ${trials}`);
});
