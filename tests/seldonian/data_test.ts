import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, split, tensor } from "../../mod.ts";
import { fc } from "../deps.ts";

const rows = (n: number) => Array.from({ length: n }, (_, i) => [i, -i]);
const numbered = (n: number) =>
  new DataSet({ features: rows(n), labels: rows(n).map(([i]) => i), columns: { M: rows(n).map(([i]) => i % 2) } });

test("split() puts every row in one part, with round((1 - fraction) rows) in the first; the same seed, the same split", () =>
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 60 }), fc.integer({ min: 20, max: 80 }), fc.integer(), (n, percent, seed) => {
      const data = numbered(n), options = { safetyFraction: percent / 100, seed };
      const { candidate, safety } = split(data, options);
      equal(candidate.size, Math.round(n * (1 - percent / 100)));
      deepEqual([...candidate.labels, ...safety.labels].sort((a, b) => a - b), rows(n).map(([i]) => i));
      deepEqual(split(data, options).safety.labels, safety.labels);
      ok(candidate.labels.every((label, place) => {
        const { features, labels, columns } = candidate.at([place]);
        return labels.value === label && features.data[0] === label && features.data[1] === -label &&
          columns.get("M")![0] === label % 2;
      }));
    }),
    { seed: 7 },
  ));

test("split() shuffles, unless it is told not to", () => {
  const data = numbered(100);
  deepEqual(split(data, { shuffle: false }).candidate.labels, Float64Array.from({ length: 50 }, (_, i) => i));
  ok(split(data).candidate.labels.some((label, i) => label !== i));
  ok(split(data, { seed: 1 }).candidate.labels.some((label, i) => label !== split(data, { seed: 2 }).candidate.labels[i]));
});

test("a part of a part has the rows of the whole", () => {
  const part = new DataSet(new DataSet(numbered(10), [9, 5, 7]), [2, 0]);
  deepEqual([...part.labels], [7, 9]);
  deepEqual([...part.chunks(1)].map(({ features }) => features.toArray()), [[[7, -7]], [[9, -9]]]);
  deepEqual([...part.columns.get("M")!], [1, 1]);
});

test("data that cannot be used is named by row and column", () => {
  const features = rows(3);
  const table: [() => unknown, string][] = [
    [() => new DataSet({ features, labels: [0, 1] }), "Cannot make a data set: features have 3 rows, and labels 2"],
    [
      () => new DataSet({ features, labels: [0, 1, 0], columns: { M: [1] } }),
      "Cannot make a data set: features have 3 rows, and M 1",
    ],
    [
      () => new DataSet({ features: [[0, 1], [2, NaN]], labels: [0, 1] }),
      "Cannot use NaN as a feature: row 1, column 1 must be a finite number",
    ],
    [
      () => new DataSet({ features: tensor(Float64Array.of(0, 1, 2, 3, 4, Infinity, 6, 7), [2, 2, 2]), labels: [0, 1] }),
      "Cannot use Infinity as a feature: row 1, column [0, 1] must be a finite number",
    ],
    [() => new DataSet({ features, labels: [0, NaN, 1] }), "Cannot use NaN in labels: row 1 must be a finite number"],
    [
      () => new DataSet({ features, labels: [0, 1, 1], columns: { job: ["a", 3, "b"] as string[] } }),
      "Cannot use 3 in column job: row 1 must be a text, as others are",
    ],
    [
      () => new DataSet({ features: { x: tensor([[1], [2]]), z: tensor([[1]]) } }),
      'Cannot make a data set: the features "x" have 2 rows, and "z" 1',
    ],
    [() => new DataSet({ labels: [1] }), "Cannot make a data set of nothing: give features, or items"],
    [() => new DataSet({ features, items: [1] }), "Cannot make a data set of both features and items: give one of them"],
    [() => new DataSet({ items: ["a"], labels: [0, 1] }), "Cannot make a data set: there are 1 items, and labels 2"],
    [
      () => new DataSet({ features: tensor([1, 2, 3]), labels: [0, 1, 1] }),
      "Cannot use features of shape [3]: wanted [rows, …], as in x.reshape(rows, 1)",
    ],
    [() => numbered(3).at([3]), "Cannot take row 3: the data set has 3 rows"],
    [() => split(numbered(3), { safetyFraction: 1 }), "Cannot split data with safetyFraction 1: wanted a number between 0 and 1"],
    [() => split(numbered(1)), "Cannot split 1 rows with safetyFraction 0.5: one part would be empty"],
  ];
  for (const [act, message] of table) throws(act, { message });
});
