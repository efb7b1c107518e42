import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import {
  csv,
  csvTables,
  DataSet,
  type DataSetParts,
  DataStream,
  Encoder,
  nn,
  type Rows,
  safetyTest,
  split,
  splitTables,
  type Tables,
  Tensor,
  tensor,
  train,
  verify,
} from "../../../mod.ts";
import { mersenne } from "../../../deps.ts";
import { all, encoding, open, text } from "../../helpers/jobs_file.ts";

/** A data set as a stream of new pieces of `rows` rows. */
const streamed = (data: DataSet, rows: number) =>
  DataStream.open(async function* () {
    for (const { features, labels, columns } of data.chunks(rows)) {
      yield new DataSet({
        ...(Array.isArray(features) ? { items: features } : { features }),
        labels,
        columns: Object.fromEntries(columns),
      });
    }
  });
const plain = ({ features, labels, columns }: Rows) => ({
  features: features instanceof Tensor ? features.toArray() : features,
  labels: labels.toArray(),
  columns: Object.fromEntries(Array.from(columns, ([name, values]) => [name, Array.from(values as ArrayLike<unknown>)])),
});

test("a stream has the rows of its data set, for pieces of any size and features of any kind", async () => {
  const labels = Array.from({ length: 53 }, (_, i) => i),
    columns = { M: labels.map((i) => i % 2), t: labels.map((i) => `t${i % 3}`), age: labels };
  const kinds: DataSetParts[] = [
    { features: labels.map((i) => [i, -i]) },
    { features: { image: tensor(labels.map((i) => [[i], [2 * i]])), extra: tensor(labels.map((i) => [3 * i])) } },
    { items: labels.map((i) => ({ name: `row ${i}` })) },
  ];
  for (const kind of kinds) {
    const data = new DataSet({ ...kind, labels, columns }),
      flat = (rows: Rows) => JSON.stringify(plain(rows), (_, x) => x instanceof Tensor ? x.toArray() : x);
    for (const rows of [1, 10, 53]) {
      const stream = await streamed(data, rows);
      equal(stream.size, 53);
      deepEqual((await all(stream.chunks(7))).map(flat), [...data.chunks(7)].map(flat));
      deepEqual(flat((await stream.sample(60, mersenne(1))).whole()), flat(data.whole()));
      const some = await stream.sample(20, mersenne(1));
      equal(new Set(some.labels).size, 20);
      const mixed = (await all(stream.shuffled(10, mersenne(2)))).map(({ labels }) => labels.toArray() as number[]);
      deepEqual(mixed.map(({ length }) => length), [10, 10, 10, 10, 10, 3]);
      ok(mixed.flat().join() !== labels.join());
      deepEqual(mixed.flat().sort((a, b) => a - b), labels);
    }
  }
});

test("training and testing on streams have the same results as on data sets", async () => {
  const { candidate, safety } = split(csv(text), { seed: 4 }), encoder = new Encoder(candidate, encoding);
  const data = { candidate: encoder.encode(candidate), safety: encoder.encode(safety) };
  const streams = { candidate: await streamed(data.candidate, 170), safety: await streamed(data.safety, 90) };
  const options = {
    model: new nn.Sequential(new nn.Linear(encoder.featureNames.length, 1), new nn.Sigmoid()),
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.7", delta: 0.05 }, { text: "(PR | [Cook]) <= 0.7", delta: 0.05 }],
    optimizer: { thetaRate: 0.05, epochs: 8, batchSize: 100, shuffle: false },
  };
  const [whole, pieces] = [await train({ data, ...options }), await train({ data: streams, ...options })];
  ok(whole.passed && pieces.passed, `${pieces}`);
  deepEqual(nn.save(pieces.model), nn.save(whole.model));
  deepEqual(pieces.constraints, whole.constraints);
  deepEqual(
    await safetyTest({ ...options, model: whole.model, data: streams.safety }),
    await safetyTest({ ...options, model: whole.model, data: data.safety }),
  );
  const certificate = await pieces.certificate();
  ok((await verify(certificate, pieces.model, data.safety)).valid);
  ok((await verify(certificate, pieces.model, await streamed(data.safety, 7))).valid);

  const tables: Tables = csvTables(open(), { rows: 400 }),
    parts = splitTables(tables, { seed: 1 }),
    fitted = await Encoder.fit(parts.candidate, encoding);
  const fromFile = { candidate: await fitted.stream(parts.candidate), safety: await fitted.stream(parts.safety) };
  const result = await train({
    data: fromFile,
    ...options,
    optimizer: { ...options.optimizer, shuffle: true },
    tune: { space: { inflation: [1, 2] }, folds: 3, draws: 3 },
  });
  ok(result.passed, `${result}`);
  await rejects(
    train({ data: fromFile.safety, ...options }),
    /Cannot split a stream of data here: split its tables by splitTables/,
  );
});

test("streams that change or have no rows are errors", async () => {
  let rows = 10;
  const piece = () => new DataSet({ features: Array.from({ length: rows }, (_, i) => [i]) });
  const stream = await DataStream.open(async function* () {
    yield piece();
  });
  rows = 9;
  await rejects(all(stream.chunks(4)), { message: "Cannot use a stream of data that changes: it had 10 rows, and now it has 9" });
  await rejects(DataStream.open(async function* () {}), { message: "Cannot use a stream of data without rows" });
  await rejects(
    DataStream.open(async function* () {
      yield piece();
      yield new DataSet({ features: [[1, 2]] });
    }),
    /Cannot join pieces of data: the first has .*\[1\].*, and one from row 9 on .*\[2\]/,
  );
});

/** A data set of n rows of one number, in pieces of 400, from a source that may change from pass to pass. */
const changing = (
  n: number,
  at: (pass: number, row: number) => number,
  columns: (pass: number, row: number) => number = () => 0,
) => {
  let pass = 0;
  return DataStream.open(async function* () {
    const now = pass++;
    for (let start = 0; start < n; start += 400) {
      const rows = Array.from({ length: Math.min(400, n - start) }, (_, i) => start + i);
      yield await Promise.resolve(
        new DataSet({ features: rows.map((row) => [at(now, row)]), columns: { M: rows.map((row) => columns(now, row)) } }),
      );
    }
  });
};

test("a stream that does not repeat its rows in order at every pass is refused, and the error says where it changes", async () => {
  const n = 3210, random = mersenne(1), read = async (stream: DataStream) => void await all(stream.chunks(50));
  const same = await changing(n, (_, row) => row);
  for (
    const again of [() => read(same), () => same.sample(9, random), () => all(same.shuffled(100, random))]
  ) await again();
  const since = (from: number, to: number) => ({
    name: "RangeError",
    message:
      `Cannot use a stream of data that changes: between row ${from} and row ${to} it is not what it was at the first pass; wanted ` +
      "the same rows in the same order at each pass, so give a source that does not shuffle or draw anew (training shuffles by itself)",
  });
  // Two rows swap; a value changes slightly; a column changes; the last row changes.
  const swapped = (pass: number, row: number) => pass === 0 || row < 2100 || row > 2101 ? row : 4201 - row;
  const kinds: [() => Promise<DataStream>, number, number][] = [
    [() => changing(n, swapped), 2000, 2999],
    [() => changing(n, (pass, row) => row + (pass > 0 && row === 5 ? 2 ** -10 : 0)), 0, 999],
    [() => changing(n, (_, row) => row, (pass, row) => pass > 0 && row === 1000 ? 1 : 0), 1000, 1999],
    [() => changing(n, (pass, row) => row === n - 1 ? pass : row), 3000, 3209],
  ];
  for (const [open, from, to] of kinds) {
    for (
      const again of [
        read,
        (stream: DataStream) => stream.sample(n, random),
        (stream: DataStream) => all(stream.shuffled(100, random)),
      ]
    ) await rejects(Promise.resolve(again(await open())), since(from, to));
  }
  // A source that shuffles at every pass is refused.
  const shuffled = new DataSet({ features: Array.from({ length: n }, (_, i) => [i]) });
  let seed = 0;
  const stream = await DataStream.open(async function* () {
    for (const rows of shuffled.shuffled(500, mersenne(seed++))) {
      yield await Promise.resolve(new DataSet({ features: rows.features }));
    }
  });
  await rejects(read(stream), since(0, 999));
});

test("a stream may cut its pieces differently at each pass", async () => {
  let pass = 0;
  const data = new DataSet({ features: Array.from({ length: 2500 }, (_, i) => [i]) });
  const stream = await DataStream.open(async function* () {
    for (const { features } of data.chunks([700, 333, 2500, 1][pass++])) yield await Promise.resolve(new DataSet({ features }));
  });
  for (let again = 0; again < 3; again++) equal((await all(stream.chunks(1000))).length, 3);
});
