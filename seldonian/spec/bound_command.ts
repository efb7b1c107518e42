import * as bounds from "../bounds/mod.ts";
import { bytes } from "./files.ts";
import { numberIn, rangeIn, tableAt } from "./read_flags.ts";

/**
 * Prints a lower and an upper bound on the mean of a column, each with confidence 1 - delta, and the family of bounds they are of.
 * @throws {TypeError} for a file with several columns, unless one is named
 */
export async function boundCommand(
  file: string,
  flags: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
): Promise<boolean> {
  const { column, delta = "0.05", range: ends, method = "auto" } = flags;
  const table = await tableAt(file, await bytes(file), flags), { names } = table;
  if (column === undefined && names.length > 1) {
    throw new TypeError(
      `Cannot bound the mean of ${file}: it has several columns; say --column with one of ${names.join(", ")}`,
    );
  }
  const name = column ?? names[0], z = table.numbers(name), range = ends === undefined ? undefined : rangeIn(ends);
  const asked = { delta: numberIn("delta", delta), range, method: method as bounds.BoundName };
  const [lower, upper] = [bounds.lowerBound(z, asked), bounds.upperBound(z, asked)];
  const { name: family, assumes, guarantee } = bounds.familyNamed(asked.method) ??
    bounds.boundFor({ range: range ?? [-Infinity, Infinity], binary: false });
  const mean = z.reduce((sum, x) => sum + x, 0) / z.length, proven = guarantee === "finite-sample";
  print(`${name}: ${z.length} values with mean ${mean}`);
  print(`each with confidence ${1 - asked.delta}: at least ${lower}, at most ${upper}`);
  print(
    `by ${family}, ${proven ? "proven at every number of values" : "right for many values only"}, assuming ${assumes}` +
      (proven || range !== undefined ? "" : "; for a proven bound say --range low,high, which no value can leave"),
  );
  return true;
}
