import { asWritten } from "../data/columns.ts";

/** A cell of a table. */
export type Cell = string | number;

/** A value that a column may contain. */
export type TableValue = Cell | boolean | bigint | Date | null | undefined;

/** Values by column name. */
export type TableColumns = Readonly<Record<string, ArrayLike<number> | readonly TableValue[]>>;

/** A value as a cell of a file; `null`: missing. */
export function cellOf(value: TableValue, name: string, row: number): string | null {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  if (typeof value === "boolean") return `${Number(value)}`;
  if (typeof value === "string" || typeof value === "number") return `${value}`;
  if (typeof value === "bigint") return `${value}`;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  throw new RangeError(
    `Cannot make a table: "${name}" of object ${row} is ${
      JSON.stringify(value) ?? typeof value
    }; wanted a number, a text or a truth value`,
  );
}

/**
 * A column as a table stores it.
 * @throws {RangeError} for a column of both numbers and texts, and for other values
 */
export function storedValues(name: string, values: ArrayLike<number> | readonly TableValue[]): Float64Array | readonly string[] {
  if (values instanceof Float64Array) return values.slice();
  // Includes 64-bit integers.
  if (!Array.isArray(values)) return asWritten(values, Float64Array.from(values as ArrayLike<number>, Number));
  const list = values as readonly TableValue[],
    isMissing = (value: TableValue) => value === null || value === undefined || Number.isNaN(value);
  const isText = list.some((value) => typeof value === "string");
  const other = list.findIndex((value) =>
    !isMissing(value) && (isText ? typeof value !== "string" : typeof value !== "number" && typeof value !== "boolean")
  );
  if (other < 0) {
    return isText
      ? list.map((value) => isMissing(value) ? "" : value as string)
      : Float64Array.from(list, (value) => isMissing(value) ? NaN : Number(value));
  }
  throw new RangeError(
    `Cannot make a table: column "${name}" is ${JSON.stringify(list[other]) ?? typeof list[other]} in row ${other}` +
      (isText
        ? `, and ${JSON.stringify(list.find((value) => typeof value === "string"))} elsewhere; wanted numbers or texts, not both`
        : "; wanted a number, a text or a truth value"),
  );
}
