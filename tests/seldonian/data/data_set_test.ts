import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import {
  type Cell,
  type Column,
  DataSet,
  DataStream,
  Encoder,
  type Encoding,
  split,
  Table,
  Tensor,
  tensor,
} from "../../../mod.ts";
import { mersenne } from "../../../deps.ts";
import { fc } from "../../deps.ts";

const rows = (n: number) => Array.from({ length: n }, (_, i) => [i, -i]);
const numbered = (n: number) =>
  new DataSet({ features: rows(n), labels: rows(n).map(([i]) => i), columns: { M: rows(n).map(([i]) => i % 2) } });

test("split() puts every row in one part, round((1 - fraction) rows) in the first; the same seed gives the same split", () =>
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
          (columns.get("M") as Uint8Array)[0] === label % 2;
      }));
    }),
    { seed: 7 },
  ));

test("split() shuffles unless shuffle is false", () => {
  const data = numbered(100);
  deepEqual(split(data, { shuffle: false }).candidate.labels, Float64Array.from({ length: 50 }, (_, i) => i));
  ok(split(data).candidate.labels.some((label, i) => label !== i));
  ok(split(data, { seed: 1 }).candidate.labels.some((label, i) => label !== split(data, { seed: 2 }).candidate.labels[i]));
});

test("a part of a part has the right rows of the whole", () => {
  const part = new DataSet(new DataSet(numbered(10), [9, 5, 7]), [2, 0]);
  deepEqual([...part.labels], [7, 9]);
  deepEqual([...part.chunks(1)].map(({ features }) => features.toArray()), [[[7, -7]], [[9, -9]]]);
  deepEqual([...part.columns.get("M")!], [1, 1]);
});

test("errors for unusable data name row and column", () => {
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

test("float32 columns become the shortest decimals with the same float32", () => {
  const written = fc.oneof(
    fc.tuple(fc.integer({ min: -99999, max: 99999 }), fc.integer({ min: -30, max: 30 })).map(([digits, power]) =>
      Number(`${digits}e${power}`)
    ),
    fc.constantFrom(0.1, 0.3, 1 / 3, 1e-40, 3.4e38, 16777217, -0.7, 123456.7),
  );
  fc.assert(
    fc.property(fc.array(written, { minLength: 1 }), (values) => {
      const single = Float32Array.from(values),
        features = values.map(() => [0]),
        kept = (column: Column) =>
          Array.from(new DataSet({ features, columns: { s: column } }).columns.get("s")! as Float64Array);
      // A float32 distinguishes more than five digits.
      const wanted = values.map((value, i) =>
        Number.isInteger(single[i]) ? single[i] : Number(`${value}`.length < 12 ? value : NaN)
      );
      for (const found of [kept(single), kept(Tensor.from(single)), [...new Table({ s: single }).numbers("s")]]) {
        found.forEach((value, i) => {
          equal(Math.fround(value), single[i]);
          if (!Number.isNaN(wanted[i]) && Math.abs(single[i]) > 1.2e-38) equal(value, wanted[i]);
        });
      }
      deepEqual(kept(Float64Array.from(single)), [...single].map(Number));
    }),
    { seed: 8, numRuns: 1000 },
  );
  // As JavaScript prints doubles: no decimal with fewer digits gives the same float32.
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const [found] = new DataSet({ features: [[0]], columns: { s: Float32Array.of(value) } }).columns.get("s")! as Float64Array;
      if (Number.isInteger(value)) return equal(found, value);
      const digits = found.toExponential().replace(/e.*|[-.]/g, "").length;
      equal(Math.fround(found), value);
      for (let fewer = 1; fewer < digits; fewer++) {
        ok(Math.fround(Number(value.toPrecision(fewer))) !== value, `${value}: ${found}`);
      }
    }),
    { seed: 9, numRuns: 2000 },
  );
});

test("exclusive columns are checked on every row, and parts keep them", async () => {
  const features = [[0], [1], [2]], columns = { M: [1, 0, 0], F: [0, 1, 0], X: [0, 1, 0], age: [1, 2, 3], job: ["a", "b", "c"] };
  const made = (exclusive: string[][]) => new DataSet({ features, columns, exclusive }), data = made([["M", "F"], ["M", "X"]]);
  deepEqual(data.take([2, 0]).exclusive, [["M", "F"], ["M", "X"]]);
  deepEqual(new DataSet({ features }).exclusive, []);
  const what = (names: string) => `Cannot use ${names} as exclusive columns: `;
  const table: [string[], string][] = [
    [["M", "F", "X"], what("M, F, X") + "row 1 has both F and X; leave them out of `exclusive`"],
    [["M", "W"], what("M, W") + "there is no column W; there are M, F, X, age, job"],
    [["M", "age"], what("M, age") + "age is 2 in row 1; wanted 0 or 1"],
    [["job", "M"], what("job, M") + "job is a in row 0; wanted 0 or 1"],
    [["M", "M"], what("M, M") + "M is named twice"],
  ];
  for (const [names, message] of table) throws(() => made([names]), { name: "RangeError", message });
  const stream = (second: DataSet) =>
    DataStream.open(async function* () {
      yield await Promise.resolve(data);
      yield second;
    });
  const joined = await stream(data.take([0]));
  deepEqual(joined.exclusive, data.exclusive);
  deepEqual((await joined.sample(2, mersenne(1))).exclusive, data.exclusive);
  await rejects(
    stream(made([["M", "F"]])),
    /^RangeError: Cannot join pieces of data: the first has .*"exclusive":\[\["M","F"\],\["M","X"\]\]/,
  );
});

test("groups of one column are exclusive if they share no value", () => {
  const table = new Table({ sex: ["M", "F", "X", "M"], site: [1, 2, 3, 1], y: [0, 1, 0, 1] });
  const encoded = (groups: NonNullable<Encoding["groups"]>, exclusive?: string[][]) =>
    new Encoder(table, { label: "y", features: ["site"], groups, exclusive }).encode(table);
  const of = (column: string, is: Cell | Cell[]) => ({ column, is });
  const data = encoded({
    M: of("sex", "M"),
    F: of("sex", "F"),
    X: of("sex", ["X"]),
    one: of("site", 1),
    two: of("site", [2, 3]),
  });
  deepEqual(data.exclusive, [["M", "F", "X"], ["one", "two"]]);
  deepEqual(Object.fromEntries(Array.from(data.columns, ([name, values]) => [name, Array.from(values as Uint8Array)])), {
    M: [1, 0, 0, 1],
    F: [0, 1, 0, 0],
    X: [0, 0, 1, 0],
    one: [1, 0, 0, 1],
    two: [0, 1, 1, 0],
  });
  deepEqual(encoded({ A: of("sex", "M"), B: of("sex", ["F", "X"]), C: of("sex", ["X", "M"]) }).exclusive, [["A", "B"]]);
  deepEqual(encoded({ A: of("sex", "M"), B: ({ site }) => site === 2 }).exclusive, []);
  deepEqual(encoded({ A: of("sex", "M"), B: ({ site }) => site === 2 }, [["A", "B"]]).exclusive, [["A", "B"]]);
  throws(() => encoded({ A: of("sex", "M"), B: ({ site }) => site === 1 }, [["A", "B"]]), /row 0 has both A and B/);
  throws(() => encoded({ A: of("site", "1") }), {
    message: 'Cannot make the group "A" of the rows whose "site" is "1": the column is of numbers; of numbers a group is one, ' +
      'give groups: { A: { column: "site", is: 1 } }',
  });
  throws(
    () => encoded({ A: of("sex", []) }),
    /Cannot make the group "A": is is a list; wanted a value of the column, or a list of some/,
  );
});
