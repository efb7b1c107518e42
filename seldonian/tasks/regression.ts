import { meanAbsoluteError, meanSquaredError } from "../../nn/losses.ts";
import * as measures from "../measures/regression.ts";
import type { Task } from "./task.ts";

/** Labels and outputs are numbers. */
export const regression: Task = {
  name: "regression",
  measures: Object.values(measures).map(({ measure }) => measure),
  losses: { meanSquaredError, meanAbsoluteError },
  regimes: ["regression"],
  indices: (outputs) => outputs,
  check() {},
  decision: null,
};
