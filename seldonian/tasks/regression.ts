import { meanAbsoluteError, meanSquaredError } from "../../nn/losses.ts";
import { CVaR, Mean_Error, Mean_Squared_Error } from "../measures/regression.ts";
import type { Task } from "./task.ts";

/** Labels and outputs are numbers. */
export const regression: Task = {
  name: "regression",
  measures: [Mean_Squared_Error, Mean_Error, CVaR].map(({ measure }) => measure),
  losses: { meanSquaredError, meanAbsoluteError },
  regimes: ["regression"],
  indices: (outputs) => outputs,
  check() {},
  decision: null,
};
