import { DataError } from "../data/data_error.ts";
import { checkColumnCount, type Limits } from "../tables/limits.ts";
import { type Table, tableOf } from "../tables/table.ts";

/** The options that Parquet and Arrow share. */
interface TypedOptions {
  columns?: readonly string[];
  text?: readonly string[];
  limits?: Limits;
}

/**
 * How to convert a column's values to texts or numbers: with `read`, if needed, which throws for a value that it cannot convert.
 */
export interface ColumnKind {
  texts: boolean;
  /**
   * @param asText whether texts are wanted, even for numbers
   */
  read?(value: unknown, asText: boolean): unknown;
}

/**
 * The columns to read from a file.
 * @param found columns by name, in order; a text describes contents other than numbers and texts
 * @param file its name in errors
 * @throws {RangeError} for duplicate or unknown names
 * @throws {DataError} for a selected column that has neither numbers nor texts
 */
export function wantedColumns(
  found: readonly (readonly [name: string, kind: ColumnKind | string])[],
  { columns, text = [], limits }: TypedOptions,
  file: string,
): TypedColumn[] {
  checkColumnCount(file, found.length, limits);
  const kinds = new Map(found), names = found.map(([name]) => name), places = new Map(names.map((name, i) => [name, i]));
  const twice = names.find((name, i) => places.get(name) !== i), asText = new Set(text);
  if (twice !== undefined) throw new RangeError(`Cannot read ${file}: two columns are named "${twice}"`);
  const unknown = [...columns ?? [], ...text].find((name) => !kinds.has(name));
  if (unknown !== undefined) {
    throw new RangeError(`Cannot find the column "${unknown}": the file has ${names.map((name) => `"${name}"`).join(", ")}`);
  }
  // Skips the row numbers that pandas stores if a frame's index has no name.
  const wanted = columns ?? names.filter((name) => !/^__index_level_\d+__$/.test(name));
  return wanted.map((name) => {
    const kind = kinds.get(name)!;
    if (typeof kind === "string") throw neither(`Cannot read ${file}: column "${name}" is of ${kind}`, found);
    return new TypedColumn(name, kind, asText, file);
  });
}

/** A column being read. */
class TypedColumn {
  /** Whether its cells are texts. */
  readonly isText: boolean;

  /**
   * @param text columns to read as texts
   * @param file its name in errors
   */
  constructor(readonly name: string, readonly kind: ColumnKind, readonly text: ReadonlySet<string>, readonly file: string) {
    this.isText = kind.texts || text.has(name);
  }

  /**
   * The cell of a value; null and undefined are missing.
   * @param row its number in errors
   */
  cell(given: unknown, row: number): string | number {
    if (given === null || given === undefined) return this.isText ? "" : NaN;
    const value = this.#read(given, row);
    if (typeof value === "object") {
      const shown = JSON.stringify(value, (_, part) => typeof part === "bigint" ? Number(part) : part);
      throw new RangeError(`${this.#holds} ${shown} in row ${row}; wanted numbers or texts`);
    }
    if (this.isText) return Number.isNaN(value) ? "" : `${value}`;
    const number = Number(value);
    if (typeof value === "bigint" && !Number.isSafeInteger(number)) {
      throw new DataError(`${this.#holds} ${value} in row ${row}, and numbers are exact up to 2^53 only`, [
        { when: "if it is a code, not an amount", option: "text", value: [...this.text, this.name] },
      ]);
    }
    if (!Number.isNaN(number) || Number.isNaN(value)) return number;
    throw new RangeError(`${this.#holds} ${JSON.stringify(value)} in row ${row}; its type is numeric`);
  }

  get #holds(): string {
    return `Cannot read ${this.file}: column "${this.name}" holds`;
  }

  #read(value: unknown, row: number): unknown {
    try {
      return this.kind.read === undefined ? value : this.kind.read(value, this.isText);
    } catch (error) {
      const why = `column "${this.name}", row ${row}: ${(error as Error).message}`;
      throw new RangeError(`Cannot read ${this.file}: ${why}`, { cause: error });
    }
  }
}

/**
 * The table of columns' cells.
 * @param origin the file's name, if known, and the number of the first row
 */
export function typedTable(
  columns: readonly TypedColumn[],
  cells: readonly (readonly (string | number)[])[],
  { file, firstRow = 0 }: { file?: string; firstRow?: number },
): Table {
  const size = cells[0]?.length ?? 0;
  if (size === 0) throw new RangeError(`Cannot read ${file ?? "the file"}: there are no rows`);
  const stored = columns.map(({ name }, j) =>
    [name, { values: columns[j].isText ? cells[j] as string[] : Float64Array.from(cells[j] as number[]), typed: true }] as const
  );
  return tableOf({
    columns: new Map(stored),
    size,
    origin: { firstLine: 0, firstRow, repairs: [], ...(file !== undefined && { file }) },
  });
}

function neither(problem: string, found: readonly (readonly [string, ColumnKind | string])[]): DataError {
  const others = found.filter(([, kind]) => typeof kind !== "string").map(([name]) => name);
  return new DataError(`${problem}; wanted numbers or texts`, [
    { when: "to leave it out", option: "columns", value: others.length > 8 ? [...others.slice(0, 8), "…"] : others },
  ]);
}

/**
 * A time in ISO 8601, to the millisecond, or finer if it has more digits.
 * @param perSecond ticks in a second
 */
export function timeText(ticks: bigint, perSecond: bigint): string {
  const rest = ((ticks % perSecond) + perSecond) % perSecond,
    digits = `${perSecond + rest}`.slice(1).replace(/0+$/, "").padEnd(3, "0");
  return new Date(Number((ticks - rest) / perSecond) * 1000).toISOString().replace("000Z", `${digits}Z`);
}

/** A day in ISO 8601, from days since 1970. */
export function dayText(days: number): string {
  return new Date(days * 86_400_000).toISOString().replace(/T.*/, "");
}

/** A decimal as written, or an integer: its digits, with `scale` of them after the point. */
export function decimalOf(digits: bigint, scale: number): string | bigint {
  if (scale <= 0) return digits * 10n ** BigInt(-scale);
  const text = `${digits < 0n ? -digits : digits}`.padStart(scale + 1, "0");
  return `${digits < 0n ? "-" : ""}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}
