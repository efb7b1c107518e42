import { match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { full } from "../../helpers/runs.ts";
import { DataSet, safetyTest } from "../../../mod.ts";
import { permutation, randomStream } from "../../../seldonian/random.ts";
import { atMostDelta, delta, promise, rows, uniforms } from "../../helpers/promises.ts";

test("the order in which a bound reads rows cannot be chosen by seed or delta, and 0 and 1 miss with probability at most delta", async () => {
  const data = new DataSet({ features: rows(200, (i) => [0.5 + 0.4 * Math.sin(i) ** 3]), labels: rows(200, () => 1) });
  const orders = new Set<string>();
  for (const more of [{}, { seed: 5 } as object, { constraints: [{ text: "ACC >= 0.41", delta: delta * (1 - 1e-12) }] }]) {
    orders.add((await safetyTest({ ...promise("ACC >= 0.4"), data, ...more })).constraints[0].order);
  }
  match([...orders].join(), /^[0-9a-f]{16}$/);
  // For one count of ones, each order has its verdict; together they miss with probability at most delta.
  let passes = 0;
  const trials = full ? 2000 : 700, n = 80, bound = { bound: "star" } as const;
  for (let trial = 0; trial < trials; trial++) {
    const uniform = uniforms(trial), z = rows(n, () => uniform() < 0.9 ? 1 : 0);
    const all = new DataSet({ features: z.map((z) => [z]), labels: z.map(() => 1) });
    if ((await safetyTest({ ...promise("PR >= 0.900000001", bound), data: all })).passed) passes++;
  }
  atMostDelta(passes, trials);
  ok(passes > 0);
});

test("sorted rows of few kinds are refused, and shuffled ones are tested", async () => {
  const sorted = rows(60, (i) => [i < 40 ? 0.25 : 0.75]), labels = rows(60, () => 0), question = promise("PR <= 0.9");
  await rejects(
    safetyTest({ ...question, data: new DataSet({ features: sorted, labels }) }),
    /^RangeError: Cannot test 60 rows of 2 kinds in sorted order, with equal ones together: .*; shuffle them, as split\(\) does$/,
  );
  const order = permutation(60, randomStream(2, "order"));
  ok((await safetyTest({ ...question, data: new DataSet({ features: Array.from(order, (i) => sorted[i]), labels }) })).passed);
  for (const features of [rows(60, () => [0.5]), rows(60, (i) => [i / 100]), rows(60, (i) => [i === 59 ? 0.1 : 0.5])]) {
    ok((await safetyTest({ ...question, data: new DataSet({ features, labels }) })).passed);
  }
});
