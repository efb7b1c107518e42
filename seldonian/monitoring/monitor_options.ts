import { fraction, type Known, list, oneOf, record, truth } from "../../autodiff/options.ts";
import { Description } from "../data/description.ts";
import { promiseOptions } from "../problem/promise_kinds.ts";
import type { MonitorOptions } from "./monitor_kinds.ts";

/** How a monitor's options are given. */
export const monitorOptions: Known<MonitorOptions> = {
  alpha: fraction,
  measures: list,
  rates: oneOf("expected", "decided"),
  ranges: record,
  exclusive: {
    type: "object",
    wanted: 'lists of different column names: [["M", "F"]]',
    holds: (value) =>
      Array.isArray(value) &&
      value.every((set) =>
        Array.isArray(set) && set.every((name) => typeof name === "string") && new Set(set).size === set.length
      ),
  },
  classes: {
    type: "object",
    wanted: 'different names or numbers: ["no", "yes"]',
    holds: (value) =>
      Array.isArray(value) && value.every((one) => typeof one === "string" || typeof one === "number") &&
      new Set(value).size === value.length,
  },
  shift: promiseOptions.shift,
  clusters: truth,
  reference: { type: "object", wanted: "a Description, from describe()", holds: (value) => value instanceof Description },
};
