import { shown as kindText } from "../../autodiff/options.ts";
import { nearestTo } from "../../autodiff/nearest.ts";
import { DataError } from "../data/data_error.ts";
import { quoted } from "../data/quoted.ts";

/** The error for a missing column, with the nearest, or all columns. */
export function noColumn(name: string, names: readonly string[], file: string | undefined): DataError {
  if (typeof name !== "string") return new DataError(`Cannot find a column by ${kindText(name)}: wanted its name`);
  const known = nearestTo(name, names) ??
    (names.length === 1 ? `there is ${quoted(names[0])}` : `the table has ${names.map((one) => JSON.stringify(one)).join(", ")}`);
  return new DataError(
    `Cannot find the column ${quoted(name)}${file === undefined ? "" : ` of ${file}`}: ${known}`,
    names.length > 1 || !/[^\p{L}\p{N}_]/u.test(names[0])
      ? []
      : [{ when: "if another character separates the fields", option: "separator", value: "…" }],
  );
}
