import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, type OptimizerOptions, selectCandidate, type Selection, type SelectionOptions } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { errorOf, loose } from "../../helpers/misspelt.ts";

const n = 240, rows = Array.from({ length: n }, (_, i) => i);
/** Evenly spread values in [-1, 1), in no order. */
const spread = (k: number) => rows.map((i) => 2 * ((i + 1) * (0.618 + 0.11 * k) % 1) - 1);
const [a, b, c] = [1, 2, 3].map(spread), features = rows.map((i) => [a[i], b[i], c[i]]), M = a.map((x) => x > 0.1 ? 1 : 0);
const groups = { columns: { M, F: M.map((m) => 1 - m) }, exclusive: [["M", "F"]] };
const classes = new DataSet({ features, labels: rows.map((i) => 2 * a[i] + b[i] + 2 * spread(4)[i] > 0 ? 1 : 0), ...groups });
const amounts = new DataSet({ features, labels: rows.map((i) => 3 + a[i] + b[i] + spread(5)[i]), ...groups });
const promise = (text: string) => ({ constraints: [{ text, delta: 0.05 }] });
const fair = promise("abs((PR | [M]) - (PR | [F])) <= 0.35"), impossible = promise("abs((PR | [M]) - (PR | [F])) <= 0.01");
const loan = { data: classes, model: new nn.LogisticRegression(3), objective: nn.logLoss, ...fair, safetyRows: 400 };
const grade: SelectionOptions = {
  data: amounts,
  model: new nn.LinearRegression(3),
  objective: nn.meanSquaredError,
  ...promise("abs((Mean_Error | [M]) - (Mean_Error | [F])) <= 0.5"),
  bound: "student",
  safetyRows: 400,
};
const select = (optimizer: OptimizerOptions, more: Partial<SelectionOptions> = {}) =>
  selectCandidate<nn.Module>({ ...loan, optimizer, ...more });
const bitsOf = ({ log, candidates }: Selection<nn.Module>) => [log, candidates.map(({ model }) => nn.save(model))];

test("small and smooth problems are trained by BFGS by default, in the same steps as by its name, twice to the bit", async () => {
  for (const more of [loan, grade, { ...loan, model: new nn.LogisticRegression(3, 2), candidates: 3 }]) {
    const found = await select({}, more), named = await select({ name: "bfgs", regularization: 0.5 / n, epochs: 1000 }, more);
    ok(found.log.length < 250, `${found.log.length} steps`);
    deepEqual(bitsOf(named), bitsOf(found));
    deepEqual(bitsOf(await select({}, more)), bitsOf(found));
    const other = await select({ regularization: 0, inflation: 1, finalists: 2, starts: 2 }, more);
    ok(other.log.length < 500, `${other.log.length} steps`);
  }
});

test("gradients on all rows plan with inflation 4 for four candidates by default, batches and searches with 2 for one", async () => {
  const table: [OptimizerOptions, inflation: number, candidates: number][] = [
    [{}, 4, 4],
    [{ name: "adam", epochs: 100, thetaRate: 0.1 }, 4, 4],
    [{ name: "sgd", epochs: 100 }, 4, 4],
    [{ epochs: 2, batchSize: 100 }, 2, 1],
    [{ name: "nelder-mead", epochs: 50 }, 2, 1],
  ];
  for (const more of [loan, grade]) {
    for (const [optimizer, inflation, candidates] of table) {
      const stated = await select({ ...optimizer, inflation }, { ...more, candidates });
      deepEqual(bitsOf(await select(optimizer, more)), bitsOf(stated));
    }
  }
});

test("each of several candidates is about as good as one trained for its share of the inflation alone", async () => {
  const parity = promise("abs((PR | [M]) - (PR | [F])) <= 0.2"), regularization = 0.01, count = 3;
  const adam = { name: "adam", thetaRate: 0.05, lambdaRate: 0.05, epochs: 1500 } as const;
  for (const [optimizer, close] of [[{ name: "bfgs" }, 0.002], [adam, 0.01]] as const) {
    const { candidates } = await select({ ...optimizer, regularization, inflation: 6 }, { ...parity, candidates: count });
    equal(candidates.length, count);
    for (const [i, { objective }] of candidates.entries()) {
      const inflation = 6 * (count - i) / count;
      const { candidates: [alone] } = await select({ ...optimizer, regularization, inflation }, { ...parity, candidates: 1 });
      ok(Math.abs(objective - alone.objective) < close, `${optimizer.name}, ${inflation}: ${objective} and ${alone.objective}`);
    }
    ok(candidates[0].objective - candidates[2].objective > 4 * close);
  }
});

test("the safest of several candidates is the one that would be alone", async () => {
  const few = a.map((x) => Number(x > 0.7)), columns = { M: few, F: few.map((m) => 1 - m) };
  const rare = new DataSet({ features, labels: classes.labels, columns, exclusive: [["M", "F"]] });
  for (
    const [text, inflation] of [["abs((PR | [M]) - (PR | [F])) <= 0.1", 3], ["(TPR | [F]) - (TPR | [M]) <= 0.1", 2]] as const
  ) {
    for (let draw = 0; draw < 3; draw++) {
      const data = rare.take(Array.from({ length: 200 }, (_, i) => (7 * i + 31 * draw) % n));
      const [[alone], [safest]] = await Promise.all(
        [1, 5].map(async (candidates) =>
          bitsOf(await select({ inflation }, { ...promise(text), data, safetyRows: 200, candidates }))[1] as Uint8Array[]
        ),
      );
      deepEqual(safest, alone);
    }
  }
});

test("what BFGS is not known to do well is trained by gradient descent, and so is what has options of it", async () => {
  const epochs = 300, wide = features.map(() => Array.from({ length: 1001 }, (_, i) => Math.sin(i)));
  const table: [optimizer: OptimizerOptions, more?: object][] = [
    ...[{ thetaRate: 0.01 }, { batchSize: n }, { lambda: 0 }, { dual: "ascent" as const }, { shuffle: false }, { replay: false }]
      .map((optimizer): [OptimizerOptions] => [optimizer]),
    [{ name: "adam" }],
    [{ name: "sgd" }],
    [{}, { rates: "decided" }],
    [{}, { analysis: "interval" }],
    [{}, promise("min((PR | [M]), (PR | [F])) <= 0.9")],
    [{}, { penalty: (model: nn.Sequential) => (model[0] as nn.Linear).weight.square().sum() }],
    [{}, { objective: (...[p, y]: Parameters<nn.Loss>) => nn.logLoss(p, y) }],
    [{}, { ...grade, objective: nn.meanAbsoluteError }],
    [{}, { ...grade, ...promise("CVaR_[0.1] <= 90"), bound: "auto", ranges: { CVaR: [0, 100] } }],
    [{}, { model: new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 1), new nn.Sigmoid()) }],
    [{}, { model: new nn.Sequential(new nn.Linear(3, 1), new nn.ReLU(), new nn.Sigmoid()) }],
    [{}, {
      data: new DataSet({ features: wide, labels: Array.from(classes.labels), ...groups }),
      model: new nn.LogisticRegression(1001),
    }],
  ];
  for (const [i, [optimizer, more]] of table.entries()) {
    equal((await select(loose({ epochs, ...optimizer }), loose(more ?? {}))).log.length, epochs, `${i}`);
  }
});

test("BFGS and gradient descent find the same optimum of random problems with a limit that binds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0.25, max: 0.4, noNaN: true }), async (shift, limit) => {
      const data = new DataSet({
        features,
        labels: rows.map((i) => 2 * a[i] + b[i] * Math.sin(shift) + 2 * Math.sin(7.1 * i + shift) > 0 ? 1 : 0),
        ...groups,
      });
      const problem = { data, ...promise(`abs((PR | [M]) - (PR | [F])) <= ${limit}`) }, regularization = 0.01;
      const slow = { name: "adam", thetaRate: 0.02, lambdaRate: 0.05, epochs: 1500, schedule: "cosine", regularization } as const;
      const [{ candidates: [quick], log }, { candidates: [exact] }] = [
        await select({ regularization, inflation: 2 }, { ...problem, candidates: 1 }),
        await select({ ...slow, inflation: 2 }, { ...problem, candidates: 1 }),
      ];
      ok(Math.abs(quick.objective - exact.objective) < 2e-3, `${quick.objective} and ${exact.objective}`);
      ok(log.length < 300, `${log.length} steps`);
    }),
    { seed: 5, numRuns: 6 },
  );
});

test("BFGS ends when multipliers have nothing to gain, and where no parameters keep a promise", async () => {
  const regularization = 0.01;
  for (const [more, most] of [[fair, 200], [impossible, 500]] as const) {
    const { log } = await select({ name: "bfgs", regularization }, more);
    ok(log.length < most, `${log.length} steps`);
    ok(log.every(({ lambda }) => lambda[0] < 1e6), `${log.at(-1)!.lambda}`);
  }
});

test("classes that a line separates leave default parameters small", async () => {
  const data = new DataSet({ features, labels: a.map((x) => x > 0 ? 1 : 0), ...groups }), loose = promise("ACC >= 0.5");
  const size = async (optimizer: OptimizerOptions) => {
    const { candidates: [{ model }] } = await select(optimizer, { data, ...loose });
    return Math.max(...[...nn.namedParameters(model).values()].flatMap(({ data }) => Array.from(data, Math.abs)));
  };
  const [chosen, free] = [await size({}), await size({ regularization: 0 })];
  ok(chosen < 20 && free > 2 * chosen, `${chosen} and ${free}`);
});

test("wrong options of the optimizer are named, whatever it would be by default", async () => {
  const message = async (optimizer: object) => (await errorOf(() => select(loose(optimizer))))!.message;
  equal(
    await message({ name: "newton" }),
    'Cannot train: optimizer.name is "newton"; wanted "adam", "sgd", "bfgs", "cma-es", "nelder-mead" or "powell"',
  );
  deepEqual((await message({ regularization: -1 })).slice(0, 44), "Cannot train: optimizer.regularization is -1");
});
