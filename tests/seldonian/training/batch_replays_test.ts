import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, type Measure, nn, type Tensor, tensor, train, type TrainOptions } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { full } from "../../helpers/runs.ts";
import { bodies, callsOfTwins, columns, features, labels, logOf, optimizers, tail, texts } from "./replayed.ts";

/** Batches of groups that overlap, and that are often empty. */
const others = [
  ...texts,
  "abs((PR | [M]) - (PR | [age < 35])) <= 0.6",
  "(FPR | [M]) - (FPR | [age >= 35]) <= 0.5",
  "Precision >= 0.2",
  "(PR | [M and age < 20]) >= 0.01",
];

test("replayed steps in batches have the bits of ordinary ones, over models, constraints, optimizers and batches", async () => {
  let replayed = 0, runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(bodies)),
      fc.constantFrom("sigmoid", "softmax"),
      fc.subarray(others, { minLength: 1, maxLength: 2 }),
      fc.constantFrom(...optimizers),
      fc.record({
        batchSize: fc.constantFrom(4, 7, 12, 25),
        shuffle: fc.boolean(),
        penalty: fc.boolean(),
        rates: fc.constantFrom("expected", "expected", "decided"),
        candidates: fc.constantFrom(1, 1, 2),
        analysis: fc.constantFrom("conjunctive", "interval"),
        bound: fc.constantFrom("auto", "hoeffding", "student"),
        schedule: fc.constantFrom("constant", "cosine"),
      }),
      async (body, end, some, optimizer, { batchSize, shuffle, schedule, ...settings }) => {
        const steps = { batchSize, shuffle, schedule: schedule as "constant", epochs: 40, patience: 1000 };
        const { plain, reads } = await callsOfTwins(body, end, some, settings, { ...optimizer, ...steps });
        runs++;
        if (plain < 0.8 * reads) replayed++;
      },
    ),
    { seed: 12, numRuns: full ? 600 : 14 },
  );
  ok(replayed > 0.3 * runs, `${replayed} of ${runs}`);
});

/** Joins the columns of two features. */
class Joined implements nn.Module {
  forward({ a, b }: Record<string, Tensor>): Tensor {
    return autodiff.concatenate([a, b], 1);
  }
}

test("batches have the same bits for numbers, other data sets, columns of several numbers, features by name, and custom measures", async () => {
  const numbers = labels.map((_, i) => 2 * features[i][0] - features[i][1]),
    there = { features, labels: labels.map((y) => 1 - y) };
  const arrays = { columns: { ...columns, weights: features.map(([x, y]) => [1 + x * x, 2 + y]) } };
  const read = (from: "arrays" | "columns"): Measure => ({
    name: "Mine",
    task: "classification",
    indices: 0,
    range: [0, 9],
    values: (outcomes) => {
      const p = outcomes.predictions.reshape(outcomes.labels.size);
      if (from === "arrays") return p.mul(outcomes.arrays.get("weights")!.slice(1, 0, 1).reshape(p.size));
      const members = outcomes.columns.get("M") as Uint8Array;
      return p.mul(tensor(Float64Array.from(members)));
    },
  });
  const mine = [{ text: "(Mine | [M]) <= 8", delta: 0.1 }];
  const table: [isReplayed: boolean, Partial<TrainOptions<nn.Module>>][] = [
    [true, {
      data: { features, labels: numbers, columns },
      objective: "meanSquaredError",
      bound: "student",
      constraints: [{ text: "(Mean_Squared_Error | [M]) <= 9", delta: 0.1 }],
    }],
    [true, { others: { there }, independent: ["there"], constraints: [{ text: "ACC - (ACC | there) >= -0.9", delta: 0.1 }] }],
    [true, { others: { there }, paired: ["there"], constraints: [{ text: "ACC - (ACC | there) >= -0.9", delta: 0.1 }] }],
    [true, { data: { features, labels, ...arrays }, measures: [read("arrays")], constraints: mine }],
    [false, { data: { features, labels, ...arrays }, measures: [read("columns")], constraints: mine }],
    [false, { data: { features, labels, columns, clusters: labels.map((_, i) => i >> 1) } }],
    [false, { shift: { M: { 0: [0.4, 0.6], 1: [0.4, 0.6] } } }],
    [true, { constraints: [{ text: "(PR | [age == r]) >= 0.01", delta: 0.1, forEvery: { r: [30, 40] } }] }],
    [true, { optimizer: { starts: 2 } }],
    [true, { data: { features: { a: features, b: features.map(([x]) => [x]) }, labels, columns } }],
  ];
  for (const [isReplayed, options] of table) {
    const isNumber = options.objective === "meanSquaredError";
    const isNamed = "a" in (options.data as { features: object } | undefined ?? { features: {} }).features;
    const layers = () => [
      ...isNamed ? [new Joined(), new nn.Linear(4, 3)] : [],
      ...bodies.tanh(),
      ...isNumber ? [new nn.Linear(4, 1)] : tail.sigmoid(),
    ];
    const asked = { ...options, optimizer: { epochs: 200, batchSize: 25, ...options.optimizer } };
    const [plain, reads] = [await logOf("plain", asked, layers()), await logOf("reads", asked, layers())];
    const name = JSON.stringify([options.constraints, options.shift]);
    deepEqual(plain.steps, reads.steps, name);
    equal(plain.verdict, reads.verdict, name);
    equal(plain.calls < 0.8 * reads.calls, isReplayed, `${name}: ${plain.calls} of ${reads.calls}`);
  }
});

test("a last batch of another size has a recording of its own", async () => {
  const of = async (batchSize: number) =>
    (await logOf("plain", { optimizer: { epochs: 200, batchSize, patience: 1000 } }, [...bodies.linear(), ...tail.sigmoid()]))
      .calls;
  for (const [batchSize, most] of [[20, 40], [25, 50], [59, 50]]) {
    const calls = await of(batchSize);
    ok(calls < most, `${batchSize}: ${calls}`);
  }
});

test("layouts are recorded where they come again often, and not where they seldom do", async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => [Math.sin(7.1 * i), Math.sin(3.3 * i + 1)]);
  const data = {
    features: rows,
    labels: rows.map(([x], i) => x + Math.sin(5.7 * i) > 0 ? 1 : 0),
    columns: { M: rows.map((_, i) => Math.sin(2.9 * i) > 0 ? 1 : 0) },
  };
  const count = async (...texts: string[]) => {
    let calls = 0, recorded = 0, last: Tensor | null = null;
    /** What a recorded step computes stays, and what an ordinary one computes is gone at its end. */
    const isThere = () => {
      try {
        return last?.shape !== undefined;
      } catch {
        return false;
      }
    };
    const { log } = await train({
      data,
      model: new nn.LogisticRegression(2),
      objective: (p: Tensor, y: Tensor) => {
        calls++;
        if (isThere()) recorded++;
        last = p.mul(1);
        return nn.logLoss(p, y);
      },
      constraints: texts.map((text) => ({ text, delta: 0.1 })),
      optimizer: { epochs: 50, batchSize: 20, replay: true },
    });
    return { steps: log.length, calls, recorded };
  };
  const often = await count("abs((PR | [M]) - (PR | [!M])) <= 0.5");
  const seldom = await count("abs((FPR | [M]) - (FPR | [!M])) <= 0.5", "abs((FNR | [M]) - (FNR | [!M])) <= 0.5");
  ok(often.calls < often.steps / 5, JSON.stringify(often));
  ok(seldom.recorded < seldom.steps / 100, JSON.stringify(seldom));
});

test("a variable that changes is an error with the cure, in batches too", async () => {
  let weight = 1, step = 0;
  const run = (from: number) => {
    [weight, step] = [1, 0];
    return train({
      data: { features, labels, columns },
      model: new nn.LogisticRegression(3),
      objective: (p: Tensor, y: Tensor) => nn.logLoss(p, y).mul(weight),
      constraints: [{ text: "(PR | [M]) >= 0.01", delta: 0.1 }],
      optimizer: { epochs: 150, batchSize: 20, patience: 1000, replay: true },
      onStep: () => weight = ++step >= from ? 2 : 1,
    });
  };
  for (const from of [100, 440]) {
    await rejects(run(from), (error: Error) => {
      match(error.message, /computes otherwise than in earlier steps \(operation \d+.*or set optimizer\.replay to false/);
      return true;
    });
  }
});

test("replays are checked at the end, though a step of another layout ended them", async () => {
  let weight = 1;
  await rejects(
    train({
      data: { features, labels, columns },
      model: new nn.LogisticRegression(3),
      objective(p: Tensor, y: Tensor) {
        // The last batch of an epoch has 8 rows, and what reads numbers is not recorded.
        if (y.size === 8) void p.data[0];
        return nn.logLoss(p, y).mul(weight);
      },
      constraints: [{ text: "ACC >= 0.6", delta: 0.1 }],
      optimizer: { epochs: 100, batchSize: 13, patience: 1000, replay: true },
      // The 12th step is the fourth replay, which is checked, and the 15th ends replays.
      onStep: ({ step }) => weight = step >= 12 ? 2 : 1,
    }),
    /computes otherwise than in earlier steps/,
  );
});
