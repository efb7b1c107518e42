/**
 * One account for a form over two groups misses with probability at most delta, by enumeration.
 * `PROOFS=full` takes more sizes and prints tables.
 */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { uniformFloat64 } from "../../../deps.ts";
import { bounds } from "../../../mod.ts";
import { oneAccountUpper } from "../../../seldonian/bounds/one_account.ts";
import { randomStream } from "../../../seldonian/random.ts";
import { full } from "../../helpers/runs.ts";
import { draws, groupsOf, halves, is, type Row, upperOf } from "./two_groups.ts";

/** The value of the form under a law, which has a probability for each kind of row; undefined if a group has none. */
function truthOf(kinds: readonly Row[], law: readonly number[], [a, b]: readonly [number, number]): number | undefined {
  const sum = (f: (row: Row) => number) => kinds.reduce((total, row, i) => total + law[i] * f(row), 0);
  const inA = sum(([m]) => m), inB = sum(([, , m]) => m);
  return inA > 0 && inB > 0 ? a * sum(([m, x]) => m * x) / inA + b * sum(([, , m, y]) => m * y) / inB : undefined;
}

const kindsOf: Record<string, readonly Row[]> = {
  "disjoint groups": [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]],
  "one group, two measures": [[1, 0, 1, 1], [1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 1]],
  "a group within the other": [[1, 0, 1, 0], [1, 1, 1, 1], [0, 0, 1, 0], [0, 0, 1, 1]],
  "groups with errors where they overlap": [[1, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [1, 0, 1, 0]],
  "memberships that determine the values": [[1, 1, 1, 0], [1, 0, 0, 0], [0, 0, 1, 1]],
  "values between 0 and 1": [[1, 0.5, 1, 0.5], [1, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]],
};
const forms = [[1, -1], [1, 1], ...(full ? [[-1, 0.7], [-0.3, -1]] : [])] as [number, number][];

/** Laws on a number of kinds of rows, including very rare kinds. */
function laws(kinds: number): number[][] {
  const steps = [0, 1e-6, 0.001, 0.01, 0.03, 0.07, 0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9], found: number[][] = [];
  const extend = (law: number[], rest: number) => {
    if (law.length === kinds - 1) found.push([...law, rest]);
    else for (const p of steps) if (p <= rest) extend([...law, p], rest - p);
  };
  extend([], 1);
  return found;
}

/** The greatest probability over these laws that a bound at `spent` misses, over all sequences of n rows. */
function worstMiss(kinds: readonly Row[], form: readonly [number, number], n: number, spent: number): number {
  const outcomes = new Map<string, { counts: number[]; bound: number; ways: number }>();
  for (let code = 0; code < kinds.length ** n; code++) {
    const counts = kinds.map(() => 0), rows: Row[] = [];
    for (let i = 0, rest = code; i < n; i++, rest = Math.floor(rest / kinds.length)) {
      rows.push(kinds[rest % kinds.length]);
      counts[rest % kinds.length]++;
    }
    const bound = upperOf(rows, form, spent), key = `${counts} ${bound}`, known = outcomes.get(key);
    if (known) known.ways++;
    else outcomes.set(key, { counts, bound, ways: 1 });
  }
  let worst = 0;
  for (const law of laws(kinds.length)) {
    const truth = truthOf(kinds, law, form);
    if (truth === undefined) continue;
    let miss = 0;
    for (const { counts, bound, ways } of outcomes.values()) {
      // The truth itself is rounded.
      if (bound < truth - 1e-13) miss += counts.reduce((p, count, i) => p * law[i] ** count, ways);
    }
    worst = Math.max(worst, miss);
  }
  return worst;
}

for (const [name, kinds] of Object.entries(kindsOf)) {
  test(`oneAccountUpper() misses with probability at most delta, over all orders of few rows: ${name}`, () => {
    for (const form of forms) {
      for (const n of full ? [1, 2, 3, 4, 5, 6] : [1, 2, 4]) {
        for (const delta of [0.5, 0.2, 0.05]) {
          const worst = worstMiss(kinds, form, n, delta);
          if (full) console.log(`${name}, ${form}, ${n} rows, delta ${delta}: at most ${(worst / delta).toFixed(3)} delta`);
          ok(worst <= delta + 1e-12, `form ${form}, n ${n}, delta ${delta}: missed with probability ${worst}`);
        }
      }
    }
  });
}

test("this enumeration can fail: it finds a bound that spends a tenth more than its delta", () => {
  ok(worstMiss(kindsOf["groups with errors where they overlap"], [1, 1], 4, 0.55) > 0.5);
  ok(worstMiss(kindsOf["one group, two measures"], [1, 1], 2, 0.22) > 0.2);
});

test("oneAccountUpper() stays within the form's range for all rows", () => {
  const random = randomStream(1, "draws"), uniform = () => uniformFloat64(random);
  const value = () => [0, 1, 0.5, uniform()][Math.floor(4 * uniform())];
  const forms = [[1, -1], [0.9, -1], [-1, -2], [1e-9, 1], [1, -1e-9], [1e-300, 1], [1e300, -1e-300], [0, 1], [-1, 0]] as const;
  for (const form of forms) {
    const [a, b] = form, low = Math.min(0, a) + Math.min(0, b), high = Math.max(0, a) + Math.max(0, b);
    for (const n of [1, 2, 7, 30]) {
      for (const [p, q] of [[0.5, 0.5], [1, 1], [0.1, 0.9]]) {
        const rows = Array.from({ length: n }, (): Row => [is(p, uniform), value(), is(q, uniform), value()]);
        for (const delta of [1e-9, 0.05, 0.999]) {
          const bound = upperOf(rows, form, delta);
          ok(bound >= low && bound <= high, `${bound} for ${form}, n ${n}`);
        }
      }
    }
  }
});

test("oneAccountUpper() is right for equal measures, empty groups, zero coefficients and a single group", () => {
  const rows: Row[] = Array.from({ length: 200 }, (_, i) => [1, i % 4 ? 1 : 0, 1, i % 4 ? 1 : 0]);
  // Two measures of one group that are always equal. The bound is as exact as 200 rows allow: a law could differ in 3 of them.
  ok(upperOf(rows, [1, -1], 0.05) < 0.025);
  equal(upperOf(rows.map(([, x, m, y]) => [0, x, m, y]), [0.9, -1], 0.05), 0.9);
  equal(upperOf([], [1, -1], 0.05), 1);
  equal(upperOf(rows, [0, 0], 0.05), 0);
  const alone = bounds.star.upper(Float64Array.from(rows, ([, x]) => x), { delta: 0.05, range: [0, 1] });
  ok(Math.abs(upperOf(rows, [2, 0], 0.05) - 2 * alone) < 1e-9);
  const law = draws(halves(0.3), 300, 1), swapped = law.map(([a, x, b, y]): Row => [b, y, a, x]);
  ok(Math.abs(upperOf(law, [1, -1], 0.05) - upperOf(swapped, [-1, 1], 0.05)) < 0.02);
  deepEqual(upperOf(law, [1, -1], 0.05), upperOf(law, [1, -1], 0.05));
});

test("errors of oneAccountUpper() name the wrong value", () => {
  const [first, second] = groupsOf([[1, 0.5, 1, 0.5]], [1, -1]);
  throws(() => oneAccountUpper(first, second, 1), /delta 1: wanted one between 0 and 1/);
  throws(() => oneAccountUpper({ ...first, coefficient: NaN }, second, 0.1), /wanted finite ones/);
  throws(() => oneAccountUpper(first, { ...second, values: new Float64Array(2) }, 0.1), /1 rows.*one has 2/);
  throws(() => oneAccountUpper({ ...first, values: Float64Array.of(1.5) }, second, 0.1), /value 0 is 1.5, outside/);
});
