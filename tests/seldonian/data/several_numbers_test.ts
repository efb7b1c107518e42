import { deepEqual, equal, match, notEqual, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, type DataSetParts, DataStream, type Measure, nn, split, Tensor, tensor, train } from "../../../mod.ts";
import { digestOf } from "../../../seldonian/data/digest.ts";
import { fc } from "../../deps.ts";

const size = 400, features = Array.from({ length: size }, (_, i) => [(i * 7919 % size) / 200 - 1]);

/** Three rewards per row, all in [0, 1]. */
const rewards = Tensor.from(Float64Array.from({ length: 3 * size }, (_, i) => (i * 31 % 97) / 97), [size, 3]);
const model = new nn.LogisticRegression(1), labels = features.map(([x]) => x > 0 ? 1 : 0);

/** The return of a row: the sum over its steps. */
const Return: Measure = {
  name: "Return",
  task: "custom",
  indices: 0,
  range: [0, 3],
  values: ({ arrays }) => arrays.get("rewards")!.sum(1),
};
const Sum: Measure = {
  ...Return,
  name: "Sum",
  values: ({ columns }) => tensor(Array.from(columns.get("total") as Float64Array)),
};
const total = Array.from({ length: size }, (_, i) => rewards.slice(0, i, i + 1).sum().data[0]);

test("a measure of several numbers per row has the same mean as a measure of their sum", async () => {
  const trained = async (name: string, measure: Measure, columns: DataSetParts["columns"]) =>
    await train({
      data: { features, labels, columns },
      model,
      objective: nn.logLoss,
      constraints: [{ text: `${name} >= 1`, delta: 0.05 }],
      measures: [measure],
      optimizer: { epochs: 3 },
    });
  const [one, other] = [await trained("Return", Return, { rewards }), await trained("Sum", Sum, { total })];
  ok(one.passed && other.passed);
  const [a, b] = [one, other].map(({ constraints: [{ leaves: [{ mean }] }] }) => mean);
  ok(Math.abs(a - b) < 1e-6, `${a} ${b}`);
});

test("several numbers stay with their rows in parts, splits, chunks and streams", async () => {
  const data = new DataSet({ features, labels, columns: { rewards, total } });
  const sums = (given: DataSet) => Array.from(given.arrays.get("rewards")!.sum(1).data);
  fc.assert(fc.property(fc.array(fc.nat(size - 1), { maxLength: 9 }), (rows) => {
    deepEqual(sums(data.take(rows)), rows.map((row) => total[row]));
  }));
  for (const part of Object.values(split(data, { seed: 4 }))) {
    deepEqual(sums(part), [...part.columns.get("total") as Float64Array]);
  }
  const pieces = [data.take([0, 1, 2]), data.take([3, 4])];
  const stream = await DataStream.open(async function* () {
    yield* pieces;
  });
  for await (const { columns } of stream.chunks(4)) {
    deepEqual((columns.get("rewards") as Tensor).sum(1).toArray(), [...columns.get("total") as Float64Array]);
  }
});

test("each of several numbers changes the row's key and the data's digest", async () => {
  const changed = rewards.clone();
  changed.data[5] += 1e-9;
  const [a, b] = [rewards, changed].map((one) => new DataSet({ features, labels, columns: { rewards: one } }));
  const differ = Array.from({ length: size }, (_, row) => row).filter((row) => a.rowKeys()[2 * row] !== b.rowKeys()[2 * row]);
  deepEqual(differ, [1]);
  notEqual(await digestOf(a), await digestOf(b));
  equal(
    await digestOf(a),
    await digestOf(new DataSet({ features, labels, columns: { rewards: rewards.toArray() as number[][] } })),
  );
});

test("several numbers where one is wanted are an error that names the column", async () => {
  const data = { features, labels, columns: { rewards } };
  const asked = { data, model, objective: nn.logLoss, constraints: [{ text: "(ACC | [rewards > 0.5]) >= 0.1", delta: 0.05 }] };
  await rejects(train(asked), (error: Error) => {
    match(error.message, /column "rewards" has 3 numbers a row, and a condition compares one/);
    return true;
  });
  throws(() => new DataSet({ ...data, exclusive: [["rewards"]] }), /rewards has several numbers a row; wanted 0 or 1/);
  throws(() => new DataSet({ features, labels, columns: { rewards: rewards.slice(0, 1) } }), /400 rows, and rewards 399/);
  throws(
    () => new DataSet({ features, labels, columns: { rewards: features.map((_, i) => [0, i === 7 ? NaN : 1]) } }),
    /Cannot use NaN in column rewards: row 7 must have finite numbers/,
  );
  throws(
    () => new DataSet({ features, labels, columns: { rewards: features.map((_, i) => i === 7 ? [1] : [1, 2]) } }),
    /Cannot use column rewards: wanted as many numbers in each row \(.*\[7\] should have shape \[2\]/,
  );
});
