import { equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";

test("groups that are declared to share no row, and an outcome in two of them: it is refused", () => {
  const text = "(PR | [M]) + (PR | [F]) <= 1";
  for (const exclusive of [[5], ["MF"], [["M", 5]], [["M", "M"]]] as never[]) {
    throws(() => new Monitor([text], { exclusive }), /exclusive is .*; wanted lists of different column names: \[\["M", "F"\]\]/);
  }
  const monitor = new Monitor([text], { exclusive: [["M", "X", "F"]] });
  monitor.add([{ output: 1, columns: { M: 1, F: false } }, { output: 1, columns: { M: null, F: 1 } }]);
  const before = JSON.stringify(monitor);
  for (const columns of [{ M: 1, F: 1 }, { M: true, F: 1 }, { M: 0, F: true, X: 1 }] as Outcome["columns"][]) {
    throws(
      () => monitor.add([{ output: 1, columns }]),
      /Cannot add outcome 3: it is in both [MX] and F, which are exclusive; mend it, or leave them out of `exclusive`/,
    );
  }
  equal(JSON.stringify(monitor), before);
});
