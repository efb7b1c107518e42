/**
 * Bounds for a population of other proportions than the data's miss with probability at most delta, by enumeration.
 * `PROOFS=full` takes more sizes and prints tables.
 */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { oneAccountUpper } from "../../../seldonian/bounds/one_account.ts";
import { blocksOf } from "../../../seldonian/shift/strata.ts";
import { full } from "../../helpers/runs.ts";

/** Kinds of rows: member of A, x, member of B, y. */
type Kind = readonly [a: number, x: number, b: number, y: number];

const kindsOf: Record<string, readonly Kind[]> = {
  "a mean over everybody": [[1, 0, 0, 0], [1, 1, 0, 0]],
  "a rare group": [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0]],
  "two disjoint groups": [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]],
  "a group within the other": [[1, 0, 1, 0], [1, 1, 1, 1], [0, 0, 1, 1]],
};

const steps = full ? [0, 0.001, 0.03, 0.12, 0.3, 0.5, 0.75, 0.95] : [0, 0.03, 0.3, 0.6, 0.95];

/** Laws on a number of kinds of rows. */
function laws(kinds: number): number[][] {
  const found: number[][] = [];
  const extend = (law: number[], rest: number) => {
    if (law.length === kinds - 1) found.push([...law, rest]);
    else for (const p of steps) if (p <= rest) extend([...law, p], rest - p);
  };
  extend([], 1);
  return found;
}

interface Question {
  /** The stratum of each row. */
  strata: readonly number[];
  /** The proportions of the strata in the population of each group. */
  populations: readonly (readonly number[])[];
  form: readonly [number, number];
  spent: number;
}

function upperOf(rows: readonly Kind[], { strata, populations, form, spent }: Question): number {
  const counts = populations[0].map((_, d) => strata.filter((one) => one === d).length);
  const used = counts.flatMap((_, d) => populations.some((p) => p[d] > 0) ? [d] : []);
  const blocks = blocksOf({ of: Int32Array.from(strata), counts }, used), order = Array.from(blocks.rows);
  const [first, second] = form.map((coefficient, g) => ({
    coefficient,
    member: Uint8Array.from(order, (row) => rows[row][2 * g]),
    values: Float64Array.from(order, (row) => rows[row][2 * g + 1]),
    weights: Float64Array.from(order, (row, i) => populations[g][strata[row]] * blocks.shares[i]),
  }));
  return oneAccountUpper(first, second, spent, blocks.starts);
}

/**
 * The greatest probability over laws of two strata that the bound misses, over all sequences of rows.
 * @param populations those to come, if the bound is for others
 */
function worstMiss(kinds: readonly Kind[], question: Question, populations = question.populations): number {
  const { strata, form } = question, n = strata.length;
  // Rows of a stratum are alike, so outcomes with equal bounds and counts by stratum and kind are one.
  const outcomes = new Map<string, { counts: number[]; bound: number; ways: number }>();
  for (let code = 0; code < kinds.length ** n; code++) {
    const rows: Kind[] = [], counts = new Array<number>(2 * kinds.length).fill(0);
    for (let i = 0, rest = code; i < n; i++, rest = Math.floor(rest / kinds.length)) {
      rows.push(kinds[rest % kinds.length]);
      counts[strata[i] * kinds.length + rest % kinds.length]++;
    }
    const bound = upperOf(rows, question), key = `${counts} ${bound}`, known = outcomes.get(key);
    if (known) known.ways++;
    else outcomes.set(key, { counts, bound, ways: 1 });
  }
  let worst = 0;
  const all = laws(kinds.length);
  for (const first of all) {
    for (const second of all) {
      const mean = (g: number) => {
        const sum = (f: (kind: Kind) => number) =>
          kinds.reduce((total, kind, i) => total + f(kind) * (populations[g][0] * first[i] + populations[g][1] * second[i]), 0);
        return sum((kind) => kind[2 * g] * kind[2 * g + 1]) / sum((kind) => kind[2 * g]);
      };
      const truth = form[0] * mean(0) + (form[1] === 0 ? 0 : form[1] * mean(1));
      if (Number.isNaN(truth)) continue;
      let miss = 0;
      for (const { counts, bound, ways } of outcomes.values()) {
        // The truth itself is rounded.
        if (bound < truth - 1e-12) {
          miss += counts.reduce((p, count, i) => p * (i < kinds.length ? first[i] : second[i - kinds.length]) ** count, ways);
        }
      }
      worst = Math.max(worst, miss);
    }
  }
  return worst;
}

const alike = [[0.3, 0.7], [0.9, 0.1], [0.5, 0.5]].map((p) => [p, p]), apart = [[0.8, 0.2], [0.3, 0.7]];
const sizes = [[0, 1, 1], [0, 1, 0, 1], ...full ? [[0, 0, 0, 1], [0, 1, 0, 1, 1], [0, 0, 1, 1, 1, 1]] : []];

for (const [name, kinds] of Object.entries(kindsOf)) {
  test(`a bound for another population misses with probability at most delta, over all outcomes: ${name}`, () => {
    const single = kinds.every(([, , b]) => b === 0), forms = single ? [[1, 0], [-1, 0]] : [[1, -1], [1, 1]];
    for (const strata of sizes.filter(({ length }) => length <= (full ? 4 : 3) || kinds.length < 4)) {
      for (const populations of [...alike, ...single ? [] : [apart]]) {
        for (const form of forms as [number, number][]) {
          for (const spent of [0.5, 0.2]) {
            const worst = worstMiss(kinds, { strata, populations, form, spent });
            if (full) {
              console.log(`${name}, strata ${strata}, ${populations}, form ${form}: at most ${(worst / spent).toFixed(3)} delta`);
            }
            ok(
              worst <= spent + 1e-12,
              `strata ${strata}, ${populations}, form ${form}, ${spent}: missed with probability ${worst}`,
            );
          }
        }
      }
    }
  });
}

test("this enumeration can fail: it finds bounds for other proportions, and a delta that is spent twice", () => {
  const kinds = kindsOf["a mean over everybody"],
    question: Question = { strata: [0, 1, 0, 1], form: [1, 0], spent: 0.2, populations: alike[1] };
  ok(worstMiss(kinds, { ...question, populations: alike[2] }, alike[1]) > 0.5);
  ok(worstMiss(kinds, { ...question, spent: 0.4 }) > 0.3);
});
