import { dsvFormat } from "../../deps.ts";
import { inOrder } from "../random.ts";
import { escaped } from "../report/escaped.ts";
import { type ClusterIds, clusterIdsAt, clusterIdsOf } from "./clusters.ts";
import { asWritten, kindOf, twoKinds } from "./columns.ts";
import { rowKeysOf } from "./row_keys.ts";

/** A cell of a {@link Table}. */
export type Cell = string | number;

/** Values by the column's name. */
export type TableColumns = Readonly<Record<string, ArrayLike<number> | readonly string[]>>;

/** How {@link csv} reads. */
export interface CsvOptions {
  /** Names of the columns, where the first line does not have them. */
  header?: readonly string[];
  /** One character, default ",". */
  separator?: string;
  /** How a missing value is written, default "", "NA", "NaN", "null" and "?". */
  missing?: readonly string[];
  /** Columns of text, even where every value is a number, as codes of places. */
  text?: readonly string[];
}

/**
 * Rows of named columns, of numbers or of text. A column is of numbers if every value that is not missing is one; a missing
 * number is NaN, a missing text "". Immutable; its parts share its storage.
 */
export class Table {
  readonly #columns: ReadonlyMap<string, Float64Array | readonly string[]>;
  readonly #rows: Int32Array | null;
  readonly #clusters: ClusterIds | undefined;
  #strata = false;
  /** Number of rows. */
  readonly size: number;

  /**
   * A table of columns.
   * @param columns numbers or texts by name, all of one length
   * @throws {RangeError} if columns have different lengths, or there is none
   */
  constructor(columns: TableColumns | ReadonlyMap<string, ArrayLike<number> | readonly string[]>);
  /** A part of another table: the rows with these numbers, in this order; with ids, in those clusters. */
  constructor(whole: Table, rows: ArrayLike<number>, clusters?: ArrayLike<unknown>);
  constructor(
    columns: TableColumns | ReadonlyMap<string, ArrayLike<number> | readonly string[]> | Table,
    rows?: ArrayLike<number>,
    ids?: ArrayLike<unknown>,
  ) {
    if (columns instanceof Table) {
      this.#columns = columns.#columns;
      this.#rows = Int32Array.from(rows!, (row) => columns.#row(row));
      this.size = this.#rows.length;
      this.#clusters = ids !== undefined
        ? clusterIdsOf(ids, this.size)
        : columns.#clusters && clusterIdsAt(columns.#clusters, rows!);
      this.#strata = columns.#strata;
      return;
    }
    // A map keeps the order of names that are numbers.
    const entries = columns instanceof Map ? [...columns] : Object.entries(columns as TableColumns);
    if (entries.length === 0) throw new RangeError("Cannot make a table without columns: give at least one");
    this.size = entries[0][1].length;
    for (const [name, { length }] of entries) {
      if (length === this.size) continue;
      throw new RangeError(`Cannot make a table: column "${entries[0][0]}" has ${this.size} rows, and "${name}" ${length}`);
    }
    this.#columns = new Map(entries.map(([name, values]) => [
      name,
      isText(values) ? [...values] : asWritten(values, Float64Array.from(values)),
    ]));
    this.#rows = null;
  }

  /** A table of objects that have the same properties. @throws {RangeError} for one that lacks a property, with its place */
  static from(records: readonly Readonly<Record<string, Cell | boolean | null | undefined>>[], options?: CsvOptions): Table {
    const names = Object.keys(records[0] ?? {}), columns = new ColumnsInMaking(names, options);
    records.forEach((record, row) =>
      columns.add(names.map((name) => {
        if (!Object.hasOwn(record, name)) throw new RangeError(`Cannot make a table: object ${row} has no "${name}"`);
        const value = record[name];
        return value === null || value === undefined ? "" : typeof value === "boolean" ? `${Number(value)}` : `${value}`;
      }))
    );
    return columns.table();
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
    const chosen = values instanceof Float64Array ? new Float64Array(rows.length) : new Array<string>(rows.length);
    for (let i = 0; i < rows.length; i++) chosen[i] = values[rows[i]];
    return chosen;
  }

  /** The values of a column of numbers. @throws {TypeError} for one of text, and as {@link Table.column} */
  numbers(name: string): Float64Array {
    const values = this.column(name);
    if (values instanceof Float64Array) return values;
    throw new TypeError(`Cannot use the column "${name}" as numbers: it is of text`);
  }

  /** The values of a column of text. @throws {TypeError} for one of numbers, and as {@link Table.column} */
  texts(name: string): readonly string[] {
    const values = this.column(name);
    if (!(values instanceof Float64Array)) return values;
    throw new TypeError(
      `Cannot use the column "${name}" as texts: it is of numbers; csv() reads it as text with text: ["${name}"]`,
    );
  }

  /** A row by the columns' names. */
  row(place: number): Record<string, Cell> {
    const row = this.#row(place);
    return Object.fromEntries(Array.from(this.#columns, ([name, values]) => [name, values[row]]));
  }

  /** What a notebook shows: the first rows. */
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

  /** Which cluster each row belongs to, where rows are in clusters. */
  get clusters(): ArrayLike<number | string> | undefined {
    return this.#clusters;
  }

  /**
   * The same rows in clusters: those with equal ids are one observation together, as those of one patient. An `Encoder` passes them on.
   * @throws {RangeError} if there is not an id for each row
   */
  clustered(ids: ArrayLike<unknown>): Table {
    return new Table(this, inOrder(this.size), ids);
  }

  /** Whether the rows are a part that strata were divided for, so that they are not drawn quite independently. */
  get hasStrata(): boolean {
    return this.#strata;
  }

  /** The same rows as a part that strata were divided for. An `Encoder` passes it on. */
  stratified(): Table {
    const same = new Table(this, inOrder(this.size));
    same.#strata = true;
    return same;
  }

  #row(place: number): number {
    if (!(Number.isInteger(place) && place >= 0 && place < this.size)) {
      throw new RangeError(`Cannot take row ${place}: the table has ${this.size} rows`);
    }
    return this.#rows === null ? place : this.#rows[place];
  }
}

/** The keys of a table's rows, two words each: of all cells, by the sorted names of the columns. */
export function tableKeys(table: Table): Uint32Array {
  return rowKeysOf({ columns: new Map(table.names.map((name) => [name, table.column(name)])) }, table.size);
}

/** Tables that follow each other. @throws {RangeError} for a column that is of texts in one and of numbers in another, or is not in all */
export async function* sameKinds(tables: AsyncIterable<Table>): AsyncGenerator<Table> {
  let kinds: Map<string, string> | undefined, row = 0;
  for await (const table of tables) {
    const here = new Map(table.names.map((name) => [name, kindOf(table.column(name))]));
    kinds ??= here;
    for (const [name, kind] of kinds) {
      const found = here.get(name);
      if (found === undefined) table.column(name);
      else if (found !== kind) throw twoKinds(name, kind, found, row);
    }
    yield table;
    row += table.size;
  }
}

/**
 * Reads comma-separated values (RFC 4180): fields may stand in quotes, lines may end as on any system.
 * @throws {RangeError} for a line with more or fewer fields than there are columns, a name that occurs twice, or no rows
 */
export function csv(text: string, options: CsvOptions = {}): Table {
  return new CsvReader(options).end(text);
}

/**
 * As {@link csv}, of a file that is read piece by piece, so that its text is never in memory as a whole: of a stream, as
 * `(await fetch(url)).body`, `Deno.open(path)`'s `readable` or Node's `createReadStream(path)`, in UTF-8.
 *
 * @example
 * ```ts
 * import { readCsv } from "@seldonian/kit";
 * const table = await readCsv(new Blob(["age,paid\n30,1\n", "40,0\n"]).stream());
 * console.log(table.size, table.names); // 2 [ "age", "paid" ]
 * ```
 * @throws {RangeError} as {@link csv}, and for a text in a column that had nothing but numbers in 10,000 rows
 */
export async function readCsv(source: AsyncIterable<Uint8Array | string>, options: CsvOptions = {}): Promise<Table> {
  const reader = new CsvReader(options, undecidedRows), decoder = new TextDecoder();
  for await (const piece of source) reader.read(typeof piece === "string" ? piece : decoder.decode(piece, { stream: true }));
  return reader.end(decoder.decode());
}

/**
 * The same in pieces, of which one at a time is in memory: what is a number is decided by the first piece.
 * @param open starts to read the file, at each pass anew
 * @param options `rows`: of a piece, about; default 10,000
 *
 * @example
 * ```ts
 * import { csvTables, DataStream, Encoder, splitTables } from "@seldonian/kit";
 * const file = new Blob(Array.from({ length: 5000 }, (_, i) => i === 0 ? "age,paid\n" : `${20 + i % 50},${i % 2}\n`));
 * const { candidate, safety } = splitTables(csvTables(() => file.stream()), { safetyFraction: 0.6 });
 * const encoder = await Encoder.fit(candidate, { label: "paid" });
 * const data = { candidate: await encoder.stream(candidate), safety: await encoder.stream(safety) };
 * console.log(data.candidate instanceof DataStream, data.candidate.size + data.safety.size); // true 4999
 * ```
 * @throws {RangeError} as {@link readCsv}, when the pieces are read
 */
export function csvTables(
  open: () => AsyncIterable<Uint8Array | string> | Promise<AsyncIterable<Uint8Array | string>>,
  { rows = undecidedRows, ...options }: CsvOptions & { rows?: number } = {},
): () => AsyncIterable<Table> {
  return async function* () {
    const reader = new CsvReader(options, rows), decoder = new TextDecoder();
    for await (const piece of await open()) {
      reader.read(typeof piece === "string" ? piece : decoder.decode(piece, { stream: true }));
      if (reader.size >= rows) yield reader.take();
    }
    const last = reader.end(decoder.decode(), true);
    if (last !== null) yield last;
  };
}

/** Rows of a stream after which a column of numbers stays one. */
const undecidedRows = 10000;

/** Reads the lines of pieces of text; what a piece leaves of a last line waits for the next one. */
class CsvReader {
  readonly #separator: string;
  readonly #format: ReturnType<typeof dsvFormat>;
  readonly #header: readonly string[] | undefined;
  readonly #options: CsvOptions;
  #columns: ColumnsInMaking | null = null;
  #begun = false;
  /** The rest of a line, and how far it has been looked at. */
  #rest = "";
  #seen = 0;
  /** Where that is: where a field begins, within one, within quotes, or after a quote that may end them. */
  #place: "start" | "field" | "quotes" | "quote" = "start";
  /** Empty lines, which are rows only if others follow. */
  #empty = 0;

  /** @param undecided rows after which a column of numbers stays one */
  constructor(options: CsvOptions, readonly undecided = Infinity) {
    const { header, separator = "," } = options;
    if (separator.length !== 1 || /["\r\n]/.test(separator)) {
      throw new RangeError(
        `Cannot read values separated by ${JSON.stringify(separator)}: wanted one character, such as "," or "\\t"`,
      );
    }
    this.#separator = separator;
    this.#format = dsvFormat(separator);
    this.#header = header;
    this.#options = options;
  }

  /** Reads the lines that end in what there is by now. */
  read(piece: string): void {
    this.#append(piece);
    let end = 0;
    for (; this.#seen < this.#rest.length; this.#seen++) {
      const letter = this.#rest[this.#seen], place = this.#place;
      if (letter === '"') {
        this.#place = place === "start" || place === "quote" ? "quotes" : place === "quotes" ? "quote" : "field";
      } else if (place !== "quotes") {
        this.#place = letter === this.#separator || letter === "\n" || letter === "\r" ? "start" : "field";
        if (letter === "\n") end = this.#seen + 1;
      }
    }
    if (end === 0) return;
    this.#lines(this.#rest.slice(0, end));
    this.#rest = this.#rest.slice(end);
    this.#seen -= end;
  }

  /** Rows that are ready. */
  get size(): number {
    return this.#columns?.size ?? 0;
  }

  /** The table of the rows that are ready; those that follow are of the same kind. */
  take(): Table {
    return this.#columns!.take();
  }

  /** The table of all that was read, and of a last piece. */
  end(piece: string): Table;
  /** `null` where rows were taken before, and none have come since. */
  end(piece: string, inPieces: true): Table | null;
  end(piece: string, inPieces = false): Table | null {
    this.#append(piece);
    if (this.#rest !== "") this.#lines(this.#rest);
    const columns = this.#columns ?? new ColumnsInMaking(this.#header ?? [], this.#options);
    return inPieces && columns.size === 0 && columns.taken > 0 ? null : columns.table();
  }

  #append(piece: string): void {
    if (piece === "") return;
    // A byte-order mark, as spreadsheets write it, is no part of the first name.
    this.#rest += this.#begun ? piece : piece.replace(/^\uFEFF/, "");
    this.#begun = true;
  }

  #lines(text: string): void {
    for (const line of this.#format.parseRows(text)) {
      if (this.#columns === null) {
        this.#columns = new ColumnsInMaking(
          this.#header ?? line,
          this.#options,
          this.#header === undefined ? 2 : 1,
          this.undecided,
        );
        if (this.#header === undefined) continue;
      }
      // Of several columns an empty line has none; of one column it is a missing value.
      if (line.length === 1 && line[0] === "" && this.#columns.names.length > 1) {
        this.#empty++;
        continue;
      }
      for (; this.#empty > 0; this.#empty--) this.#columns.add([""]);
      this.#columns.add(line);
    }
  }
}

/** Columns that rows of texts are added to. */
class ColumnsInMaking {
  #columns: ColumnInMaking[];
  readonly #firstLine: number;
  size = 0;
  /** Rows that were taken before those. */
  taken = 0;

  /**
   * @param firstLine the number of the first row, as an editor shows it; 0: they are no lines
   * @param undecided rows after which a column of numbers stays one
   */
  constructor(
    readonly names: readonly string[],
    { missing = ["", "NA", "NaN", "null", "?"], text = [] }: CsvOptions = {},
    firstLine = 0,
    undecided = Infinity,
  ) {
    const twice = names.find((name, i) => names.indexOf(name) < i), absent = new Set(missing);
    if (twice !== undefined) throw new RangeError(`Cannot make a table: two columns are named "${twice}"`);
    const unknown = text.find((name) => !names.includes(name));
    if (unknown !== undefined && names.length > 0) {
      throw new RangeError(
        `Cannot find the column "${unknown}" of text: there are ${names.map((name) => `"${name}"`).join(", ")}`,
      );
    }
    this.#columns = names.map((name) => new ColumnInMaking(absent, undecided, text.includes(name)));
    this.#firstLine = firstLine;
  }

  add(cells: readonly string[]): void {
    if (cells.length !== this.names.length) {
      throw new RangeError(
        `Cannot read ${this.#firstLine === 0 ? `row ${this.size}` : `line ${this.#line}`}: it has ` +
          `${cells.length} ${cells.length === 1 ? "field" : "fields"}, and there are ${this.names.length} columns`,
      );
    }
    for (let j = 0; j < cells.length; j++) {
      if (this.#columns[j].add(cells[j])) continue;
      throw new RangeError(
        `Cannot read line ${this.#line}: "${cells[j]}" is no number, and column "${this.names[j]}" had nothing else before; ` +
          "if it is how a missing value is written, name it in `missing`; if the column is of text, name that in `text`",
      );
    }
    this.size++;
  }

  /** Where the next row stands. */
  get #line(): number {
    return this.taken + this.size + this.#firstLine;
  }

  take(): Table {
    const table = this.table();
    this.#columns = this.#columns.map((column) => column.next());
    this.taken += this.size;
    this.size = 0;
    return table;
  }

  table(): Table {
    if (this.size === 0) throw new RangeError("Cannot make a table: there are no rows");
    return new Table(new Map(this.names.map((name, j) => [name, this.#columns[j].values()])));
  }
}

/** A column of numbers as long as every value is one, and of texts from the first that is not. */
class ColumnInMaking {
  #numbers = new Float64Array(64);
  #size = 0;
  #isText: boolean;
  /** As they were written; of numbers only as many as may still turn out to be texts. */
  #texts: string[] = [];
  /** Texts come again and again; each is kept once. */
  readonly #known = new Map<string, string>();

  /** @param undecided rows after which a column of numbers stays one */
  constructor(readonly absent: ReadonlySet<string>, readonly undecided: number, isText: boolean) {
    this.#isText = isText;
  }

  /** An empty column of the same kind. */
  next(): ColumnInMaking {
    return new ColumnInMaking(this.absent, -1, this.#isText);
  }

  /** Whether it could be added. */
  add(cell: string): boolean {
    const missing = this.absent.has(cell), number = missing || this.#isText ? NaN : numberIn(cell);
    if (!this.#isText && !missing && Number.isNaN(number)) {
      if (this.#size > this.undecided) return false;
      this.#isText = true;
    }
    if (this.#isText || this.#size < this.undecided) this.#texts.push(missing ? "" : this.#once(cell));
    else if (this.#texts.length > 0) this.#texts = [];
    if (!this.#isText) {
      if (this.#size === this.#numbers.length) {
        const wider = new Float64Array(2 * this.#size);
        wider.set(this.#numbers);
        this.#numbers = wider;
      }
      this.#numbers[this.#size] = number;
    }
    this.#size++;
    return true;
  }

  values(): Float64Array | string[] {
    return this.#isText ? this.#texts : this.#numbers.slice(0, this.#size);
  }

  #once(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size < 10000) this.#known.set(text, text);
    return text;
  }
}

/** The number that a text is, or NaN: Number() would take "" and " " for 0, and "0x10" for 16. */
function numberIn(text: string): number {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
}

function isText(values: ArrayLike<number> | readonly string[]): values is readonly string[] {
  return Array.isArray(values) && values.some((value) => typeof value === "string");
}
