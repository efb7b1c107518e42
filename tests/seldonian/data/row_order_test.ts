import { deepEqual, notDeepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { hashOf } from "../../../seldonian/data/row_hashes.ts";
import { keyedKeys, orderOf } from "../../../seldonian/data/row_order.ts";
import { rowKeysOf } from "../../../seldonian/data/row_keys.ts";
import { uniformOf } from "../../../seldonian/data/uniform_of.ts";
import { fc } from "../../deps.ts";
import { shown } from "./shown_keys.ts";

test("an order of rows depends only on the rows and the key", () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 40 }),
      fc.integer(),
      fc.integer(),
      (values, a, b) => {
        const keysOf = (values: number[]) => rowKeysOf({ columns: new Map([["x", values]]) }, values.length);
        const ordered = (values: number[]) => Array.from(orderOf(keysOf(values), [a, b]), (row) => values[row]),
          found = ordered(values);
        deepEqual(ordered(values.toReversed()), found);
        deepEqual(ordered(values.toSorted((x, y) => x - y)), found);
        deepEqual([...orderOf(keysOf(values), [a, b])].sort((x, y) => x - y), values.map((_, i) => i));
      },
    ),
    { seed: 3 },
  ));

test("orders by different keys are uniform, also for copies of a row", () => {
  // The position of the first of 4 rows over 4000 keys is binomial(4000, 1/4): 4 counts within 6 deviations.
  for (const values of [[1, 2, 3, 4], [1, 1, 1, 1]]) {
    const keys = rowKeysOf({ columns: new Map([["x", values]]) }, 4), counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) counts[orderOf(keys, hashOf(`${i}`)).indexOf(0)]++;
    for (const count of counts) ok(Math.abs(count - 1000) < 6 * Math.sqrt(750), `${counts}`);
  }
});

test("numbers drawn for rows are uniform, and independent for another key", () => {
  const n = 100_000, keys = rowKeysOf({ columns: new Map([["x", Float64Array.from({ length: n }, (_, i) => i)]]) }, n);
  const counts = new Float64Array(100), [a, b] = hashOf("a seed");
  let together = 0;
  for (let i = 0; i < n; i++) {
    const u = uniformOf(a, b, keys[2 * i], keys[2 * i + 1]), w = uniformOf(a, b + 1, keys[2 * i], keys[2 * i + 1]);
    ok(u >= 0 && u < 1);
    counts[Math.floor(100 * u)]++;
    together += (u - 0.5) * (w - 0.5) * 12;
  }
  // Chi squared with 99 degrees of freedom has mean 99 and deviation 14; the mean of products has deviation 1 / sqrt(n).
  const chi = counts.reduce((sum, count) => sum + (count - n / 100) ** 2 / (n / 100), 0);
  ok(chi > 40 && chi < 190, `${chi}`);
  ok(Math.abs(together / n) < 6 / Math.sqrt(n), `${together / n}`);
  notDeepEqual(shown(keyedKeys(keys, [1, 2])).slice(0, 5), shown(keyedKeys(keys, [1, 3])).slice(0, 5));
});
