import { equal, notDeepEqual } from "node:assert/strict";
import { test } from "node:test";
import { DataSet } from "../../../mod.ts";
import { digestOf } from "../../../seldonian/data/digest.ts";

test("different maps, sets and values have different digests", async () => {
  const digest = (items: unknown[]) => digestOf(new DataSet({ items }));
  notDeepEqual(await digest([new Map([[1, 2]])]), await digest([new Map([[1, 3]])]));
  notDeepEqual(await digest([new Set([1])]), await digest([new Set([2])]));
  notDeepEqual(await digest([undefined]), await digest([null]));
  notDeepEqual(await digest([1n]), await digest(["1"]));
  equal(await digest([{ a: 1, b: 2 }]), await digest([{ b: 2, a: 1 }]));
});

test("digests depend on clusters and exclusive columns; without them a digest is the known one", async () => {
  const parts = { features: [[1, 2], [3, 4]], labels: [0, 1], columns: { M: [1, 0], F: [0, 1] } }, plain = new DataSet(parts);
  equal(await digestOf(plain), "ba20582790df431c3e01dee98480422909fdf755b2b76da2100c39e4e9eb555e");
  const others = [
    plain.clustered([1, 2]),
    plain.clustered(["1", "2"]),
    plain.clustered([1, 1]),
    new DataSet({ ...parts, exclusive: [["M", "F"]] }),
  ];
  equal(new Set(await Promise.all([plain, ...others].map(digestOf))).size, 5);
});
