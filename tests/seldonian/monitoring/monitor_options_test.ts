import { test } from "node:test";
import { Monitor } from "../../../seldonian/monitoring/mod.ts";
import { checkMisspelt } from "../../helpers/misspelt.ts";

test("misspelt options of monitors are refused", () =>
  checkMisspelt([
    ["Monitor", "", (o) => new Monitor(["ACC >= 0.9"], o)],
    ["correct()", "output, label, columns", (o) => {
      const one = { output: 1, label: 1, columns: {} };
      new Monitor(["ACC >= 0.9"]).correct({ ...one, ...o }, one);
    }],
    ["fromJSON()", "measures", (o) => Monitor.fromJSON(new Monitor(["ACC >= 0.9"]).toJSON(), o)],
  ]));
