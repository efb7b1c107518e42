import { ok } from "node:assert/strict";
import { test } from "node:test";
import { Monitor } from "../../../seldonian/monitoring/mod.ts";
import { uniforms } from "../../helpers/worlds.ts";

test("a broken promise is found: in one group, in groups that exclude each other, and in those that may overlap", () => {
  for (const text of ["(PR | [M]) <= 0.35", "(PR | [M]) - (PR | [!M]) <= 0.1", "(PR | [M]) - (PR | [F]) <= 0.1"]) {
    for (const seed of [1, 2, 3, 4]) {
      const uniform = uniforms(seed), monitor = new Monitor([text]);
      monitor.add(Array.from({ length: 2000 }, (_, i) => {
        const M = i % 2;
        return { output: Number(uniform() < (M ? 0.5 : 0.25)), label: 0, columns: { M, F: 1 - M } };
      }));
      const { alarm } = monitor.report();
      ok(alarm !== null && alarm.outcome < 1500, `${text}, seed ${seed}: ${alarm?.outcome}`);
    }
  }
});
