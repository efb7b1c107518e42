import { ok } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";

test("a block's bet on a difference has the mean 0 at the edge of a known population, by enumeration", () => {
  const row = (g: string, M: number, output: number): Outcome => ({ output, columns: { g, M, F: 1 - M } });
  const laws: Record<string, [p: number, row: Outcome][]> = {
    a: [[0.4, row("a", 1, 1)], [0.4, row("a", 1, 0)], [0.2, row("a", 0, 0)]],
    b: [[0.2, row("b", 1, 1)], [0.5, row("b", 0, 0)], [0.3, row("b", 0, 1)]],
  };
  // Of M, 0.6 of 1 say yes; of F, 0.3 of 1.
  const monitored = { shift: { g: { a: 0.5, b: 0.5 } }, exclusive: [["M", "F"]] };
  const start = new Monitor([`(PR | [M]) - (PR | [F]) <= ${0.6 - 0.3}`], monitored).toJSON();
  let streams: [p: number, rows: Outcome[]][] = [[1, []]];
  for (const g of "aabbab") {
    streams = streams.flatMap(([p, rows]) => laws[g].map(([q, row]): typeof streams[0] => [p * q, [...rows, row]]));
  }
  const mean = streams.reduce((sum, [p, rows]) => sum + p * Monitor.fromJSON(start).add(rows).eValue, 0);
  ok(Math.abs(mean - 1) < 1e-9, `${mean}`);
  ok(streams.some(([, rows]) => Monitor.fromJSON(start).add(rows).eValue > 1.01), "bets are made");
});
