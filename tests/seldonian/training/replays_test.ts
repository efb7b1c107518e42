import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, train, type TrainOptions } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { full } from "../../helpers/runs.ts";
import { bodies, callsOfTwins, columns, features, labels, logOf, optimizers, tail, texts } from "./replayed.ts";

test("replayed steps have the bits of ordinary ones, over models, constraints, optimizers, penalties and batches", async () => {
  let replayed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(bodies)),
      fc.constantFrom("sigmoid", "softmax"),
      fc.subarray(texts, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...optimizers),
      fc.record({
        batchSize: fc.constantFrom(60, 60, 60, 25),
        penalty: fc.boolean(),
        rates: fc.constantFrom("expected", "expected", "expected", "decided"),
        candidates: fc.constantFrom(1, 1, 1, 2),
        analysis: fc.constantFrom("conjunctive", "interval"),
        bound: fc.constantFrom("auto", "hoeffding", "student"),
      }),
      async (body, end, some, optimizer, { batchSize, ...settings }) => {
        const { plain, reads } = await callsOfTwins(body, end, some, settings, { ...optimizer, batchSize, epochs: 40 });
        if (plain < reads - 20) replayed++;
      },
    ),
    { seed: 11, numRuns: full ? 600 : 30 },
  );
  ok(replayed > 15, `${replayed}`);
});

test("replays have the same bits for numbers, clusters, other data sets, conditions and several starts", async () => {
  const data = { features, labels: features.map(([x, y]) => 2 * x - y), columns };
  const there = { features: features.map(([x, y, z]) => [z, x, y]), labels: labels.map((y) => 1 - y) };
  const table: Partial<TrainOptions<nn.Module>>[] = [
    { data, objective: "meanSquaredError", constraints: [{ text: "Mean_Squared_Error <= 9", delta: 0.1 }], bound: "student" },
    { data, objective: "meanSquaredError", constraints: [{ text: "CVaR_[0.2] <= 30", delta: 0.1 }], ranges: { CVaR: [0, 40] } },
    {
      data,
      objective: nn.meanAbsoluteError,
      constraints: [{ text: "abs((Mean_Error | [M]) - (Mean_Error | [!M])) <= 4", delta: 0.1 }],
      ranges: { Mean_Error: [-9, 9] },
    },
    { data: { features, labels, columns, clusters: labels.map((_, i) => i >> 1) } },
    { others: { there }, independent: ["there"], constraints: [{ text: "ACC - (ACC | there) >= -0.9", delta: 0.1 }] },
    { optimizer: { epochs: 60, starts: 2, finalists: 5 } },
    { constraints: [{ text: "(PR | [age == r]) >= 0.01", delta: 0.1, forEvery: { r: [30, 40, 50] } }] },
  ];
  for (const options of table) {
    const isNumber = options.data === data;
    const layers = () => [...bodies.tanh(), ...isNumber ? [new nn.Linear(4, 1)] : tail.sigmoid()];
    const asked = { optimizer: { epochs: 60 }, ...options };
    const [plain, reads] = [await logOf("plain", asked, layers()), await logOf("reads", asked, layers())];
    deepEqual(plain.steps, reads.steps, JSON.stringify(options.constraints));
    equal(plain.verdict, reads.verdict);
    // The worst rows are sorted by their values.
    const sorts = options.ranges !== undefined && "CVaR" in options.ranges;
    equal(plain.calls < reads.calls - 30, !sorts, `${JSON.stringify(options.constraints)}: ${plain.calls} of ${reads.calls}`);
  }
});

test("steps on so many rows that chains of operations are one pass have the same bits, and call the model seldom", async () => {
  const rows = 20_000, numbers = (k: number) => Array.from({ length: rows }, (_, i) => Math.sin(7.1 * i + k));
  const features = numbers(0).map((x, i) => [x, Math.cos(i), Math.sin(3 * i)]), M = numbers(3).map((x) => x > 0.2 ? 1 : 0);
  const table = [
    { objective: nn.logLoss, text: "abs((PR | [M]) - (PR | [!M])) <= 0.3", rates: "expected", end: tail.sigmoid },
    { objective: nn.logLoss, text: "(ER | [M]) <= 0.4", rates: "decided", end: tail.sigmoid },
    { objective: nn.meanSquaredError, text: "Mean_Squared_Error <= 9", end: () => [new nn.Linear(4, 1)] },
  ] as const;
  for (const { objective, text, end, ...more } of table) {
    const labels = features.map(([x, y]) => objective === nn.logLoss ? Number(x + y > 0) : 2 * x - y);
    const options: Partial<TrainOptions<nn.Module>> = {
      ...{ data: { features, labels, columns: { M } }, objective, bound: "student", candidates: 1, ...more },
      ...{ constraints: [{ text, delta: 0.1 }], optimizer: { epochs: 40, batchSize: 10_000 }, safetyFraction: 0.5 },
    };
    const layers = () => [...bodies.tanh(), ...end()];
    const [plain, reads] = [await logOf("plain", options, layers()), await logOf("reads", options, layers())];
    deepEqual(plain.steps, reads.steps, text);
    equal(plain.verdict, reads.verdict);
    ok(plain.calls < reads.calls - 20, `${text}: ${plain.calls} of ${reads.calls}`);
  }
});

test("steps on the same rows call the model seldom; random layers and running statistics call it every time", async () => {
  const of = async (body: string, batchSize: number) =>
    (await logOf("plain", { optimizer: { epochs: 200, batchSize } }, [...bodies[body](), ...tail.sigmoid()])).calls;
  const often = await of("dropout", 60);
  ok(often > 200, `${often}`);
  ok(await of("batch", 60) > 200);
  for (const body of ["linear", "tanh", "relu", "normed"]) {
    const seldom = await of(body, 60);
    ok(seldom < 40, `${body}: ${seldom}`);
  }
  for (const end of ["sigmoid", "softmax"] as const) {
    for (const surrogate of ["annealed", "straight-through"] as const) {
      const options = { rates: "decided", optimizer: { epochs: 200, surrogate } } as const;
      const { calls } = await logOf("plain", options, [...bodies.linear(), ...tail[end]()]);
      ok(calls < 60, `decisions, ${end}, ${surrogate}: ${calls}`);
    }
  }
});

test("a variable that changes is found: before any replay, or as an error with the cure", async () => {
  let weight = 1, step = 0;
  const run = (change: (step: number) => void) => {
    [weight, step] = [1, 0];
    return train({
      data: { features, labels, columns },
      model: new nn.LogisticRegression(3),
      objective: (p, y) => nn.logLoss(p, y).mul(weight),
      constraints: [{ text: "ACC >= 0.6", delta: 0.1 }],
      optimizer: { epochs: 150, patience: 1000, replay: true },
      onStep: () => change(++step),
    });
  };
  for (const [from, to] of [[20, 150], [140, 150]]) {
    await rejects(run((now) => weight = now >= from && now < to + 1 ? 2 : 1), (error: Error) => {
      match(
        error.message,
        /computes otherwise than in earlier steps.*make it a function of its inputs and parameters, or set optimizer\.replay to false/,
      );
      return true;
    });
  }
  // What changes in every step is never replayed.
  const result = await run((now) => weight = 1 + now / 100);
  equal(result.log.length, 150);
});

test("a training that ends early checks its last replays", async () => {
  let weight = 1, step = 0;
  const stop = new AbortController();
  await rejects(
    train({
      data: { features, labels, columns },
      model: new nn.LogisticRegression(3),
      objective: (p, y) => autodiff.weightedSum([nn.logLoss(p, y)], [weight]),
      constraints: [{ text: "ACC >= 0.6", delta: 0.1 }],
      optimizer: { epochs: 1000, replay: true },
      signal: stop.signal,
      onStep: () => {
        if (++step === 45) weight = 3;
        if (step === 50) stop.abort();
      },
    }),
    /computes otherwise than in earlier steps/,
  );
});
