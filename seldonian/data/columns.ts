import { concatenate, Tensor, tensor } from "../../autodiff/mod.ts";
import { shown } from "../../autodiff/options.ts";

/**
 * One number, truth value or text a row. In columns, but not in labels, `null`, `undefined`, NaN and "" are missing values. A
 * column may also have several numbers a row, as a tensor [rows, …] or an array for each row: custom measures read these,
 * conditions do not.
 */
export type Column =
  | Tensor
  | ArrayLike<number>
  | readonly ArrayLike<number>[]
  | readonly (number | null | undefined)[]
  | readonly (boolean | null | undefined)[]
  | readonly (string | null | undefined)[];

/** A stored column with one value a row: 0 and 1 as bytes, other numbers as float64, or texts. */
export type ColumnValues = Uint8Array | Float64Array | readonly string[];

/** Columns by name. */
export type Columns = ReadonlyMap<string, ColumnValues>;

/** Columns with several numbers a row by name, as float64 tensors [rows, …]. */
export type Arrays = ReadonlyMap<string, Tensor>;

/** Columns of both kinds by name. */
export type AllColumns = ReadonlyMap<string, ColumnValues | Tensor>;

const noArrays: Arrays = new Map();

/** The columns of each kind. */
export function byKind(all: AllColumns): { columns: Columns; arrays: Arrays } {
  const arrays = [...all].filter((entry): entry is [string, Tensor] => entry[1] instanceof Tensor);
  if (arrays.length === 0) return { columns: all as Columns, arrays: noArrays };
  const columns = [...all].filter((entry): entry is [string, ColumnValues] => !(entry[1] instanceof Tensor));
  return { columns: new Map(columns), arrays: new Map(arrays) };
}

/** The place of a row, for messages. */
type Place = (row: number) => string;

/** @throws {RangeError} for a value that is not a finite number; `name` describes the source, such as "labels" or "column M" */
export function numbersOf(name: string, column: Column, place: Place = (row) => `row ${row}`): Float64Array {
  const given = listed(name, column), values = new Float64Array(given.length);
  for (let row = 0; row < values.length; row++) {
    const value = given[row];
    // Number() would turn null, "" and [] into 0.
    values[row] = typeof value === "number" || typeof value === "boolean" || typeof value === "bigint" ? Number(value) : NaN;
    if (Number.isFinite(values[row])) continue;
    const cure = name === "labels" ? labelCure(given) : "";
    throw new RangeError(`Cannot use ${shown(value)} in ${name}: ${place(row)} must be a finite number${cure}`);
  }
  return values;
}

/** What to do with labels that are all texts. */
function labelCure(labels: ArrayLike<unknown>): string {
  const classes = [...new Set(Array.from(labels))];
  if (classes.some((label) => typeof label !== "string" || label.trim() === "")) return "";
  if (classes.every((label) => Number.isFinite(Number(label)))) return "; make numbers of them, as by labels.map(Number)";
  const some = JSON.stringify(classes.length > 9 ? ["no", "yes"] : classes.sort());
  return `; number the classes, as by labels.map((label) => ${some}.indexOf(label)), or name them to prepare(), as in ` +
    `label: { column: "y", classes: ${some} }`;
}

/** The number of rows of a column. */
export function rowsOf(values: ColumnValues | Tensor): number {
  return values instanceof Tensor ? values.shape[0] : values.length;
}

/** @throws {RangeError} for an infinite number, for a value that is not a text among texts, and for other kinds of values */
export function columnOf(name: string, column: Column, place: Place = (row) => `row ${row}`): ColumnValues | Tensor {
  return severalOf(name, column, place) ?? plainOf(name, column, place);
}

/** A column with several numbers a row; `null` for a column with one value a row. */
function severalOf(name: string, column: Column, place: Place): Tensor | null {
  const isTensor = column instanceof Tensor;
  if (isTensor ? column.rank < 2 || column.size === column.shape[0] : !isRows(column)) return null;
  const values = isTensor
    ? Tensor.from(Float64Array.from(column.data), column.shape)
    : stacked(name, column as ArrayLike<number>[]);
  const bad = values.data.findIndex((value) => !Number.isFinite(value)), width = values.size / values.shape[0];
  if (bad < 0) return values;
  throw new RangeError(
    `Cannot use ${values.data[bad]} in column ${name}: ${place(Math.floor(bad / width))} must have finite numbers`,
  );
}

function stacked(name: string, rows: readonly ArrayLike<number>[]): Tensor {
  try {
    return tensor(
      Array.from(rows, (row) => ArrayBuffer.isView(row) ? Array.from(row as unknown as number[]) : row as number[]),
      undefined,
      { dtype: "float64" },
    );
  } catch (cause) {
    throw new RangeError(`Cannot use column ${name}: wanted as many numbers in each row (${(cause as Error).message})`, {
      cause,
    });
  }
}

function isRows(column: unknown): boolean {
  return Array.isArray(column) && column.length > 0 && (Array.isArray(column[0]) || ArrayBuffer.isView(column[0]));
}

function plainOf(name: string, column: Column, place: Place): ColumnValues {
  const given = listed(name, column);
  if (given instanceof Float64Array || given instanceof Float32Array || given instanceof Int32Array) {
    const bad = (given as Float64Array).findIndex((value) => Math.abs(value) === Infinity);
    if (bad >= 0) throw new RangeError(`Cannot use ${given[bad]} in column ${name}: ${place(bad)} must be a finite number`);
    return asBytes(asWritten(column, Float64Array.from(given)));
  }
  const isMissing = (value: unknown) => value === null || value === undefined || value === "" || Number.isNaN(value);
  const list = Array.from(given), isText = list.some((value) => typeof value === "string" && value !== "");
  const bad = list.findIndex((value) =>
    !isMissing(value) && (isText ? typeof value !== "string" : typeof value !== "boolean" && !Number.isFinite(value))
  );
  if (bad >= 0) {
    throw new RangeError(
      `Cannot use ${shown(list[bad])} in column ${name}: ${place(bad)} must be ${
        isText ? "a text, as others are" : "a finite number, a truth value or a text"
      }`,
    );
  }
  if (isText) return list.map((value) => isMissing(value) ? "" : value as string);
  // A column of missing texts only is still a column of texts.
  if (list.length > 0 && list.every((value) => value === "")) return list as string[];
  return asBytes(asWritten(column, Float64Array.from(list, (value) => isMissing(value) ? NaN : Number(value))));
}

/** Numbers that are all 0 or 1, as bytes. */
function asBytes(values: Float64Array): ColumnValues {
  return values.every((value) => value === 0 || value === 1) ? Uint8Array.from(values) : values;
}

/** @throws {TypeError} unless it is a list */
function listed(name: string, column: Column): ArrayLike<unknown> {
  const given = column instanceof Tensor ? column.data : column;
  if (typeof given === "object" && given !== null && typeof given.length === "number") return given;
  throw new TypeError(`Cannot use ${shown(given)} as ${name}: wanted one value for each row`);
}

/**
 * Numbers stored as float32, each as the double nearest to the shortest decimal with that float32: 0.1, not 0.10000000149, so
 * that `[s == 0.1]` holds where 0.1 was meant. Whole numbers and numbers of other types stay unchanged.
 */
export function asWritten(source: unknown, values: Float64Array): Float64Array {
  const data = source instanceof Tensor ? source.data : source;
  return data instanceof Float32Array ? values.map(shortest) : values;
}

/** The double nearest to the shortest decimal with this float32. */
export function shortest(value: number): number {
  if (Number.isInteger(value) || !Number.isFinite(value)) return value;
  // Both are exact up to 10^22, so the quotient is the double nearest to the decimal.
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

/** The kind of a column: texts, numbers, or several numbers a row. */
export function kindOf(values: ColumnValues | Tensor): string {
  if (values instanceof Tensor) return `numbers [${values.shape.slice(1).join(", ")}] a row`;
  return values instanceof Uint8Array || values instanceof Float64Array ? "numbers" : "texts";
}

/** The values at these rows. */
export function valuesAt(values: ColumnValues, rows: Int32Array): ColumnValues;
export function valuesAt(values: ColumnValues | Tensor, rows: Int32Array): ColumnValues | Tensor;
export function valuesAt(values: ColumnValues | Tensor, rows: Int32Array): ColumnValues | Tensor {
  if (values instanceof Tensor) return values.take(Tensor.from(rows));
  if (values instanceof Uint8Array || values instanceof Float64Array) return numbersAt(values, rows);
  return Array.from(rows, (row) => values[row]);
}

/** The numbers at these rows, in an array of the same type. A loop takes a tenth of the time of `Float64Array.from`. */
export function numbersAt<Numbers extends Uint8Array | Float64Array>(values: Numbers, rows: Int32Array): Numbers {
  const found = new (values.constructor as new (length: number) => Numbers)(rows.length);
  for (let i = 0; i < rows.length; i++) found[i] = values[rows[i]];
  return found;
}

/** The columns at these rows. */
export function columnsAt(columns: AllColumns, rows: Int32Array): AllColumns {
  return new Map(Array.from(columns, ([name, values]) => [name, valuesAt(values, rows)]));
}

/**
 * The columns of consecutive pieces, which have the same names.
 * @throws {RangeError} for a column whose kind differs between pieces
 */
export function joinedColumns(pieces: readonly AllColumns[]): AllColumns {
  return new Map(
    Array.from(pieces[0]?.keys() ?? [], (name) => [name, joined(name, pieces.map((piece) => piece.get(name)!))]),
  );
}

function joined(name: string, pieces: readonly (ColumnValues | Tensor)[]): ColumnValues | Tensor {
  const other = pieces.find((piece) => kindOf(piece) !== kindOf(pieces[0]));
  if (other !== undefined) throw twoKinds(name, kindOf(pieces[0]), kindOf(other));
  if (pieces[0] instanceof Tensor) return concatenate(pieces as readonly Tensor[], 0);
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

/** The error for a column of a stream with values of two kinds. */
export function twoKinds(name: string, first: string, then: string, row?: number): RangeError {
  return new RangeError(
    `Cannot use the column "${name}": it has ${first} at first, and ${then}${
      row === undefined ? " later" : ` from row ${row} on`
    }; ` +
      "wanted one kind in all pieces; read it as text throughout, with the option `text` of csv()",
  );
}
