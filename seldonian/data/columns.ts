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
  const values = asWritten(column, numbersOf(`column ${name}`, column));
  return values.every((value) => value === 0 || value === 1) ? Uint8Array.from(values) : values;
}

/**
 * Numbers that were kept as float32, each as the double nearest to the shortest decimal that gives this float32: 0.1, not
 * 0.10000000149, so that `[s == 0.1]` holds where 0.1 was meant. Whole numbers and numbers of other types stay what they are.
 */
export function asWritten(source: unknown, values: Float64Array): Float64Array {
  const data = source instanceof Tensor ? source.data : source;
  return data instanceof Float32Array ? values.map(shortest) : values;
}

/** A float32 as the double nearest to the shortest decimal that gives it. */
export function shortest(value: number): number {
  if (Number.isInteger(value) || !Number.isFinite(value)) return value;
  // Both are exact up to 10^22, so that the quotient is the double nearest to the decimal.
  for (let power = 10; power <= 1e15; power *= 10) {
    const decimal = Math.round(value * power) / power;
    if (Math.fround(decimal) === value) return decimal;
  }
  for (let digits = 1; digits <= 9; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) return decimal;
  }
  return value;
}

/** Whether a column is of texts or of numbers. */
export function kindOf(values: ColumnValues): "texts" | "numbers" {
  return values instanceof Uint8Array || values instanceof Float64Array ? "numbers" : "texts";
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

/**
 * The columns of pieces that follow each other, which have the same names.
 * @throws {RangeError} for a column that is of texts in one piece and of numbers in another
 */
export function joinedColumns(pieces: readonly Columns[]): Columns {
  return new Map(
    Array.from(pieces[0]?.keys() ?? [], (name) => [name, joined(name, pieces.map((piece) => piece.get(name)!))]),
  );
}

function joined(name: string, pieces: readonly ColumnValues[]): ColumnValues {
  const other = pieces.find((piece) => kindOf(piece) !== kindOf(pieces[0]));
  if (other !== undefined) throw twoKinds(name, kindOf(pieces[0]), kindOf(other));
  if (kindOf(pieces[0]) === "texts") return (pieces as readonly (readonly string[])[]).flat();
  const numbers = pieces as readonly (Uint8Array | Float64Array)[], size = numbers.reduce((sum, { length }) => sum + length, 0);
  const all = numbers.every((piece) => piece instanceof Uint8Array) ? new Uint8Array(size) : new Float64Array(size);
  let at = 0;
  for (const piece of numbers) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** A column of a stream that is not of one kind. */
export function twoKinds(name: string, first: string, then: string, row?: number): RangeError {
  return new RangeError(
    `Cannot use the column "${name}": it is of ${first} at first, and of ${then}${
      row === undefined ? " later" : ` from row ${row} on`
    }; ` +
      "wanted one kind in all pieces; read it as text throughout, as csv() does by `text`",
  );
}
