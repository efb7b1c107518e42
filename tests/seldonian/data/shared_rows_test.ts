import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, sharedRows, split } from "../../../mod.ts";

test("sharedRows() finds the rows that both parts have", () => {
  const features = Array.from({ length: 40 }, (_, i) => [i % 30, Math.sin(i % 30)]),
    data = new DataSet({ features, labels: features.map(([x]) => x % 2) });
  const parts = split(data, { seed: 1 }), shared = sharedRows(parts);
  const wanted = [...Array(10).keys()].filter((i) => {
    const x = (part: DataSet) => [...part.at([...Array(part.size).keys()]).features.data].filter((_, j) => j % 2 === 0);
    return x(parts.candidate).includes(i) && x(parts.safety).includes(i);
  });
  equal(shared.length, wanted.length);
  ok(shared.length > 0);
  for (const [a, b] of shared) deepEqual(parts.candidate.at([a]).features.data, parts.safety.at([b]).features.data);
});
