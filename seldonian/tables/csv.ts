import { dsvFormat } from "../../deps.ts";
import { callable, checkArgument, checkOptions, isRecord, type Kind, whole } from "../../autodiff/options.ts";
import { counted } from "../counted.ts";
import { content, name, pieces } from "../data/data_kinds.ts";
import { csvOptions } from "./csv_options.ts";
import { decodedPieces } from "./decoded.ts";
import type { CsvOptions } from "./csv_options.ts";
import { RowsReader } from "./rows_reader.ts";
import { lookedAt, separatorOf } from "./separator.ts";
import { type Table, tableOf } from "./table.ts";

/**
 * Reads comma-separated values (RFC 4180): fields may be quoted, lines may end as on any system. A column is numeric if every
 * value that is not missing is a number, and text if none is; a mixture is refused when the column is used.
 * @throws {RangeError} for a line with more or fewer fields than there are columns, quotes that do not close, a duplicate name,
 * or no rows
 */
export function csv(text: string, options: CsvOptions = {}): Table {
  checkArgument("read values", "the text", text, { ...content, wanted: "the text of a file; readTable() takes its bytes" });
  checkCsvOptions(options, {});
  const reader = new CsvReader(options);
  // Reads a slice at a time, so that memory does not hold all rows of texts and the columns at once.
  for (let start = 0; start < text.length; start += slice) reader.read(text.slice(start, start + slice));
  return reader.end("");
}

const slice = 1 << 16;

/**
 * {@link csv} for a file that is read piece by piece, so that its text is never in memory as a whole: a stream such as
 * `(await fetch(url)).body`, `Deno.open(path)`'s `readable` or Node's `createReadStream(path)`, in UTF-8 or UTF-16, or in the
 * given `encoding`.
 *
 * @example
 * ```ts
 * import { readCsv } from "@seldonian/kit";
 * const table = await readCsv(new Blob(["age,paid\n30,1\n", "40,0\n"]).stream());
 * console.log(table.size, table.names); // 2 [ "age", "paid" ]
 * ```
 * @throws {RangeError} as {@link csv}
 */
export async function readCsv(
  source: AsyncIterable<Uint8Array | string>,
  options: CsvOptions & { encoding?: string } = {},
): Promise<Table> {
  checkArgument("read values", "the source", source, pieces);
  checkCsvOptions(options, { encoding: name });
  const { encoding, ...given } = options, reader = new CsvReader(given);
  for await (const piece of decodedPieces(source, { encoding, file: options.file })) reader.read(piece);
  return reader.end("");
}

/**
 * The same in pieces, with one at a time in memory. The first piece decides which columns are numeric.
 * @param open starts to read the file, again for each pass
 * @param options `rows`: the approximate rows of a piece; default 10,000
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
  given: CsvOptions & { rows?: number; encoding?: string } = {},
): () => AsyncIterable<Table> {
  checkArgument("read values", "open", open, callable);
  checkCsvOptions(given, { encoding: name, rows: whole(1) });
  const { rows = undecidedRows, encoding, ...options } = given;
  return async function* () {
    const reader = new CsvReader(options, rows), source = await open();
    checkArgument("read values", "the result of open()", source, pieces);
    for await (const piece of decodedPieces(source, { encoding, file: options.file })) {
      reader.read(piece);
      if (reader.size >= rows) yield reader.take();
    }
    const last = reader.end("", true);
    if (last !== null) yield last;
  };
}

/** @throws {TypeError} for an unknown option, and for a value of the wrong kind */
function checkCsvOptions(options: CsvOptions, more: Readonly<Record<string, Kind>>): void {
  if (isRecord(options) && Array.isArray((options as { missing?: unknown }).missing)) {
    throw new TypeError(
      'Cannot read values: the option for missing values is missingValues, as in missingValues: ["", "-"]',
    );
  }
  checkOptions("read values", options, { ...csvOptions, ...more });
}

/** The rows of a stream after which a column of numbers stays numeric. */
const undecidedRows = 10000;

/** The most characters of a quoted field: finding an unclosed quote must not take time quadratic in the file's length. */
const longestField = 1 << 23;

/** Reads the lines of pieces of text; an incomplete last line waits for the next piece. */
class CsvReader {
  readonly #options: CsvOptions;
  readonly #skipped: ReadonlySet<number>;
  #separator: string | undefined;
  #format!: ReturnType<typeof dsvFormat>;
  #rows: RowsReader | null = null;
  #begun = false;
  #scanned = false;
  /** Corrections while reading, except those that a column reports. */
  readonly #mended: string[] = [];
  /** Blank lines between rows: their number, and the first. */
  #blank = { count: 0, first: 0 };
  /** The rest of a line, and the number of characters already scanned. */
  #rest = "";
  #seen = 0;
  /** The state at that place: at the start of a field, within one, within quotes, or after a quote that may end them. */
  #place: "start" | "field" | "quotes" | "quote" = "start";
  /** The current line of the file, the line where its quotes opened, and the line of each record of `#rest`. */
  #line = 1;
  #opened = 1;
  #starts: number[] = [1];
  /** Whether the last character was a return; a line feed after it does not end another line. */
  #returned = false;

  /**
   * @param undecided the rows after which a column of numbers stays numeric
   */
  constructor(options: CsvOptions, readonly undecided = undecidedRows) {
    const { separator, skipLines = [] } = options;
    if (separator !== undefined && (separator.length !== 1 || /["\r\n]/.test(separator))) {
      throw new RangeError(
        `Cannot read values separated by ${JSON.stringify(separator)}: wanted one character, such as "," or "\\t"`,
      );
    }
    this.#separator = separator;
    this.#options = options;
    this.#skipped = new Set(skipLines);
  }

  /** Reads the complete lines so far. */
  read(piece: string): void {
    this.#append(piece);
    if (this.#rest.length >= lookedAt) this.#scan();
  }

  /** The number of complete rows. */
  get size(): number {
    return this.#rows?.size ?? 0;
  }

  /** The table of the complete rows; later rows have the same kinds. */
  take(): Table {
    return tableOf(this.#rows!.take(this.#repairs()));
  }

  /** The table of everything read, and of a last piece. */
  end(piece: string): Table;
  /** `null` if rows were taken before and none have come since. */
  end(piece: string, inPieces: true): Table | null;
  end(piece: string, inPieces = false): Table | null {
    this.#append(piece);
    this.#scan();
    if (this.#place === "quotes") {
      throw new RangeError(
        `Cannot read ${this.#where(this.#opened)}: a quote opens there, and the file ends before it is closed`,
      );
    }
    if (this.#rest !== "") this.#lines(this.#rest);
    const rows = this.#rows ?? new RowsReader(this.#options.header ?? [], this.#options, this.#separator!, this.undecided);
    return inPieces && rows.size === 0 && rows.taken > 0 ? null : tableOf(rows.table(this.#repairs()));
  }

  #repairs(): string[] {
    const { count, first } = this.#blank;
    return count === 0
      ? this.#mended
      : [...this.#mended, `${counted(count, "line")} without cells left out, the first is line ${first}`];
  }

  #append(piece: string): void {
    if (piece === "") return;
    // Spreadsheets write a byte-order mark; it is not part of the first name.
    this.#rest += this.#begun ? piece : piece.replace(/^\uFEFF/, "");
    this.#begun = true;
  }

  /** Finds the ends of lines outside quotes. */
  #scan(): void {
    if (!this.#scanned) this.#excelLine();
    this.#scanned = true;
    this.#separator ??= separatorOf(this.#rest, this.#options);
    this.#format ??= dsvFormat(this.#separator);
    const text = this.#rest, separator = this.#separator.charCodeAt(0);
    let end = 0, ended = 0, place = this.#place, at = this.#seen;
    if (!this.#returned && (place === "start" || place === "field") && isPlain(text, at)) {
      for (let feed = text.indexOf("\n", at); feed >= 0; feed = text.indexOf("\n", end)) {
        this.#starts.push(++this.#line);
        [end, ended] = [feed + 1, this.#starts.length - 1];
      }
      if (at < text.length) place = end === text.length || text.endsWith(this.#separator) ? "start" : "field";
      at = text.length;
    }
    for (; at < text.length; at++) {
      const letter = text.charCodeAt(at), ends = letter === 10 || letter === 13;
      const second = letter === 10 && this.#returned;
      // A single return ends a line, too.
      if (this.#returned && !second && place === "start") [end, ended] = [at, this.#starts.length - 1];
      this.#returned = letter === 13;
      if (ends && !second) this.#line++;
      if (letter === 34) {
        if (place === "start") this.#opened = this.#line;
        place = place === "start" || place === "quote" ? "quotes" : place === "quotes" ? "quote" : "field";
      } else if (place !== "quotes") {
        if (place === "quote" && letter !== separator && !ends) this.#strayQuote(text, at);
        place = letter === separator || ends ? "start" : "field";
        if (!ends) continue;
        if (second) this.#starts[this.#starts.length - 1] = this.#line;
        else this.#starts.push(this.#line);
        if (letter === 10) [end, ended] = [at + 1, this.#starts.length - 1];
      }
    }
    this.#place = place;
    this.#seen = at;
    if (end === 0 && place === "quotes" && at > longestField) {
      throw new RangeError(
        `Cannot read ${this.#where(this.#opened)}: a quote opens there, and is not closed within ${longestField} characters`,
      );
    }
    if (end === 0) return;
    this.#lines(text.slice(0, end));
    this.#starts = this.#starts.slice(ended);
    this.#rest = text.slice(end);
    this.#seen -= end;
  }

  /** Excel writes the field separator in a line before the names. */
  #excelLine(): void {
    const [whole, separator] = /^sep=([^"\r\n])(\r\n|\r|\n)/.exec(this.#rest) ?? [];
    if (whole === undefined) return;
    this.#separator ??= separator;
    this.#rest = this.#rest.slice(whole.length);
    this.#line = 2;
    this.#starts = [2];
    this.#mended.push(`line 1, ${JSON.stringify(whole.trim())}, names the separator`);
  }

  #strayQuote(text: string, at: number): never {
    const near = text.slice(Math.max(0, text.lastIndexOf("\n", at - 1) + 1, at - 15), at + 10).split(/[\r\n]/)[0];
    const closes = this.#opened === this.#line ? "" : `, in line ${this.#line}`;
    throw new RangeError(
      `Cannot read ${
        this.#where(this.#opened)
      }: the quote that opens there is followed by other text where it closes${closes}, at ${
        JSON.stringify(near)
      }; a quote inside of a field is written twice, ""`,
    );
  }

  #where(line: number): string {
    const { file } = this.#options;
    return `line ${line}${file === undefined ? "" : ` of ${file}`}`;
  }

  #lines(text: string): void {
    const plain = isPlain(text, 0), options = this.#options;
    const records = plain ? text.slice(0, text.endsWith("\n") ? -1 : undefined).split("\n") : this.#format.parseRows(text);
    for (let i = 0; i < records.length; i++) {
      const record = records[i], line = this.#starts[i];
      if (this.#skipped.has(line)) continue;
      // A row's cells are garbage before the next are made.
      const cells = typeof record === "string" ? record.split(this.#separator!) : record;
      if (this.#rows === null) {
        // With given names there is no head line.
        const headLine = options.header === undefined ? line : 0;
        this.#rows = new RowsReader(options.header ?? cells, options, this.#separator!, this.undecided, headLine);
        if (options.header === undefined) continue;
      }
      // A blank line between rows of several columns is skipped; in a table of one column it is a missing value.
      if (cells.length === 1 && cells[0].trim() === "" && this.#rows.names.length > 1) {
        if (this.#blank.count++ === 0) this.#blank.first = line;
        continue;
      }
      this.#rows.add(cells, line, !plain);
    }
  }
}

/** Whether only line feeds and separators matter from a place on: the runtime finds them faster than a look at each letter. */
function isPlain(text: string, from: number): boolean {
  return !text.includes('"', from) && !text.includes("\r", from);
}
