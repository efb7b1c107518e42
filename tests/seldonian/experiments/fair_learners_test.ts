import { equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { DataSet } from "../../../mod.ts";
import { type Contender, experiment, reductions, thresholds, type TrialResult } from "../../../seldonian/experiments/mod.ts";

/** Two groups; labels follow x, and x follows the group. */
const size = 800, wave = (k: number, i: number) => Math.sin(7.1 * i + k);
const M = Array.from({ length: size }, (_, i) => i % 2), F = M.map((m) => 1 - m);
const features = M.map((m, i) => [wave(0, i) + m, wave(1, 3 * i), m]),
  labels = features.map(([x, y], i) => x + 0.3 * y + 1.2 * wave(2, 5 * i) > 0.5 ? 1 : 0);
const data = new DataSet({ features, labels, columns: { M, F }, exclusive: [["M", "F"]] });

/** A trial on constraints, judged on the population. */
async function tried(contender: Contender, text: string): Promise<TrialResult> {
  const asked = {
    population: (size: number) => data.take(Array.from({ length: size }, (_, i) => i)),
    truth: data,
    performance: "ER" as const,
  };
  const { trials: [one] } = await experiment({
    ...asked,
    constraints: [{ text, delta: 0.05 }],
    contenders: { one: contender },
    sizes: [size],
    trials: 1,
  });
  if (one.error !== undefined) throw new Error(one.error);
  return one;
}

const parity = "abs((PR | [M]) - (PR | [F])) <= 0",
  odds = "max(abs((TPR | [M]) - (TPR | [F])), abs((FPR | [M]) - (FPR | [F]))) <= 0";
const groups = ["M", "F"];

test("reductions keep groups' rates as close as asked on their own rows, without many more errors", async () => {
  const free = await tried(reductions({ groups, difference: 0.9 }), parity),
    close = await tried(reductions({ groups, difference: 0.02, rounds: 200 }), parity);
  ok(free.values[0]! > 0.2, `without a limit ${free.values[0]}`);
  // Each group within 0.02 of all.
  ok(close.values[0]! < 0.04 + 0.01, `${close.values[0]}`);
  ok(close.performance! < free.performance! + 0.1, `${close.performance}`);
  const before = await tried(reductions({ groups, difference: 0.9 }), odds);
  const even = await tried(reductions({ groups, parity: "odds", difference: 0.02, rounds: 200 }), odds);
  ok(even.values[0]! < 0.5 * before.values[0]!, `${even.values[0]}, ${before.values[0]}`);
});

test("thresholds of groups give equal rates", async () => {
  const one = await tried(thresholds({ groups }), parity);
  ok(one.values[0]! < 0.01, `${one.values[0]}`);
  ok(one.performance! < 0.4, `${one.performance}`);
});

test("thresholds may accept everybody, and count the errors of rows with the same score as they are decided", async () => {
  const asked = { constraints: [{ text: "PR >= 0.5", delta: 0.05 }], performance: "ER" as const, sizes: [size], trials: 1 };
  const errors = async (score: (row: number) => number, label: (row: number) => number) => {
    const truth = new DataSet({ features: M.map((_, i) => [score(i)]), labels: M.map((_, i) => label(i)), columns: { M, F } });
    const contenders = { one: thresholds({ groups }) };
    return (await experiment({ ...asked, population: () => truth, truth, contenders })).trials[0].performance;
  };
  equal(await errors((row) => row / size, () => 1), 0);
  // Whoever accepts one row accepts all, and most have label 0, though not the first ones.
  equal(await errors(() => 1, (row) => Number(row < 0.4 * size)), 0.4);
});

test("labels and groups other than 0 and 1 are told, and groups that are none refused", async () => {
  const asked = {
    constraints: [{ text: "Mean_Squared_Error <= 9", delta: 0.05 }],
    performance: "meanSquaredError" as const,
    sizes: [9],
    trials: 1,
  };
  for (
    const [columns, labels, told] of [
      [{ M }, M.map((m) => m + 1), /labels is 2 in row \d+ of a trial; wanted 0 or 1/],
      [{ M: M.map((m) => 2 * m) }, M, /M is 2 in row \d+ of a trial; wanted 0 or 1/],
      [{ M: M.map((m) => `${m}`) }, M, /M is "[01]" in row \d+ of a trial; wanted 0 or 1/],
    ] as const
  ) {
    const population = new DataSet({ features, labels, columns }), how = { groups: ["M"] };
    const contenders = { reductions: reductions(how), thresholds: thresholds(how) };
    for (const { error } of (await experiment({ ...asked, population, contenders })).trials) match(error ?? "none", told);
  }
  for (const groups of [[], [3], "M"]) {
    throws(() => reductions({ groups } as never), /groups is .*; wanted a list of columns/);
    throws(() => thresholds({ groups } as never), /groups is .*; wanted a list of columns/);
  }
});
