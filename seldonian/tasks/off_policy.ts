import type { Task } from "./task.ts";

/** Rows are episodes, labels their returns; outputs are the weights and returns that a policy gives them, see `policies/`. */
export const offPolicy: Task = {
  name: "off_policy",
  measures: [],
  losses: {},
  regimes: [],
  indices: (outputs) => outputs,
  check() {},
  decision: null,
};
