import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { DataSet, Table } from "../../../mod.ts";

test("consoles show the first and last rows of a table in columns", () => {
  const small = new Table({ age: [31, 2.5, NaN], sex: ["m", "f", "a\u001b[31m"] });
  const lines = ["Table of 3 rows and 2 columns", "   age  sex", "0   31  m", "1  2.5  f", "2  NaN  a\\u001b[31m"];
  equal(inspect(small), lines.join("\n"));
  const wide = new Table(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`c${i}`, Array(1000).fill("x".repeat(99))])));
  const text = inspect(wide).split("\n");
  equal(text[0], "Table of 1,000 rows and 40 columns");
  ok(text.length === 13 && text.every(({ length }) => length < 300), text.join("\n"));
  ok(text[1].includes("c4") && text[1].includes("…") && text[12].startsWith("999"));
});

test("consoles show what a data set has", () => {
  const data = new DataSet({ features: [[1, 2], [3, 4]], labels: [0, 1], columns: { M: [1, 0] } });
  equal(inspect(data), "DataSet of 2 rows\n  features: [2] for each row\n  labels: 0, 1\n  columns: M");
  equal(`${new DataSet({ items: ["a"] })}`, "DataSet of 1 row\n  features: items of any kind");
});
