import { dsvFormat } from "../../deps.ts";

/** A cell of a {@link Table}. */
export type Cell = string | number;

/** Values by the column's name. */
export type Columns = Readonly<Record<string, ArrayLike<number> | readonly string[]>>;

/** How {@link csv} reads. */
export interface CsvOptions {
  /** Names of the columns, where the first line does not have them. */
  header?: readonly string[];
  /** One character, default ",". */
  separator?: string;
  /** How a missing value is written, default "", "NA", "NaN", "null" and "?". */
  missing?: readonly string[];
}

/**
 * Rows of named columns, of numbers or of text. A column is of numbers if every value that is not missing is one; a missing
 * number is NaN, a missing text "". Immutable; its parts share its storage.
 */
export class Table {
  readonly #columns: ReadonlyMap<string, Float64Array | readonly string[]>;
  readonly #rows: Int32Array | null;
  /** Number of rows. */
  readonly size: number;

  /** @throws {RangeError} if columns have different lengths, or there is none */
  constructor(columns: Columns | ReadonlyMap<string, ArrayLike<number> | readonly string[]>);
  /** A part of another table: the rows with these numbers, in this order. */
  constructor(whole: Table, rows: ArrayLike<number>);
  constructor(columns: Columns | ReadonlyMap<string, ArrayLike<number> | readonly string[]> | Table, rows?: ArrayLike<number>) {
    if (columns instanceof Table) {
      this.#columns = columns.#columns;
      this.#rows = Int32Array.from(rows!, (row) => columns.#row(row));
      this.size = this.#rows.length;
      return;
    }
    // A map keeps the order of names that are numbers.
    const entries = columns instanceof Map ? [...columns] : Object.entries(columns as Columns);
    if (entries.length === 0) throw new RangeError("Cannot make a table without columns: give at least one");
    this.size = entries[0][1].length;
    for (const [name, { length }] of entries) {
      if (length === this.size) continue;
      throw new RangeError(`Cannot make a table: column "${entries[0][0]}" has ${this.size} rows, and "${name}" ${length}`);
    }
    this.#columns = new Map(entries.map(([name, values]) => [
      name,
      isText(values) ? [...values] : Float64Array.from(values),
    ]));
    this.#rows = null;
  }

  /** A table of objects that have the same properties. @throws {RangeError} for one that lacks a property, with its place */
  static from(records: readonly Readonly<Record<string, Cell | boolean | null | undefined>>[], options?: CsvOptions): Table {
    const names = Object.keys(records[0] ?? {});
    const cells = records.map((record, row) =>
      names.map((name) => {
        if (!Object.hasOwn(record, name)) throw new RangeError(`Cannot make a table: object ${row} has no "${name}"`);
        const value = record[name];
        return value === null || value === undefined ? "" : typeof value === "boolean" ? `${Number(value)}` : `${value}`;
      })
    );
    return fromCells(names, cells, options);
  }

  /** The names of the columns, in their order. */
  get names(): string[] {
    return [...this.#columns.keys()];
  }

  /** The values of a column. @throws {RangeError} for one that there is not, with those that there are */
  column(name: string): Float64Array | readonly string[] {
    const values = this.#columns.get(name), rows = this.#rows;
    if (values === undefined) {
      throw new RangeError(
        `Cannot find the column "${name}": the table has ${this.names.map((known) => `"${known}"`).join(", ")}`,
      );
    }
    if (rows === null) return values;
    return values instanceof Float64Array
      ? Float64Array.from(rows, (row) => values[row])
      : Array.from(rows, (row) => values[row]);
  }

  /** A row by the columns' names. */
  row(place: number): Record<string, Cell> {
    const row = this.#row(place);
    return Object.fromEntries(Array.from(this.#columns, ([name, values]) => [name, values[row]]));
  }

  /** The rows with these numbers, in this order. */
  take(rows: ArrayLike<number>): Table {
    return new Table(this, rows);
  }

  #row(place: number): number {
    if (!(Number.isInteger(place) && place >= 0 && place < this.size)) {
      throw new RangeError(`Cannot take row ${place}: the table has ${this.size} rows`);
    }
    return this.#rows === null ? place : this.#rows[place];
  }
}

/**
 * Reads comma-separated values (RFC 4180): fields may stand in quotes, lines may end as on any system.
 * @throws {RangeError} for a line with more or fewer fields than there are columns, a name that occurs twice, or no rows
 */
export function csv(text: string, options: CsvOptions = {}): Table {
  const { header, separator = "," } = options;
  if (separator.length !== 1 || /["\r\n]/.test(separator)) {
    throw new RangeError(
      `Cannot read values separated by ${JSON.stringify(separator)}: wanted one character, such as "," or "\\t"`,
    );
  }
  // A byte-order mark, as spreadsheets write it, is no part of the first name.
  const lines = dsvFormat(separator).parseRows(text.replace(/^\uFEFF/, ""));
  const names = header ?? lines[0] ?? [];
  // Of several columns an empty line has none; of one column it is a missing value.
  while (lines.length > 0 && names.length > 1 && lines.at(-1)!.length === 1 && lines.at(-1)![0] === "") lines.pop();
  const cells = header === undefined ? lines.slice(1) : lines;
  return fromCells(names, cells, options, header === undefined ? 2 : 1);
}

/** @param firstLine the number of the first row, as an editor shows it; 0: they are no lines */
function fromCells(
  names: readonly string[],
  cells: readonly (readonly string[])[],
  { missing = ["", "NA", "NaN", "null", "?"] }: CsvOptions = {},
  firstLine = 0,
): Table {
  if (cells.length === 0) throw new RangeError("Cannot make a table: there are no rows");
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new RangeError(`Cannot make a table: two columns are named "${twice}"`);
  const ragged = cells.findIndex((line) => line.length !== names.length);
  if (ragged >= 0) {
    throw new RangeError(
      `Cannot read ${firstLine === 0 ? `row ${ragged}` : `line ${ragged + firstLine}`}: it has ${cells[ragged].length} ` +
        `${cells[ragged].length === 1 ? "field" : "fields"}, and there are ${names.length} columns`,
    );
  }
  const absent = new Set(missing);
  const columns = names.map((name, j): [string, Float64Array | string[]] => {
    const numbers = new Float64Array(cells.length);
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i][j];
      numbers[i] = absent.has(cell) ? NaN : numberIn(cell);
      if (Number.isNaN(numbers[i]) && !absent.has(cell)) return [name, cells.map((line) => absent.has(line[j]) ? "" : line[j])];
    }
    return [name, numbers];
  });
  return new Table(new Map(columns));
}

/** The number that a text is, or NaN: Number() would take "" and " " for 0, and "0x10" for 16. */
function numberIn(text: string): number {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
}

function isText(values: ArrayLike<number> | readonly string[]): values is readonly string[] {
  return Array.isArray(values) && values.some((value) => typeof value === "string");
}
