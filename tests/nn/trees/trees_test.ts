import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, Tensor, tensor, train } from "../../../mod.ts";
import { fc } from "../../deps.ts";

/** Few different values, so that ties are common. */
const rowsOf = (classes: number) =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }), fc.nat(classes - 1)), {
    minLength: 2,
    maxLength: 40,
  });

/** How often each label occurs. */
function countsOf(labels: number[]): number[] {
  const counts = new Map<number, number>();
  for (const y of labels) counts.set(y, (counts.get(y) ?? 0) + 1);
  return [...counts.values()];
}

/** n (1 - Σ p²). */
function gini(labels: number[]): number {
  return labels.length - countsOf(labels).reduce((sum, count) => sum + count * count, 0) / Math.max(1, labels.length);
}

/** -n Σ p ln p. */
function entropy(labels: number[]): number {
  return countsOf(labels).reduce((sum, count) => sum - count * Math.log(count / labels.length), 0);
}

/** n times the variance. */
function squaredError(labels: number[]): number {
  const mean = labels.reduce((sum, y) => sum + y, 0) / Math.max(1, labels.length);
  return labels.reduce((sum, y) => sum + (y - mean) ** 2, 0);
}

const impurities: [options: nn.TreeOptions, impurity: (labels: number[]) => number][] = [
  [{ classes: 3 }, gini],
  [{ classes: 3, criterion: "gini" }, gini],
  [{ classes: 3, criterion: "entropy" }, entropy],
  [{ classes: 3, criterion: "log_loss" }, entropy],
  [{ classes: "regression" }, squaredError],
  [{ classes: "regression", criterion: "squared_error" }, squaredError],
];

test("each split is the best of those that leave enough rows on both sides", () =>
  fc.assert(
    fc.property(
      rowsOf(3),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(...impurities),
      (rows, minLeaf, [options, impurity]) => {
        const features = tensor(rows.map(([a, b]) => [a, b])), labels = rows.map(([, , y]) => y);
        const stump = nn.DecisionTree.grow({ features, labels }, { ...options, maxDepth: 1, minLeaf });
        let least = impurity(labels);
        for (const feature of [0, 1]) {
          for (let t = 0; t < 5; t++) {
            const sides = [true, false].map((low) => rows.filter((row) => (row[feature] <= t) === low).map(([, , y]) => y));
            if (sides.every(({ length }) => length >= minLeaf)) least = Math.min(least, impurity(sides[0]) + impurity(sides[1]));
          }
        }
        const leaf = stump.leafOf(features).data, parts = [0, 1].map((k) => labels.filter((_, i) => leaf[i] === k));
        ok(
          Math.abs(impurity(parts[0]) + impurity(parts[1]) - least) < 1e-9,
          `${impurity(parts[0]) + impurity(parts[1])}, and ${least} is possible`,
        );
        ok(parts.every(({ length }) => length === 0 || length >= Math.min(minLeaf, rows.length)));
      },
    ),
    { seed: 1, numRuns: 400 },
  ));

test("a forest's criterion reaches its trees; log_loss is another name for entropy", () => {
  const features = Tensor.from(Float32Array.from({ length: 800 }, (_, i) => Math.sin(7.1 * i)), [200, 4]);
  const labels = Array.from({ length: 200 }, (_, i) => Math.sin(3 * i) + features.data[4 * i] > 0.6 ? 1 : 0);
  const grown = (criterion?: nn.TreeOptions["criterion"]) =>
    nn.save(nn.RandomForest.grow({ features, labels }, { trees: 3, criterion }));
  deepEqual(grown("gini"), grown());
  deepEqual(grown("log_loss"), grown("entropy"));
  ok(`${grown("entropy")}` !== `${grown()}`);
  // An undefined option is the same as an absent one.
  deepEqual(nn.save(nn.RandomForest.grow({ features, labels }, { trees: 3, featuresASplit: undefined })), grown());
});

test("an unknown option, or a wrong value of one, is an error that lists the valid ones", () => {
  const data = { features: tensor([[1], [2], [3], [4]]), labels: [0, 0, 1, 1] };
  const ofTrees = "classes, criterion, maxDepth, minLeaf, featuresASplit, seed",
    whole = (least: number) => `a whole number from ${least}`;
  const criteria = '"gini" (default), "entropy" or "log_loss" of classes, or "squared_error" of numbers';
  const table: [options: Record<string, unknown>, why: string, name?: string][] = [
    [{ max_depth: 3 }, 'there is no option "max_depth"; the nearest is "maxDepth"', "TypeError"],
    [{ pruning: 3 }, `there is no option "pruning"; wanted some of ${ofTrees}`, "TypeError"],
    [{ criterion: "friedman_mse" }, `criterion is "friedman_mse"; wanted ${criteria}`],
    [{ criterion: "squared_error" }, `criterion is "squared_error"; wanted ${criteria}`],
    [{ criterion: "gini", classes: "regression" }, `criterion is "gini"; wanted ${criteria}`],
    [{ classes: 1 }, 'classes is 1; wanted a whole number from 2, or "regression"'],
    [{ classes: "numbers" }, 'classes is "numbers"; wanted a whole number from 2, or "regression"'],
    [{ maxDepth: -1 }, `maxDepth is -1; wanted ${whole(0)}, or Infinity`],
    [{ maxDepth: null }, `maxDepth is null; wanted ${whole(0)}, or Infinity`, "TypeError"],
    [{ minLeaf: 0.1 }, `minLeaf is 0.1; wanted ${whole(1)}`],
    [{ featuresASplit: "sqrt" }, `featuresASplit is "sqrt"; wanted ${whole(1)}`, "TypeError"],
    [{ seed: NaN }, "seed is NaN; wanted a whole number"],
  ];
  for (const [options, why, name = "RangeError"] of table) {
    throws(() => nn.DecisionTree.grow(data, options), { name, message: `Cannot grow a tree: ${why}` });
    const ofForests = why.replace(ofTrees, `${ofTrees}, trees`);
    throws(() => nn.RandomForest.grow(data, options), { name, message: `Cannot grow a forest: ${ofForests}` });
  }
  throws(() => nn.DecisionTree.grow(data, { trees: 3 } as never), {
    message: `Cannot grow a tree: there is no option "trees"; wanted some of ${ofTrees}`,
  });
  throws(() => nn.RandomForest.grow(data, { trees: 0 }), { message: `Cannot grow a forest: trees is 0; wanted ${whole(1)}` });
  nn.RandomForest.grow(data, { maxDepth: Infinity, featuresASplit: undefined, seed: -3, trees: 2 });
});

test("a deep tree separates all rows that differ, and its leaves start with the smoothed rate of their rows", () =>
  fc.assert(
    fc.property(rowsOf(2), (rows) => {
      const features = tensor(rows.map(([a, b]) => [a, b])), labels = rows.map(([a, b]) => (a * 7 + b * 3) % 2);
      const tree = nn.DecisionTree.grow({ features, labels }, { maxDepth: 40, minLeaf: 1 }), p = tree.forward(features).data;
      labels.forEach((y, i) => ok((p[i] > 0.5) === (y === 1)));
      const leaf = tree.leafOf(features).data;
      const [n, ones] = [
        leaf.filter((k) => k === leaf[0]).length,
        labels.filter((y, i) => y === 1 && leaf[i] === leaf[0]).length,
      ];
      ok(Math.abs(p[0] - (ones + 1) / (n + 2)) < 1e-6);
    }),
    { seed: 2 },
  ));

test("a regression tree predicts the means of the split with the least squared error", () => {
  const features = tensor([[1], [2], [3], [10], [11], [12]]), labels = [1, 2, 3, 10, 10, 16];
  const tree = nn.DecisionTree.grow({ features, labels }, { classes: "regression", maxDepth: 1, minLeaf: 1 });
  deepEqual(tree.forward(features).toArray(), [[2], [2], [2], [12], [12], [12]]);
});

test("the same seed grows the same forest, and a file keeps its structure", () => {
  const features = Tensor.from(Float32Array.from({ length: 400 }, (_, i) => Math.sin(7.1 * i)), [100, 4]);
  const labels = Array.from({ length: 100 }, (_, i) => features.data[4 * i] + features.data[4 * i + 1] > 0 ? 1 : 0);
  const forest = nn.RandomForest.grow({ features, labels }, { trees: 5, seed: 3 }), bytes = nn.save(forest);
  deepEqual(nn.save(nn.RandomForest.grow({ features, labels }, { trees: 5, seed: 3 })), bytes);
  ok(nn.save(nn.RandomForest.grow({ features, labels }, { trees: 5, seed: 4 })).some((byte, i) => byte !== bytes[i]));
  const sizes = forest.trees.map(({ feature, leaf }) => ({ nodes: feature.size, leaves: leaf.shape[0], classes: 2 }));
  const again = nn.load(new nn.RandomForest(sizes), bytes);
  deepEqual(again.forward(features).data, forest.forward(features).data);
  equal(nn.flatParameters(forest).theta.length, sizes.reduce((sum, { leaves }) => sum + leaves, 0));
  throws(() => forest.forward(tensor([[1]])), /Cannot send features of shape \[1, 1\] through the tree/);
  throws(() => nn.DecisionTree.grow({ features, labels: labels.map(() => 2) }), /label 2 of row 0 is not a class from 0 to 1/);
  throws(() => nn.DecisionTree.grow({ features, labels: [1] }), /features of shape \[100, 4\] and 1 labels/);
});

test("leaves learn to keep a promise that the grown tree breaks", async () => {
  const features = Array.from({ length: 1600 }, (_, i) => [Math.sin(7.1 * i), Math.cos(3.3 * i), i % 2]);
  // Members of M are positive more often than their features say.
  const labels = features.map(([x, , m], i) => x > 0 || (m === 1 && i % 4 === 1) ? 1 : 0), M = features.map(([, , m]) => m);
  const grown = { features: tensor(features), labels };
  for (const model of [nn.DecisionTree.grow(grown), nn.RandomForest.grow(grown, { trees: 10 })]) {
    const gap = (model: nn.Module) => {
      const p = Float64Array.from(model.forward(grown.features).data);
      const mean = (m: number) => p.reduce((sum, p, i) => M[i] === m ? sum + p / 800 : sum, 0);
      return Math.abs(mean(1) - mean(0));
    };
    ok(gap(model) > 0.2);
    const result = await train({
      data: { features, labels, columns: { M, F: M.map((m) => 1 - m) }, exclusive: [["M", "F"]] },
      model,
      objective: nn.logLoss,
      constraints: [{ text: "abs((PR | [M]) - (PR | [F])) <= 0.15", delta: 0.05 }, { text: "ACC >= 0.6", delta: 0.05 }],
      optimizer: { thetaRate: 0.03, lambdaRate: 0.1, epochs: 400, inflation: 3 },
    });
    ok(result.passed && gap(result.model) < 0.15, `${result}`);
    const structure = (of: nn.Module) =>
      [...nn.namedParameters(of)].flatMap(([name, { data }]) => /leaf$/.test(name) ? [] : [...data]);
    deepEqual(structure(result.model), structure(model));
  }
});
