import { nearestTo } from "../nearest.ts";
import { missingTexts, type Notation, numberReader } from "./cells.ts";
import { ColumnReader, type StoredColumn } from "./column_reader.ts";
import { DataError } from "./data_error.ts";

/** Where the rows of a table come from, for messages. */
export interface Origin {
  /** The file's name. */
  file?: string;
  /** The line of the first row, where rows are lines one after the other; 0: they are no lines. */
  firstLine: number;
  /** The number of the first row, where this is a piece of a table. */
  firstRow: number;
  /** The line of each row, where they are not one after the other. */
  lines?: ArrayLike<number>;
  /** What was mended in reading. */
  repairs: readonly string[];
}

/** What a table is made of. */
export interface TableParts {
  columns: ReadonlyMap<string, StoredColumn>;
  size: number;
  origin: Origin;
}

/** How cells are read: of {@link csv}, and of records by `Table.from()`. */
export interface CellOptions extends Notation {
  /**
   * How missing values are written, for all columns; or by column, besides the default: "", "NA", "N/A", "n/a", "#N/A", "NaN", "nan",
   * "null", "NULL" and "?".
   */
  missingValues?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Columns of text, taken as they stand, even where values are numbers, as codes of places. */
  text?: readonly string[];
  /** Whether white space around cells and names is left out, default true. */
  trim?: boolean;
  /** Cells that are to be read as others, by column: `{ sex: { female: "Female" } }`. */
  replace?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** How {@link csv} reads. */
export interface CsvOptions extends CellOptions {
  /** Names of the columns, where the first line does not have them. */
  header?: readonly string[];
  /** One character; default: a comma, semicolon, tab or bar, whichever all of the first lines have equally often. */
  separator?: string;
  /** Lines to leave out, the first being 1, as a line of units below the names. */
  skipLines?: readonly number[];
  /** The file's name, for messages. */
  file?: string;
}

/** Columns that rows of texts are added to. */
export class RowsReader {
  #columns: ColumnReader[];
  /** The line of each row, from the first on that does not follow the one before; `null`: they all do. */
  #lines: number[] | null = null;
  #firstLine = 0;
  /** Whether every row has an empty field more than there are columns. */
  #trailing: boolean | undefined;
  readonly names: readonly string[];
  readonly #unnamed: number[] = [];
  size = 0;
  /** Rows that were taken before those. */
  taken = 0;

  /**
   * @param undecided rows after which a column of numbers stays one
   * @param headLine the line of the names; 0: they are no line's
   */
  constructor(
    given: readonly string[],
    readonly options: CsvOptions,
    readonly separator?: string,
    undecided = 10000,
    headLine = 0,
  ) {
    const { missingValues = missingTexts, text = [], trim = true, replace = {}, header, file } = options;
    if (header === undefined && headLine > 0) checkNamed(given, headLine, file);
    const names = given.map((name, i) => {
      const plain = trim ? name.trim() : name;
      if (plain !== "" || given.length === 1) return plain;
      this.#unnamed.push(i);
      return `column ${i + 1}`;
    });
    this.names = names;
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) {
      throw new RangeError(`Cannot make a table${file === undefined ? "" : ` of ${file}`}: two columns are named "${twice}"`);
    }
    const byColumn = Array.isArray(missingValues) ? {} : missingValues as Readonly<Record<string, readonly string[]>>;
    const named = { text, missingValues: Object.keys(byColumn), replace: Object.keys(replace) };
    for (const [option, columns] of Object.entries(named)) {
      const unknown = columns.find((name) => !names.includes(name));
      if (unknown === undefined || names.length === 0) continue;
      throw new RangeError(
        `Cannot find the column "${unknown}" of ${option}: ${
          nearestTo(unknown, names) ?? `there are ${names.map((name) => `"${name}"`).join(", ")}`
        }`,
      );
    }
    const numberIn = numberReader(checkedNotation(options));
    const common = new Set(Array.isArray(missingValues) ? missingValues : missingTexts);
    this.#columns = names.map((name) =>
      new ColumnReader({
        numberIn,
        missing: Object.hasOwn(byColumn, name) ? new Set([...common, ...byColumn[name]]) : common,
        isText: text.includes(name),
        trim,
        replace: new Map(Object.entries(replace[name] ?? {})),
        undecided,
      })
    );
  }

  /** @param line the line of the file; left out: there are no lines */
  add(cells: readonly string[], line?: number): void {
    const width = this.names.length;
    if (cells.length !== width) {
      this.#trailing ??= this.size + this.taken === 0;
      if (!(this.#trailing && cells.length === width + 1 && cells[width].trim() === "")) this.#wrongWidth(cells, line);
    } else if (this.#trailing) this.#wrongWidth(cells, line);
    this.#trailing ??= false;
    for (let j = 0; j < width; j++) this.#columns[j].add(cells[j]);
    if (line !== undefined) {
      if (this.size === 0) this.#firstLine = line;
      else if (this.#lines === null && line !== this.#firstLine + this.size) {
        this.#lines = Array.from({ length: this.size }, (_, i) => this.#firstLine + i);
      }
      this.#lines?.push(line);
    }
    this.size++;
  }

  take(): TableParts {
    const table = this.table();
    this.#columns = this.#columns.map((column) => column.next());
    this.#lines = null;
    this.taken += this.size;
    this.size = 0;
    return table;
  }

  table(): TableParts {
    const { file } = this.options;
    if (this.size === 0) throw new RangeError(`Cannot make a table${file === undefined ? "" : ` of ${file}`}: there are no rows`);
    const columns = this.#columns.map((column) => column.column()), repairs: string[] = [];
    const isEmpty = (j: number) => {
      const { values } = columns[j];
      return values instanceof Float64Array ? values.every(Number.isNaN) : values.every((value) => value === "");
    };
    const dropped = this.#unnamed.filter((j) => j > 0 && isEmpty(j));
    if (dropped.length > 0 || this.#trailing) repairs.push("the empty column after the last separator is left out");
    const named = this.#unnamed.filter((j) => !dropped.includes(j));
    for (const j of named) repairs.push(`column ${j + 1} has no name in the head line, and is called "${this.names[j]}" here`);
    if (this.options.separator === undefined && this.separator !== undefined && this.separator !== ",") {
      repairs.push(`fields are separated by ${JSON.stringify(this.separator)}`);
    }
    const origin: Origin = {
      ...(file !== undefined && { file }),
      firstLine: this.#firstLine,
      firstRow: this.taken,
      ...(this.#lines && { lines: this.#lines }),
      repairs,
    };
    return {
      columns: new Map(this.names.flatMap((name, j) => dropped.includes(j) ? [] : [[name, columns[j]] as const])),
      size: this.size,
      origin,
    };
  }

  #wrongWidth(cells: readonly string[], line: number | undefined): never {
    const { file } = this.options, { length } = this.names;
    const place = line === undefined ? `row ${this.taken + this.size}` : `line ${line}${file === undefined ? "" : ` of ${file}`}`;
    throw new DataError(
      `Cannot read ${place}: it has ${cells.length} ${cells.length === 1 ? "field" : "fields"}, and there ${
        length === 1 ? "is 1 column" : `are ${length} columns`
      }`,
      length === 1 && cells.length > 1 && line !== undefined
        ? [{ when: "if lines before the names are no data", option: "skipLines", value: [line - 1] }]
        : [],
    );
  }
}

/** @throws {RangeError} for signs that would be taken for each other */
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

/** @throws {DataError} for a head line that holds values */
function checkNamed(names: readonly string[], line: number, file: string | undefined): void {
  const value = names.find((name) => /^\s*[+-]?\d*\.\d+\s*$|^\s*-\d+\s*$/.test(name));
  if (value === undefined) return;
  throw new DataError(
    `Cannot take line ${line}${file === undefined ? "" : ` of ${file}`} for the names of the columns: it has ${
      JSON.stringify(value.trim())
    }, which is a value`,
    [{
      when: "if there is no head line",
      option: "header",
      value: names.map((_, i) => `name ${i + 1}`).slice(0, 3).concat(names.length > 3 ? ["…"] : []),
    }],
  );
}
