import { Tensor } from "../../autodiff/mod.ts";

/** One number, truth value or text a row. */
export type Column = Tensor | ArrayLike<number> | readonly boolean[] | readonly string[];

/** A column as it is kept: 0 and 1 as bytes, other numbers as float64, or texts. */
export type ColumnValues = Uint8Array | Float64Array | readonly string[];

/** Columns by their names. */
export type Columns = ReadonlyMap<string, ColumnValues>;

/** @throws {RangeError} for a number that is not finite; `name` says where, as "labels" or "column M" */
export function numbersOf(name: string, column: Column): Float64Array {
  const values = Float64Array.from(column instanceof Tensor ? column.data : column as ArrayLike<number>, Number);
  for (let row = 0; row < values.length; row++) {
    if (!Number.isFinite(values[row])) {
      throw new RangeError(`Cannot use ${values[row]} in ${name}: row ${row} must be a finite number`);
    }
  }
  return values;
}

/** @throws {RangeError} for a number that is not finite, or what is no text among texts */
export function columnOf(name: string, column: Column): ColumnValues {
  if (Array.isArray(column) && column.some((value) => typeof value === "string")) {
    const bad = column.findIndex((value) => typeof value !== "string");
    if (bad >= 0) throw new RangeError(`Cannot use ${column[bad]} in column ${name}: row ${bad} must be a text, as others are`);
    return [...column];
  }
  const values = numbersOf(`column ${name}`, column);
  return values.every((value) => value === 0 || value === 1) ? Uint8Array.from(values) : values;
}

/** The values at these rows. */
export function valuesAt(values: ColumnValues, rows: Int32Array): ColumnValues {
  if (values instanceof Uint8Array) return Uint8Array.from(rows, (row) => values[row]);
  return values instanceof Float64Array ? Float64Array.from(rows, (row) => values[row]) : Array.from(rows, (row) => values[row]);
}

/** The columns at these rows. */
export function columnsAt(columns: Columns, rows: Int32Array): Columns {
  return new Map(Array.from(columns, ([name, values]) => [name, valuesAt(values, rows)]));
}

/** The columns of pieces that follow each other, which have the same names. */
export function joinedColumns(pieces: readonly Columns[]): Columns {
  return new Map(Array.from(pieces[0]?.keys() ?? [], (name) => [name, joined(pieces.map((piece) => piece.get(name)!))]));
}

function joined(pieces: readonly ColumnValues[]): ColumnValues {
  if (pieces.some((piece) => Array.isArray(piece))) {
    return pieces.flatMap((piece) => Array.from(piece as readonly string[], String));
  }
  const numbers = pieces as readonly (Uint8Array | Float64Array)[], size = numbers.reduce((sum, { length }) => sum + length, 0);
  const all = numbers.every((piece) => piece instanceof Uint8Array) ? new Uint8Array(size) : new Float64Array(size);
  let at = 0;
  for (const piece of numbers) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
