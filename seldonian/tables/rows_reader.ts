import { nearestTo } from "../../autodiff/nearest.ts";
import { missingSpellings, type Notation, numberReader } from "./cells.ts";
import type { CsvOptions } from "./csv_options.ts";
import { ColumnReader, type StoredColumn, trimmed } from "./column_reader.ts";
import { added, DataError } from "../data/data_error.ts";
import { checkNamed, checkNoRow } from "./head_line.ts";
import { checkColumnCount } from "./limits.ts";
import { quoted } from "../data/quoted.ts";

/** The source of a table's rows, for messages. */
export interface Origin {
  /** The file's name. */
  file?: string;
  /** The line of the first row, if rows are consecutive lines; 0: rows are not lines. */
  firstLine: number;
  /** The number of the first row, in a piece of a table. */
  firstRow: number;
  /** The line of each row, if they are not consecutive. */
  lines?: ArrayLike<number>;
  /** Corrections while reading. */
  repairs: readonly string[];
  /** The user's options for reading. */
  given?: CsvOptions;
}

/** The parts of a table. */
export interface TableParts {
  columns: ReadonlyMap<string, StoredColumn>;
  size: number;
  origin: Origin;
}

/** Columns that grow by rows of texts. */
export class RowsReader {
  #columns: ColumnReader[];
  /** The line of each row, once one does not follow the one before; `null`: all do. */
  #lines: number[] | null = null;
  #firstLine = 0;
  /** Whether every row has one extra empty field. */
  #trailing: boolean | undefined;
  readonly names: readonly string[];
  readonly #unnamed: number[] = [];
  /** Columns without name and values in the first piece. */
  #dropped: ReadonlySet<number> | undefined;
  readonly #trimmedNames: string[] = [];
  /** Columns with the name of an earlier one. */
  readonly #again = new Map<number, number>();
  size = 0;
  /** The number of rows taken earlier. */
  taken = 0;

  /**
   * @param undecided the rows after which a column of numbers stays numeric
   * @param headLine the line of the names; 0: the file has none
   */
  constructor(
    given: readonly string[],
    readonly options: CsvOptions,
    readonly separator?: string,
    undecided = 10000,
    readonly headLine = 0,
  ) {
    const { missingValues = {}, text = [], trim = true, replace = {}, header, file, limits } = options;
    // Records in memory have taken it already.
    if (separator !== undefined) checkColumnCount(file ?? "the table", given.length, limits);
    if (header === undefined && headLine > 0) checkNamed(given, headLine, options);
    const names = given.map((name, i) => {
      const plain = trim ? trimmed(name) : name;
      if (plain !== name) this.#trimmedNames.push(plain);
      if (plain !== "" || given.length === 1) return plain;
      this.#unnamed.push(i);
      return `column ${i + 1}`;
    });
    this.names = names;
    // Columns with one name are merged if they are equal, which is known at the end.
    const places = new Map<string, number>();
    names.forEach((name, i) => {
      const first = places.get(name);
      if (first === undefined) places.set(name, i);
      else this.#again.set(i, first);
    });
    const byColumn = Array.isArray(missingValues) ? {} : missingValues as Readonly<Record<string, readonly string[]>>;
    const named = { text, missingValues: Object.keys(byColumn), replace: Object.keys(replace) };
    for (const [option, columns] of Object.entries(named)) {
      const unknown = columns.find((name) => !places.has(name));
      if (unknown === undefined || names.length === 0) continue;
      throw new RangeError(
        `Cannot find the column "${unknown}" of ${option}: ${
          nearestTo(unknown, names) ?? `there are ${names.map((name) => `"${name}"`).join(", ")}`
        }`,
      );
    }
    const numberIn = numberReader(checkedNotation(options));
    const missing = missingSpellings(options), isText = new Set(text);
    this.#columns = names.map((name) => {
      return new ColumnReader({
        numberIn,
        missing: missing(name),
        isText: isText.has(name),
        trim,
        pointsAsked: separator === undefined || (options.decimal ?? options.thousands) !== undefined
          ? "never"
          : separator === ";"
          ? "always"
          : "beside whole numbers",
        replace: new Map(Object.entries(Object.hasOwn(replace, name) ? replace[name] : {})),
        undecided,
      });
    });
  }

  /**
   * @param line the line of the file; left out: there are no lines
   * @param mayBreak whether cells may have line breaks
   */
  add(cells: readonly (string | null)[], line?: number, mayBreak = true): void {
    const width = this.names.length;
    if (cells.length !== width) {
      this.#trailing ??= this.size + this.taken === 0;
      if (!(this.#trailing && cells.length === width + 1 && cells[width]?.trim() === "")) this.#wrongWidth(cells, line);
    } else if (this.#trailing) this.#wrongWidth(cells, line);
    this.#trailing ??= false;
    for (let j = 0; j < width; j++) {
      const cell = cells[j];
      if (mayBreak && cell !== null && (cell.includes("\n") || cell.includes("\r"))) this.#checkWhole(cell, this.names[j], line);
      this.#columns[j].add(cell);
    }
    if (line !== undefined) {
      if (this.size === 0) this.#firstLine = line;
      else if (this.#lines === null && line !== this.#firstLine + this.size) {
        this.#lines = Array.from({ length: this.size }, (_, i) => this.#firstLine + i);
      }
      this.#lines?.push(line);
    }
    this.size++;
  }

  take(mended: readonly string[]): TableParts {
    const table = this.table(mended);
    this.#columns = this.#columns.map((column) => column.next());
    this.#lines = null;
    this.taken += this.size;
    this.size = 0;
    return table;
  }

  /**
   * @param mended earlier corrections
   */
  table(mended: readonly string[] = []): TableParts {
    const { file } = this.options;
    if (this.size === 0) throw new RangeError(`Cannot make a table${file === undefined ? "" : ` of ${file}`}: there are no rows`);
    const columns = this.#columns.map((column) => column.column()), repairs = [...mended];
    const isEmpty = (j: number) => {
      const { values } = columns[j];
      return values instanceof Float64Array ? values.every(Number.isNaN) : values.every((value) => value === "");
    };
    // All pieces drop the columns that the first piece drops.
    const dropped = this.#dropped ??= new Set(this.#unnamed.filter((j) => j > 0 && isEmpty(j)));
    const filled = [...dropped].find((j) => !isEmpty(j));
    if (filled !== undefined) {
      throw new RangeError(
        `Cannot read column ${filled + 1}${
          file === undefined ? "" : ` of ${file}`
        }: it has no name, and values from some line on`,
      );
    }
    const last = this.names.length - 1;
    if (dropped.has(last) || this.#trailing) repairs.push("the empty column after the last separator is left out");
    for (const j of dropped) if (j < last) repairs.push(`column ${j + 1}, which has neither a name nor values, is left out`);
    for (const [j, first] of this.#again) this.#checkSame(first, j, columns);
    if (this.#again.size > 0) {
      repairs.push(
        `${[...this.#again.keys()].map((j) => `"${this.names[j]}"`).join(", ")} comes twice with the same values, and kept once`,
      );
    }
    if (this.headLine > 0) checkNoRow(this.names, columns, this.headLine, file);
    const named = this.#unnamed.filter((j) => !dropped.has(j));
    for (const j of named) repairs.push(`column ${j + 1} has no name in the head line; here it is "${this.names[j]}"`);
    if (this.#trimmedNames.length > 0) {
      repairs.push(
        `white space around the name${this.#trimmedNames.length > 1 ? "s" : ""} ${
          this.#trimmedNames.map((name) => `"${name}"`).join(", ")
        } was left out`,
      );
    }
    if (this.options.separator === undefined && this.separator !== undefined && this.separator !== ",") {
      repairs.push(`fields are separated by ${JSON.stringify(this.separator)}`);
    }
    const origin: Origin = {
      ...(file !== undefined && { file }),
      firstLine: this.#firstLine,
      firstRow: this.taken,
      ...(this.#lines && { lines: this.#lines }),
      given: this.options,
      repairs,
    };
    return {
      columns: new Map(
        this.names.flatMap((name, j) => dropped.has(j) || this.#again.has(j) ? [] : [[name, columns[j]] as const]),
      ),
      size: this.size,
      origin,
    };
  }

  /** @throws {DataError} for two different columns with one name */
  #checkSame(first: number, second: number, columns: readonly StoredColumn[]): void {
    const [a, b] = [columns[first].values, columns[second].values], { file } = this.options, name = this.names[first];
    if (a.length === b.length && a.every((value, row) => Object.is(value, b[row]))) return;
    const apart = this.names.map((name, i) => this.#again.has(i) ? `${name} ${i + 1}` : name);
    throw new DataError(
      `Cannot make a table${file === undefined ? "" : ` of ${file}`}: two columns are named "${name}"`,
      this.headLine === 0 ? [] : [
        { when: "rename one in the file, or", option: "header", value: apart },
        { when: "and", option: "skipLines", value: added(this.options.skipLines, [this.headLine]) },
      ],
    );
  }

  /** @throws {DataError} for a cell whose quotes contain a row of the table */
  #checkWhole(cell: string, name: string, line: number | undefined): void {
    const { text = [], file } = this.options, width = this.names.length;
    if (line === undefined || width < 3 || text.includes(name) || cell.split(this.separator ?? ",").length < width) return;
    const lines = cell.split(/\r\n|\r|\n/).length;
    throw new DataError(
      `Cannot read line ${line}${file === undefined ? "" : ` of ${file}`}: a quote opens in the column "${name}" and closes ${
        lines - 1
      } line${lines === 2 ? "" : "s"} below, so rows would be one cell, ${quoted(cell)}; fix the quote`,
      [{ when: "if that is a text", option: "text", value: [...text, name] }],
    );
  }

  #wrongWidth(cells: readonly (string | null)[], line: number | undefined): never {
    const { file, skipLines = [] } = this.options,
      { length } = this.names,
      before = cells.length > length && (length === 1 || this.size + this.taken === 0);
    const place = line === undefined ? `row ${this.taken + this.size}` : `line ${line}${file === undefined ? "" : ` of ${file}`}`;
    const found = cells.join(this.separator ?? ","), beginning = quoted(found.length > 30 ? `${found.slice(0, 30)}…` : found);
    throw new DataError(
      `Cannot read ${place}: it has ${cells.length} ${cells.length === 1 ? "field" : "fields"}, and there ${
        length === 1 ? "is 1 column" : `are ${length} columns`
      }${line === undefined ? "" : `; it is ${beginning}`}`,
      line === undefined ? [] : [
        ...(before && this.headLine > 0
          ? [{ when: `if line ${this.headLine} is not a head line`, option: "skipLines", value: [...skipLines, this.headLine] }]
          : [{ when: "if that line is not data", option: "skipLines", value: [...skipLines, line] }]),
      ],
    );
  }
}

/** @throws {RangeError} for signs that could be confused */
function checkedNotation(notation: Notation): Notation {
  const { decimal = ".", thousands } = notation;
  if (decimal !== "." && decimal !== ",") {
    throw new RangeError(`Cannot read numbers whose decimals follow ${JSON.stringify(decimal)}: wanted "." or ","`);
  }
  if (thousands !== undefined && (thousands === decimal || [...thousands].length !== 1 || /[\d+\-e"]/i.test(thousands))) {
    throw new RangeError(
      `Cannot read numbers with ${JSON.stringify(thousands)} between thousands and ${JSON.stringify(decimal)} before decimals: ` +
        'wanted two different signs, such as thousands: "," or thousands: " "',
    );
  }
  return notation;
}
