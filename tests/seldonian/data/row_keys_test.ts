import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, DataSet, DataStream, Encoder, split, Table, Tensor, tensor } from "../../../mod.ts";
import { featureKeys, rowKeysOf } from "../../../seldonian/data/row_keys.ts";
import { hashOf } from "../../../seldonian/data/row_hashes.ts";
import { orderOf } from "../../../seldonian/data/row_order.ts";
import { uniformOf } from "../../../seldonian/data/uniform_of.ts";
import { mersenne } from "../../../deps.ts";
import { fc } from "../../deps.ts";
import { shown } from "./shown_keys.ts";

const keyOf = (item: unknown) => shown(featureKeys([item], 1))[0];

test("a row's key depends on its contents, not on its position or on how its numbers are stored", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 3 }), fc.string()), {
        minLength: 1,
        maxLength: 20,
      }),
      fc.integer(),
      (rows, seed) => {
        const parts = (features: Tensor) => ({
          features,
          labels: rows.map(([, k]) => k),
          columns: { M: rows.map(([, k]) => Number(k > 1)), job: rows.map(([, , text]) => text) },
        });
        const numbers = rows.flatMap(([x, k]) => [x, k]), n = rows.length;
        const single = new DataSet(parts(Tensor.from(Float32Array.from(numbers), [n, 2])));
        const double = new DataSet(parts(Tensor.from(Float64Array.from(numbers), [n, 2]))), keys = shown(single.rowKeys());
        deepEqual(shown(double.rowKeys()), keys);
        const order = Array.from({ length: n }, (_, i) => (i * 7 + Math.abs(seed)) % n), part = single.take(order).take([0]);
        deepEqual(shown(single.take(order).rowKeys()), order.map((i) => keys[i]));
        deepEqual(shown(part.rowKeys()), [keys[order[0]]]);
        deepEqual(shown(single.clustered(rows.map((_, i) => i)).rowKeys()), keys);
        const contents = rows.map(([x, k, text]) => JSON.stringify([x + 0, k, text]));
        for (let i = 0; i < n; i++) equal(keys[i] === keys[0], contents[i] === contents[0]);
      },
    ),
    { seed: 1, numRuns: 300 },
  ));

test("keys are the known ones, in every runtime and version", () => {
  const data = new DataSet({
    features: [[1, -0], [0.5, 3]],
    labels: [0, 1],
    columns: { M: [1, 0], job: ["cook", "Köchin"], age: [30.5, 4] },
  });
  deepEqual(shown(data.rowKeys()), known.rows);
  deepEqual(hashOf("ACC >= 0.9"), known.text);
  equal(uniformOf(1, 2, 3, 4), known.uniform);
  deepEqual([...orderOf(data.rowKeys(), [1, 2])], known.order);
  deepEqual(shown(featureKeys([{ a: [1, "x"], b: new Map([[1n, null]]) }, new Date(0)], 2)), known.items);
});

test("a million simple rows have a million keys", () => {
  const n = 1_000_000,
    count = (keys: Uint32Array) => {
      const all = new BigUint64Array(n);
      for (let i = 0; i < n; i++) all[i] = BigInt(keys[2 * i]) << 32n | BigInt(keys[2 * i + 1]);
      all.sort();
      let twice = 0;
      for (let i = 1; i < n; i++) if (all[i] === all[i - 1]) twice++;
      return twice;
    };
  const whole = Float64Array.from({ length: n }, (_, i) => i);
  const pairs = { a: whole.map((i) => i % 1000), b: whole.map((i) => Math.floor(i / 1000) / 10) };
  const bits = Float64Array.from({ length: 20 * n }, (_, i) => Math.floor(i / 20) >> i % 20 & 1);
  equal(count(rowKeysOf({ columns: new Map([["x", whole]]) }, n)), 0);
  equal(count(rowKeysOf({ columns: new Map(Object.entries(pairs)) }, n)), 0);
  equal(count(rowKeysOf({ features: Tensor.from(bits, [n, 20]), columns: new Map() }, n)), 0);
  equal(count(rowKeysOf({ columns: new Map([["t", Array.from(whole, String)]]) }, n)), 0);
});

test("changing any bit of a row changes every bit of its key in half of the cases", () => {
  // 1000 rows of 3 numbers, with 64 x 64 counts per number. All 12288 are binomial(1000, 1/2) and within 7 deviations.
  const rows = 1000, random = mersenne(5), doubles = new Float64Array(3 * rows), words = new Uint32Array(doubles.buffer);
  for (let i = 0; i < words.length; i++) words[i] = random.next();
  // These exponents exclude NaN.
  for (let i = 1; i < words.length; i += 2) words[i] = (words[i] & 0x800fffff) | ((300 + (random.next() & 1023)) << 20);
  const keys = () => rowKeysOf({ features: Tensor.from(doubles, [rows, 3]), columns: new Map() }, rows), before = keys();
  for (let bit = 0; bit < 3 * 64; bit++) {
    const [number, word, place] = [bit >> 6, bit >> 5 & 1, bit & 31];
    const at = (row: number) => 2 * (3 * row + number) + word;
    for (let row = 0; row < rows; row++) words[at(row)] ^= 1 << place;
    const after = keys();
    for (let row = 0; row < rows; row++) words[at(row)] ^= 1 << place;
    for (let out = 0; out < 64; out++) {
      let changed = 0;
      for (let row = 0; row < rows; row++) {
        changed += (before[2 * row + (out >> 5)] ^ after[2 * row + (out >> 5)]) >>> (out & 31) & 1;
      }
      ok(Math.abs(changed - rows / 2) < 7 * Math.sqrt(rows) / 2, `bit ${bit} changes bit ${out} in ${changed} of ${rows}`);
    }
  }
});

class Point {
  constructor(readonly x: number) {}
}
class Site {
  constructor(readonly x: number) {}
}

test("items of all kinds have different keys, and an equal new item has the same key", () => {
  const kinds: (() => unknown)[] = [
    () => undefined,
    () => null,
    () => true,
    () => false,
    () => 0,
    () => 1,
    () => NaN,
    () => Infinity,
    () => 1n,
    () => 2n ** 70n,
    () => "",
    () => "1",
    () => "ab",
    () => "ab\0",
    () => [],
    () => [1],
    () => [1, 2],
    () => [[1], 2],
    () => [[1, 2]],
    () => ["1"],
    () => [undefined],
    () => [null],
    () => ({}),
    () => ({ x: 1 }),
    () => ({ x: "1" }),
    () => ({ x: undefined }),
    () => ({ y: 1 }),
    () => new Point(1),
    () => new Site(1),
    () => new Map(),
    () => new Map([["x", 1]]),
    () => new Map([["x", 2]]),
    () => new Map([[1, "x"]]),
    () => new Set(),
    () => new Set(["x", 1]),
    () => new Set([["x", 1]]),
    () => new Date(0),
    () => new Date(1),
    () => new Date(NaN),
    () => new Float32Array([1]),
    () => new Float32Array([1, 2]),
    () => new BigInt64Array([1n]),
    () => new Uint8Array([1]).buffer,
    () => tensor([1]),
    () => tensor([[1]]),
    () => tensor([[1], [2]]),
    () => tensor([[1, 2]]),
    () => new URL("https://example.org/"),
  ];
  const keys = kinds.map((make) => keyOf(make()));
  deepEqual(kinds.map((make) => keyOf(make())), keys);
  equal(new Set(keys).size, kinds.length);
  equal(keyOf({ a: 1, b: [2] }), keyOf({ b: [2], a: 1 }));
  equal(keyOf(new Map([["a", 1], ["b", 2]])), keyOf(new Map([["b", 2], ["a", 1]])));
  equal(keyOf(new Set(["a", "bc"])), keyOf(new Set(["bc", "a"])));
  equal(keyOf(-0), keyOf(0));
  equal(keyOf(new Float32Array([0.5])), keyOf(new Float64Array([0.5])));
  equal(keyOf(new DataView(new Uint8Array([7, 1, 8]).buffer, 1, 1)), keyOf(new Uint8Array([1]).buffer));
});

test("equal items have equal keys, and changed ones do not", () =>
  fc.assert(
    fc.property(fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true, withTypedArray: true }), (item) => {
      const copy = structuredClone(item);
      equal(keyOf(copy), keyOf(item));
      notDeepEqual(keyOf([item, 1]), keyOf([item, 2]));
      notDeepEqual(keyOf({ item }), keyOf({ item: [item] }));
    }),
    { seed: 2, numRuns: 1000 },
  ));

test("the error for an item without a key names its row", () => {
  const itself: unknown[] = [];
  itself.push(itself);
  const table: [unknown, string][] = [
    [{ act: () => 1 }, "holds a function"],
    [[Symbol("a")], "holds a symbol"],
    [itself, "holds things more than 500 deep, or itself"],
    [/a/, "holds a RegExp, which shows no fields; give it a toJSON()"],
  ];
  for (const [item, why] of table) {
    throws(() => new DataSet({ items: ["a", item] }).rowKeys(), {
      name: "TypeError",
      message: `Cannot tell row 1 from others: its item ${why}; wanted numbers, texts, lists, maps, tensors and objects of them`,
    });
  }
});

test("encoded rows keep the keys of the table's rows, for every encoding, part and stream", async () => {
  const text = `age,job,paid\n${
    Array.from({ length: 60 }, (_, i) => `${20 + i * 7 % 60},${["cook", "nurse"][i % 2]},${i % 2}`).join("\n")
  }\n`;
  const table = csv(text), { candidate, safety } = split(table, { seed: 2 });
  const encoders = [
    new Encoder(candidate, { label: "paid" }),
    new Encoder(safety, { label: "paid", features: ["age"], standardise: false }),
    new Encoder(table, { label: "paid", features: ["job"], groups: { Cook: { column: "job", is: "cook" } }, columns: ["age"] }),
  ];
  const [first, ...rest] = encoders.map((encoder) => shown(encoder.encode(table).rowKeys()));
  for (const keys of rest) deepEqual(keys, first);
  equal(new Set(first).size, 60);
  const place = new Map(Array.from(table.numbers("age"), (age, row) => [age, row] as const));
  deepEqual(
    shown(encoders[0].encode(safety).rowKeys()),
    Array.from(safety.numbers("age"), (age) => first[place.get(age)!]),
  );
  const reordered = new Table({ paid: table.numbers("paid"), job: table.texts("job"), age: table.numbers("age") });
  deepEqual(shown(encoders[0].encode(reordered).rowKeys()), first);

  const stream = await encoders[0].stream(async function* () {
    for (let i = 0; i < 60; i += 20) yield await Promise.resolve(table.take([...Array(20).keys()].map((j) => i + j)));
  });
  deepEqual(shown(await stream.rowKeys()), first);
  const some = await stream.sample(10, mersenne(1)), ages = some.whole().features.toArray() as number[][];
  equal(new Set(ages.map(([age]) => age)).size, 10);
  const all = encoders[0].encode(table).whole().features.toArray() as number[][];
  deepEqual(shown(some.rowKeys()), ages.map(([age]) => first[all.findIndex(([other]) => other === age)]));
});

test("a stream of plain data keeps the keys of its rows", async () => {
  const data = new DataSet({ features: [[1], [2], [3]], labels: [0, 1, 0] });
  const stream = await DataStream.open(async function* () {
    yield await Promise.resolve(data.take([0, 1]));
    yield data.take([2]);
  });
  deepEqual(shown(await stream.rowKeys()), shown(data.rowKeys()));
});

/** The values when the hash was introduced; certificates and ledgers depend on them. */
const known = {
  rows: ["935757182 1673725612", "500135518 2408742347"],
  text: [1938202578, 2981647940],
  uniform: 0.32624980574280393,
  order: [1, 0],
  items: ["3172239085 1736526510", "1108561109 3895065972"],
};
