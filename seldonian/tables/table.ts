import { checkArgument, checkOptions, isRecord, type Kind, list, perRow, record, shown } from "../../autodiff/options.ts";
import { inspect } from "../../autodiff/show.ts";
import { inOrder } from "../random.ts";
import { cellOptions } from "./csv_options.ts";
import { rowNumbers } from "../data/data_kinds.ts";
import { escaped } from "../escaped.ts";
import { type ClusterIds, clusterIdsAt, clusterIdsOf } from "../data/clusters.ts";
import type { StoredColumn } from "./column_reader.ts";
import { doubtError } from "./doubt_error.ts";
import { noColumn } from "./no_column.ts";
import type { CellOptions } from "./csv_options.ts";
import { type Origin, RowsReader, type TableParts } from "./rows_reader.ts";
import { tableText } from "./table_text.ts";
import { type Cell, cellOf, storedValues, type TableColumns, type TableValue } from "./table_values.ts";

/** The storage that the parts of a table share. */
interface Storage {
  readonly size: number;
  readonly columns: ReadonlyMap<string, StoredColumn>;
  readonly origin: Origin;
}

/** The internals of a table. */
export let storageOf: (table: Table) => Storage & { rows: Int32Array | null };

/** The place of a storage row; the table may be a part of the storage. */
export let storedPlace: (table: Table, row: number) => string;

/** The rows of two parts of one table, in its order; undefined for parts of different tables. */
export let joined: (a: Table, b: Table) => Table | undefined;

/** A table, as an argument. */
export const tableKind: Kind = {
  type: "object",
  wanted: "a Table, such as csv(), readTable() and Table.from() return",
  holds: (value) => value instanceof Table,
};

/** A table of stored columns. */
export let tableOf: (parts: TableParts) => Table;

/**
 * Rows of named columns with numbers or text. A column is numeric if every value that is not missing is a number; a missing
 * number is NaN, a missing text "". A column that was read as a mixture is refused when it is used. Immutable; its parts share
 * its storage.
 */
export class Table {
  #storage: Storage;
  readonly #rows: Int32Array | null;
  readonly #clusters: ClusterIds | undefined;
  #strata = false;
  static {
    storageOf = (table) => ({ ...table.#storage, rows: table.#rows });
    storedPlace = (table, row) => table.#placeOf(row);
    joined = (a, b) => {
      if (a.#storage.columns !== b.#storage.columns) return undefined;
      const whole = tableOf(a.#storage), rows = new Set([a, b].flatMap((part) => Array.from(part.#rows ?? inOrder(part.size))));
      return rows.size === whole.size ? whole : whole.take([...rows].sort((x, y) => x - y));
    };
    tableOf = ({ columns, origin, size }) => {
      const table = new Table({ "": [] });
      table.#storage = { columns, origin, size };
      return table;
    };
  }

  /**
   * A table of columns.
   * @param columns numbers or texts by name, all of one length; `null`, `undefined` and NaN are missing
   * @throws {RangeError} if columns have different lengths, or there are none, and for a column of both numbers and texts
   */
  constructor(columns: TableColumns | ReadonlyMap<string, ArrayLike<number> | readonly TableValue[]>);
  /** A part of another table: the rows with these numbers, in this order; with ids, in those clusters. */
  constructor(whole: Table, rows: ArrayLike<number>, clusters?: ArrayLike<unknown>);
  constructor(
    columns: TableColumns | ReadonlyMap<string, ArrayLike<number> | readonly TableValue[]> | Table,
    rows?: ArrayLike<number>,
    ids?: ArrayLike<unknown>,
  ) {
    if (columns instanceof Table) {
      checkArgument("take rows of a table", "rows", rows, rowNumbers);
      this.#storage = columns.#storage;
      this.#rows = Int32Array.from(rows!, (row) => columns.#row(row));
      this.#clusters = ids !== undefined
        ? clusterIdsOf(ids, this.#rows.length)
        : columns.#clusters && clusterIdsAt(columns.#clusters, rows!);
      this.#strata = columns.#strata;
      return;
    }
    this.#rows = null;
    if (!(columns instanceof Map)) checkArgument("make a table", "columns", columns, record);
    // A map keeps the order of names that look like numbers.
    const entries = columns instanceof Map ? [...columns] : Object.entries(columns as TableColumns);
    if (entries.length === 0) throw new RangeError("Cannot make a table without columns: give at least one");
    for (const [name, values] of entries) checkArgument("make a table", `column "${name}"`, values, perRow);
    const [[first, { length: size }]] = entries;
    for (const [name, { length }] of entries) {
      if (length === size) continue;
      throw new RangeError(`Cannot make a table: column "${first}" has ${size} rows, and "${name}" ${length}`);
    }
    this.#storage = {
      size,
      columns: new Map(entries.map(([name, values]) => [name, { values: storedValues(name, values), typed: true }])),
      origin: { firstLine: 0, firstRow: 0, repairs: [] },
    };
  }

  /**
   * A table of objects with the same properties. Texts are read like the cells of a file: "31" is a number.
   * @throws {RangeError} for an object with a missing or extra property, and for a value that is not a cell, with its place
   */
  static from(records: readonly Readonly<Record<string, TableValue>>[], options: CellOptions = {}): Table {
    checkArgument("make a table", "the records", records, list);
    checkOptions("make a table", options, cellOptions);
    const odd = records.findIndex((record) => !isRecord(record));
    if (odd >= 0) {
      throw new TypeError(`Cannot make a table: object ${odd} is ${shown(records[odd])}; wanted values by the columns' names`);
    }
    const names = Object.keys(records[0] ?? {}), rows = new RowsReader(names, options);
    records.forEach((record, row) => {
      const unknown = Object.keys(record).find((name) => !Object.hasOwn(records[0], name));
      if (unknown !== undefined) {
        throw new RangeError(`Cannot make a table: object ${row} has "${unknown}", and object 0 does not`);
      }
      rows.add(names.map((name) => {
        if (!Object.hasOwn(record, name)) throw new RangeError(`Cannot make a table: object ${row} has no "${name}"`);
        return cellOf(record[name], name, row);
      }));
    });
    return tableOf(rows.table());
  }

  /** The number of rows. */
  get size(): number {
    return this.#rows?.length ?? this.#storage.size;
  }

  /** The names of the columns, in order. */
  get names(): string[] {
    return [...this.#storage.columns.keys()];
  }

  /**
   * The values of a column.
   * @throws {RangeError} for an unknown column, with the nearest name, and for one that is neither numbers nor texts
   */
  column(name: string): Float64Array | readonly string[] {
    const stored = this.#storage.columns.get(name), rows = this.#rows;
    if (stored === undefined) throw noColumn(name, this.names, this.#storage.origin.file);
    const { values, doubt } = stored;
    if (doubt !== undefined) throw doubtError(name, doubt, (row) => this.#placeOf(row), this.#storage.origin);
    if (rows === null) return values;
    const chosen = values instanceof Float64Array ? new Float64Array(rows.length) : new Array<string>(rows.length);
    for (let i = 0; i < rows.length; i++) chosen[i] = values[rows[i]];
    return chosen;
  }

  /** The place of a row, for messages: "line 15 of data.csv", or "row 14" of the table that this is a part of. */
  place(row: number): string {
    return this.#placeOf(this.#row(row));
  }

  /**
   * The values of a numeric column.
   * @throws {TypeError} for a text column, and as {@link Table.column}
   */
  numbers(name: string): Float64Array {
    const values = this.column(name);
    if (values instanceof Float64Array) return values;
    throw new TypeError(`Cannot use the column "${name}" as numbers: it is of text`);
  }

  /**
   * The values of a text column.
   * @throws {TypeError} for a numeric column, and as {@link Table.column}
   */
  texts(name: string): readonly string[] {
    const values = this.column(name);
    if (!(values instanceof Float64Array)) return values;
    throw new TypeError(
      `Cannot use the column "${name}" as texts: it is of numbers; csv() reads it as text with text: ["${name}"]`,
    );
  }

  /** A row as values by column name. */
  row(place: number): Record<string, Cell> {
    const row = this.#row(place), cells: Record<string, Cell> = {};
    // In a third of the time of Object.fromEntries().
    for (const [name, { values }] of this.#storage.columns) {
      if (name !== "__proto__") cells[name] = values[row];
      else Object.defineProperty(cells, name, { value: values[row], configurable: true, enumerable: true, writable: true });
    }
    return cells;
  }

  /** The first and last rows, in columns. */
  toString(): string {
    return tableText(this);
  }

  /** What consoles print. */
  [inspect](): string {
    return this.toString();
  }

  /** The first rows, as a notebook shows them. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    const rows = Array.from({ length: Math.min(8, this.size) }, (_, place) => Object.values(this.row(place)));
    const line = (cells: readonly Cell[], tag: string) =>
      `<tr>${cells.map((cell) => `<${tag}>${escaped(`${cell}`)}</${tag}>`).join("")}</tr>`;
    const caption = `<caption>${this.size.toLocaleString("en")} rows, ${this.names.length} columns</caption>`;
    return { "text/html": `<table>${caption}${line(this.names, "th")}${rows.map((row) => line(row, "td")).join("")}</table>` };
  }

  /** The rows with these numbers, in this order. */
  take(rows: ArrayLike<number>): Table {
    return new Table(this, rows);
  }

  /** The cluster of each row, if rows are in clusters. */
  get clusters(): ArrayLike<number | string> | undefined {
    return this.#clusters;
  }

  /**
   * The same rows in clusters: rows with equal ids are one observation, such as those of one patient. An `Encoder` keeps the
   * clusters.
   * @throws {RangeError} if there is not one id for each row
   */
  clustered(ids: ArrayLike<unknown>): Table {
    return new Table(this, inOrder(this.size), ids);
  }

  /** Whether a split divided strata for these rows, so that they are not quite independent draws. */
  get hasStrata(): boolean {
    return this.#strata;
  }

  /** The same rows, marked as part of a split that divided strata. An `Encoder` keeps the mark. */
  stratified(): Table {
    const same = new Table(this, inOrder(this.size));
    same.#strata = true;
    return same;
  }

  #placeOf(row: number): string {
    const { file, firstLine, firstRow, lines } = this.#storage.origin;
    const of = file === undefined ? "" : ` of ${file}`;
    return (firstLine === 0 ? `row ${firstRow + row}` : `line ${lines?.[row] ?? firstLine + row}`) + of;
  }

  #row(place: number): number {
    if (!(Number.isInteger(place) && place >= 0 && place < this.size)) {
      throw new RangeError(`Cannot take row ${place}: the table has ${this.size} rows`);
    }
    return this.#rows === null ? place : this.#rows[place];
  }
}
