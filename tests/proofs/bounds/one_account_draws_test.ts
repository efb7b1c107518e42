import { ok } from "node:assert/strict";
import { test } from "node:test";
import { bounds } from "../../../mod.ts";
import { clopperPearsonUpper } from "../../../seldonian/bounds/clopper_pearson.ts";
import { atLeast } from "../../helpers/exact.ts";
import { full } from "../../helpers/runs.ts";
import { difference, draws, halves, is, type Law, type Row, split, upperOf } from "./two_groups.ts";

const independent: Law = {
  form: difference,
  row: (u) => {
    const z = is(0.5, u);
    return [is(0.5, u), z, is(0.5, u), z];
  },
};
const everyone: Law = {
  form: difference,
  row: (u) => {
    const z = is(0.5, u);
    return [is(0.3, u), z, 1, z];
  },
};

const drawn: Record<string, { law: Law; truth: number; n: number }> = {
  "halves with errors in half of the rows": { n: 100, truth: 0, law: halves(0.5) },
  "three tenths against everyone": { n: 100, truth: 0, law: everyone },
  "halves with one error in fifty": { n: 100, truth: 0, law: halves(0.02) },
  "errors only in rare rows of both groups": {
    n: 200,
    truth: 0.04 / 0.52 - 0.04 / 0.52,
    law: {
      form: [1, -1],
      row: (u) => {
        const p = u(), error = is(0.5, u);
        // One row in 25 is in both groups. Only these rows have errors: half in x, half in y.
        return p < 0.04 ? [1, error, 1, 1 - error] : p < 0.52 ? [1, 0, 0, 0] : [0, 0, 1, 0];
      },
    },
  },
  "a tenth against everyone, with more errors": {
    n: 400,
    truth: 0.1 - (0.1 * 0.1 + 0.9 * 0.02),
    law: {
      form: [1, -1],
      row: (u) => {
        const a = is(0.1, u), error = is(a ? 0.1 : 0.02, u);
        return [a, error, 1, error];
      },
    },
  },
};

for (const [name, { law, truth, n }] of Object.entries(drawn)) {
  test(`oneAccountUpper() misses no more often than chance allows on draws: ${name}`, () => {
    const delta = 0.1, trials = full ? 4000 : 200;
    let missed = 0;
    for (let trial = 0; trial < trials; trial++) if (upperOf(draws(law, n, trial), law.form, delta) < truth) missed++;
    if (full) console.log(`${name}: missed ${missed} of ${trials}, where ${trials * delta} are allowed`);
    ok(atLeast(missed, trials, delta) >= 1e-6, `missed ${missed} of ${trials}`);
  });
}

/** Mean distances from the estimate: for one account, for two separate bounds, and for two rates taken as independent. */
function widths(law: Law, n: number, trials: number) {
  const found = { account: 0, apart: 0, rates: 0 }, delta = 0.05;
  for (let trial = 0; trial < trials; trial++) {
    const rows = draws(law, n, trial), [a, b] = law.form;
    const count = (f: (row: Row) => number) => rows.reduce((sum, row) => sum + f(row), 0);
    const first = { k: count(([m, x]) => m * x), n: count(([m]) => m) };
    const second = { k: count(([, , m, y]) => m * y), n: count(([, , m]) => m) };
    const estimate = a * first.k / first.n + b * second.k / second.n;
    const one = ({ k, n }: typeof first, c: number) =>
      c > 0 ? c * clopperPearsonUpper(k, n, delta / 2) : c * (1 - clopperPearsonUpper(n - k, n, delta / 2));
    found.account += (upperOf(rows, law.form, delta) - estimate) / trials;
    found.apart += (one(first, a) + one(second, b) - estimate) / trials;
    const rates = bounds.twoRatesUpper({ coefficient: a, ...first }, { coefficient: b, ...second }, delta);
    found.rates += (rates - estimate) / trials;
  }
  return found;
}

/**
 * The greatest allowed distances, relative to two separate bounds and to two rates. Overlapping rates are not a valid reference.
 */
const table: [name: string, law: Law, n: number, toApart: number, toRates: number][] = [
  ["disjoint halves", halves(0.5), 400, 0.68, 1.08],
  ["disjoint halves, an error in twenty", halves(0.05), 400, 0.76, 1.25],
  ["disjoint, a fifth and the rest", { form: difference, row: (u) => split(is(0.2, u), is(0.5, u)) }, 400, 0.72, 1.1],
  ["independent memberships, half each", independent, 400, 0.5, 0.8],
  ["three tenths against everyone", everyone, 400, 0.57, 0.9],
  ["independent memberships, half each", independent, 1600, 0.48, 0.8],
  ["three tenths against everyone", everyone, 1600, 0.53, 0.8],
];
for (const [name, law, n, toApart, toRates] of table) {
  test(`oneAccountUpper() is narrower than two separate bounds: ${name}, ${n} rows`, () => {
    const { account, apart, rates } = widths(law, n, full ? 100 : n > 400 ? 4 : 8);
    if (full) console.log(`${name}, n ${n}: ${account.toFixed(4)}, apart ${apart.toFixed(4)}, two rates ${rates.toFixed(4)}`);
    ok(account < toApart * apart, `${account} against ${apart} apart`);
    ok(account < toRates * rates, `${account} against ${rates} of two rates`);
  });
}
