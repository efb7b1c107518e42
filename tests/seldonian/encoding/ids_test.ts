import { deepEqual, equal, match, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, type DataError, prepare } from "../../../mod.ts";

const rows = Array.from({ length: 60 }, (_, i) => i);

test("repeated ids are not taken as features, and the error asks how to treat their rows", () => {
  const visits = (name: string, of: (row: number) => string | number) =>
    csv([`${name},dose,y`, ...rows.map((i) => `${of(i)},${i % 7},${i % 2}`)].join("\n"));
  for (const name of ["patient_id", "ID", "userId", "uuid", "customer id"]) {
    const table = visits(name, (i) => 1000 + i % 30);
    throws(() => prepare(table, { label: "y" }), (error: DataError) => {
      match(
        error.message,
        new RegExp(`Cannot take "${name}" for a feature .* its values come again; give exclude: .*groupBy: "${name}"`),
      );
      match(error.worded("spec"), /say "groupBy": ".*" beside "data"; or/);
      return true;
    });
    equal(prepare(table, { label: "y", groupBy: name }).data.safety.size, 30);
    deepEqual(prepare(table, { label: "y", features: [name] }).encoder.featureNames, [name]);
  }
  for (const name of ["paid", "valid", "grid", "humidity", "idle"]) {
    deepEqual(prepare(visits(name, (i) => 1000 + i % 30), { label: "y" }).encoder.featureNames, [name, "dose"]);
  }
  // A few distinct codes are levels.
  prepare(visits("region_id", (i) => `r${i % 5}`), { label: "y" });
});
