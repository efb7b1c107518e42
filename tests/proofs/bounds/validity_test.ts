/**
 * Bounds miss with probability at most delta, by enumeration without sampling. `PROOFS=full` takes more sizes and prints tables.
 */
import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { bounds, measures, Tensor } from "../../../mod.ts";
import { Batch } from "../../../seldonian/constraints/batch.ts";
import { evaluatePromise, promise } from "../../../seldonian/constraints/promise.ts";
import { binomial, nextUp } from "../../helpers/exact.ts";
import { full } from "../../helpers/runs.ts";

const deltas = [0.5, 0.1, 0.05, 0.01, 1e-3, 1e-6], range = [0, 1] as const;
const { families, twoRatesUpper, upperBound, lowerBound } = bounds;
const proven = families.filter(({ guarantee }) => guarantee === "finite-sample");
const ordered = ["star", "betting"], readVariance = ["empirical-bernstein", "empirical-bentkus", "anderson"];
const upTo60 = Array.from({ length: 60 }, (_, i) => i + 1);

/** The greatest probability of a miss, divided by delta, over p, for n values of 0 and 1. It jumps only where p is a bound. */
function worstOnCounts(method: bounds.Bound, n: number, delta: number, side = upperBound): number {
  const found = Array.from({ length: n + 1 }, (_, k) => side(zerosAndOnes(n, k), { method, delta, range }));
  const upward = side === upperBound ? found : found.map((bound) => 1 - bound).reverse();
  const grid = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
  let worst = 0;
  for (const p of [...upward.map(nextUp).filter((p) => p < 1), ...(n <= 60 ? grid : [])]) {
    const law = binomial(n, p);
    let miss = 0;
    for (let k = 0; k <= n; k++) if (upward[k] < p) miss += law[k];
    worst = Math.max(worst, miss);
  }
  return worst / delta;
}

function zerosAndOnes(n: number, ones: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => i < ones ? 1 : 0);
}

for (const method of proven.filter(({ name }) => !ordered.includes(name))) {
  // An empirical Bentkus bound of thousands of values takes milliseconds, and all n + 1 are needed.
  const slow = method.name === "empirical-bentkus";
  const sizes = full
    ? [...upTo60, 100, 200, 500, 1000, ...(slow ? [] : [2000])]
    : slow
    ? [1, 2, 3, 5, 10, 20, 60]
    : [...upTo60, 200, ...(method.name === "clopper-pearson" ? [1000] : [])];
  test(`${method.name} misses the mean of 0 and 1 with probability at most delta, for ${sizes.length} sizes`, () => {
    for (const delta of deltas) {
      let greatest = 0;
      for (const n of sizes) {
        for (const side of n <= 20 ? [upperBound, lowerBound] : [upperBound]) {
          const ratio = worstOnCounts(method, n, delta, side);
          ok((ratio - 1) * delta <= 1e-12, `n ${n}, delta ${delta}: missed with ${ratio} times delta`);
          greatest = Math.max(greatest, ratio);
        }
      }
      if (full) console.log(`${method.name}, delta ${delta}: at most ${greatest.toFixed(6)} delta`);
      // An exact bound reaches delta; an infinite bound would never miss.
      if (method.name === "clopper-pearson") ok(greatest > 0.999);
    }
  });
}

test("this enumeration can fail: Student's bound misses the mean of 0 and 1 with more than 10 times delta", () => {
  ok(worstOnCounts(bounds.student, 20, 0.05) > 10);
  const { clopperPearson } = bounds;
  const loose = {
    ...clopperPearson,
    name: "loose",
    upper: (z: Float64Array, r: bounds.Request) => clopperPearson.upper(z, { ...r, delta: 1.001 * r.delta }),
  };
  ok(worstOnCounts(loose, 20, 0.1) > 1.0009);
});

/** All sequences of `n` of the values, with the count of each value. */
function sequences(n: number, values: readonly number[]): { z: Float64Array; counts: number[] }[] {
  return Array.from({ length: values.length ** n }, (_, code) => {
    const z = new Float64Array(n), counts = values.map(() => 0);
    for (let i = 0, rest = code; i < n; i++, rest = Math.floor(rest / values.length)) {
      z[i] = values[rest % values.length];
      counts[rest % values.length]++;
    }
    return { z, counts };
  });
}

for (const name of ordered) {
  const method = families.find((family) => family.name === name)!;
  for (const n of full ? [1, 2, 3, 4, 5, 6, 8, 10, 12, 13] : [1, 2, 3, 5, 8, 10]) {
    test(`${name} misses the mean of ${n} 0s and 1s with probability at most delta, over all ${2 ** n} orders`, () => {
      const all = sequences(n, [0, 1]);
      for (const delta of full ? deltas : [0.5, 0.05, 1e-3]) {
        // For each bound, the number of orders with k ones.
        const orders = new Map<number, Float64Array>();
        for (const { z, counts: [, ones] } of all) {
          const found = upperBound(z, { method, delta, range });
          if (!orders.has(found)) orders.set(found, new Float64Array(n + 1));
          orders.get(found)![ones]++;
        }
        const found = [...orders.keys()].sort((a, b) => a - b), below = new Float64Array(n + 1);
        for (const [i, bound] of found.entries()) {
          orders.get(bound)!.forEach((count, k) => below[k] += count);
          if (bound >= 1) break;
          for (const p of [nextUp(bound), (bound + found[i + 1]) / 2, found[i + 1]]) {
            const miss = below.reduce((sum, count, k) => sum + count * p ** k * (1 - p) ** (n - k), 0);
            ok(miss <= delta + 1e-12, `p ${p}, delta ${delta}: missed with probability ${miss}`);
          }
        }
      }
    });
  }
}

const threePoint = Array.from(
  { length: 21 },
  (_, i) => Array.from({ length: 21 - i }, (_, j) => [i / 20, j / 20, (20 - i - j) / 20]),
).flat();

for (const name of [...readVariance, ...ordered]) {
  const method = families.find((family) => family.name === name)!, inOrder = ordered.includes(name);
  for (const values of [[0, 0.5, 1], [0, 0.1, 1], [0, 0.9, 1]]) {
    test(`${name} misses the mean of laws on ${values.join(", ")} with probability at most delta`, () => {
      for (const n of inOrder ? full ? [2, 4, 6] : [2, 5] : full ? [2, 5, 10, 20] : [2, 5, 10]) {
        const all = inOrder ? sequences(n, values) : multisets(n, values);
        for (const delta of full ? deltas : [0.5, 0.05]) {
          const found = all.map(({ z }) => upperBound(z, { method, delta, range }));
          for (const law of threePoint) {
            const mean = law.reduce((sum, p, i) => sum + p * values[i], 0);
            let miss = 0;
            all.forEach(({ counts }, i) => {
              if (found[i] < mean) {
                miss += (inOrder ? 1 : multinomial(counts)) * counts.reduce((p, count, j) => p * law[j] ** count, 1);
              }
            });
            ok(miss <= delta + 1e-12, `n ${n}, law ${law}, delta ${delta}: missed with probability ${miss}`);
          }
        }
      }
    });
  }
}

function multisets(n: number, values: readonly number[]): { z: Float64Array; counts: number[] }[] {
  const all = [];
  for (let a = 0; a <= n; a++) {
    for (let b = 0; a + b <= n; b++) {
      const counts = [a, b, n - a - b];
      all.push({ z: Float64Array.from(counts.flatMap((count, i) => new Array<number>(count).fill(values[i]))), counts });
    }
  }
  return all;
}

function multinomial(counts: readonly number[]): number {
  let ways = 1, used = 0;
  for (const count of counts) for (let i = 1; i <= count; i++) ways = ways * ++used / i;
  return ways;
}

for (const [n, m, a, b] of [[2, 3, 1, -1], [3, 4, 0.9, -1], [4, 4, 1, -1]]) {
  test(`blocks of ${n} and ${m} probabilities miss ${a} p + ${b} q with probability at most delta, over all orders`, () => {
    const M = Uint8Array.from({ length: n + m }, (_, i) => i < n ? 1 : 0),
      columns = new Map([["M", M], ["F", M.map((m) => 1 - m)]]);
    const { PR } = measures,
      form = PR.given("M").times(a).plus(PR.given("F").times(b)),
      labels = Tensor.from(new Float64Array(n + m)),
      exclusive = [["M", "F"]];
    const judgement = { rates: "expected", bound: undefined, ranges: {} } as const;
    for (const delta of full ? deltas : [0.5, 0.2, 0.05]) {
      const promised = promise(form.atMost(0), delta, judgement, { analysis: "conjunctive", shares: "equal" });
      const found = sequences(n + m, [0, 1]).map(({ z }) => {
        const { conjuncts: [{ statistic, interval }] } = evaluatePromise(
          promised,
          new Batch(Tensor.from(z), labels, columns, { exclusive }),
        );
        equal(statistic!.bound, "star");
        const [k, l] = [z.subarray(0, n), z.subarray(n)].map((part) => part.reduce((sum, x) => sum + x, 0));
        return { bound: interval.upper.value, k, l };
      });
      for (let i = 0; i <= 20; i++) {
        for (let j = 0; j <= 20; j++) {
          const [p, q] = [i / 20, j / 20], truth = a * p + b * q;
          let miss = 0;
          for (const { bound, k, l } of found) {
            if (bound < truth) miss += p ** k * (1 - p) ** (n - k) * q ** l * (1 - q) ** (m - l);
          }
          ok(miss <= delta + 1e-12, `p ${p}, q ${q}, delta ${delta}: missed with probability ${miss}`);
        }
      }
    }
  });
}

const pairs: [n: number, m: number, a: number, b: number][] = [[1, 1, 1, -1], [3, 5, 1, -1], [8, 8, 1, -1], [12, 7, 0.9, -1], [
  6,
  9,
  1,
  1,
], [5, 6, -1, 0.8]];
if (full) pairs.push([20, 20, 1, -1], [30, 10, 0.9, -1]);
for (const [n, m, a, b] of pairs) {
  test(`twoRatesUpper() misses ${a} p + ${b} q for ${n} and ${m} values with probability at most delta, over all pairs of counts`, () => {
    for (const delta of deltas) {
      const found = Array.from(
        { length: n + 1 },
        (_, i) =>
          Array.from(
            { length: m + 1 },
            (_, j) => twoRatesUpper({ coefficient: a, k: i, n }, { coefficient: b, k: j, n: m }, delta),
          ),
      );
      const miss = (p: number, q: number, value: number) => {
        const [f, g] = [binomial(n, p), binomial(m, q)];
        let sum = 0;
        for (let i = 0; i <= n; i++) for (let j = 0; j <= m; j++) if (found[i][j] < value) sum += f[i] * g[j];
        return sum;
      };
      let worst = 0;
      for (const bound of new Set(found.flat())) {
        // The pairs (p, q) whose form is a little above this bound.
        for (let i = 0; i <= 40; i++) {
          const q = i / 40, p = (bound + 1e-9 - b * q) / a;
          if (p >= 0 && p <= 1) worst = Math.max(worst, miss(p, q, bound + 1e-9));
        }
      }
      ok(worst <= delta + 1e-12, `delta ${delta}: missed with probability ${worst}`);
      if (delta >= 0.01 && Math.min(n, m) > 4) ok(worst > 0.7 * delta, `delta ${delta}: missed with ${worst} only`);
    }
  });
}
