import { type Compressors, loadParquet, type ParquetColumn, type ParquetMetadata, type ParquetPart } from "../../deps.ts";
import { DataError } from "../data/data_error.ts";
import { bytesOfCell, checkContents } from "../tables/limits.ts";
import { checkPages, type Chunk } from "./parquet_pages.ts";
import { shortest } from "../data/columns.ts";
import type { ParquetOptions, RandomAccess } from "./read_options.ts";
import type { Table } from "../tables/table.ts";
import { type ColumnKind, dayText, decimalOf, timeText, typedTable, wantedColumns } from "./typed_columns.ts";

/** A Parquet file whose rows are read on demand. */
export interface OpenedParquet {
  /** The number of rows. */
  size: number;
  /** The rows from `start` to before `end`. */
  read(start: number, end: number): Promise<Table>;
}

/**
 * Reads a file's metadata.
 * @throws as `readParquet()`
 */
export async function openedParquet(bytes: Uint8Array | Blob | RandomAccess, options: ParquetOptions): Promise<OpenedParquet> {
  const { parquetMetadataAsync, parquetRead, compressors } = await loadParquet();
  const file = options.file ?? "the Parquet file", access = accessTo(bytes);
  const named = async <T>(reading: Promise<T>): Promise<T> => {
    try {
      return await reading;
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw new RangeError(`Cannot read ${file}: ${(error as Error).message}`, { cause: error });
    }
  };
  const found = await named(parquetMetadataAsync(access)), { schema = [], row_groups: groups = [] } = found;
  const metadata = { ...found, schema, row_groups: groups };
  const wanted = wantedColumns(columnsIn(schema).map((column) => [column.name, kindOfColumn(column)]), options, file),
    columns = wanted.map(({ name }) => name);
  const size = Number(metadata.num_rows), chunks = chunksOf(metadata, new Set(columns), compressors);
  if (groups.reduce((sum, { num_rows }) => sum + Number(num_rows), 0) !== size || groups.some(({ num_rows }) => num_rows < 0n)) {
    throw new RangeError(`Cannot read ${file}: it claims ${size} rows, and its parts have other numbers of rows`);
  }
  const read = async (rowStart: number, rowEnd: number): Promise<Table> => {
    let contents = bytesOfCell * (rowEnd - rowStart) * wanted.length;
    const check = (more: number) => checkContents(file, access.byteLength, contents += more, options.limits);
    check(0);
    // The reader sees only pages that were checked.
    const sliced = async (start: number, end?: number) => {
      const buffer = await access.slice(start, end);
      for (const { from, to, ...chunk } of chunks) {
        if (from < start || to > start + buffer.byteLength) continue;
        checkPages({ ...chunk, bytes: new Uint8Array(buffer, from - start, to - from), told: check });
      }
      return buffer;
    };
    const slice = (start: number, end?: number) => {
      const reading = sliced(start, end);
      // After one error the reader does not wait for the others.
      reading.catch(() => {});
      return reading;
    };
    const checked = { byteLength: access.byteLength, slice };
    const parts = new Map<string, ParquetPart[]>(columns.map((name) => [name, []]));
    const onChunk = (part: ParquetPart) => parts.get(part.columnName)!.push(part);
    await named(parquetRead({ file: checked, metadata, compressors, parsers, rowStart, rowEnd, columns, onChunk }));
    const cells = wanted.map((column) => {
      const cells: (string | number)[] = [];
      for (const { columnData, rowStart: first } of parts.get(column.name)!.sort((a, b) => a.rowStart - b.rowStart)) {
        const end = Math.min(columnData.length, rowEnd - first);
        for (let i = Math.max(0, rowStart - first); i < end; i++) cells.push(column.cell(columnData[i], first + i));
      }
      if (cells.length === rowEnd - rowStart) return cells;
      throw new RangeError(
        `Cannot read ${file}: column "${column.name}" has ${cells.length} values in ${rowEnd - rowStart} rows`,
      );
    });
    return typedTable(wanted, cells, { file: options.file, firstRow: rowStart });
  };
  return { size, read };
}

/** A column's part of a row group: its place, and what it says of itself. */
type Place = { from: number; to: number } & Omit<Chunk, "bytes" | "told">;

function chunksOf({ schema, row_groups }: ParquetMetadata, wanted: ReadonlySet<string>, compressors: Compressors): Place[] {
  const kinds = new Map(columnsIn(schema).map((column) => [column.name, column]));
  return row_groups.flatMap(({ columns, num_rows }) =>
    columns.flatMap(({ meta_data: part }) => {
      const [name] = part?.path_in_schema ?? [];
      if (part === undefined || !wanted.has(name)) return [];
      const from = Number(part.dictionary_page_offset || part.data_page_offset), size = Number(part.total_compressed_size);
      if (!(size >= 0)) return [];
      const { repetition_type, type } = kinds.get(name)!, unpack = compressors[part.codec] ?? ((page: Uint8Array) => page);
      const kind = { isOptional: repetition_type === "OPTIONAL", isBoolean: type === "BOOLEAN", unpack };
      return [{ from, to: from + size, rows: Number(num_rows), ...kind }];
    })
  );
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Converters for reading: times and days, where a Date would lose digits below a millisecond, and texts. */
const parsers = {
  timestampFromMilliseconds: (ticks: bigint) => timeText(BigInt(ticks), 1000n),
  timestampFromMicroseconds: (ticks: bigint) => timeText(BigInt(ticks), 1_000_000n),
  timestampFromNanoseconds: (ticks: bigint) => timeText(BigInt(ticks), 1_000_000_000n),
  dateFromDays: dayText,
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && utf8.decode(bytes),
};

/** The file's columns: the children of the schema's root. */
function columnsIn(schema: readonly ParquetColumn[]): ParquetColumn[] {
  const found: ParquetColumn[] = [];
  const end = (place: number): number => {
    let next = place + 1;
    for (let child = 0; child < (schema[place]?.num_children ?? 0); child++) next = end(next);
    return next;
  };
  for (let place = 1; place < schema.length; place = end(place)) found.push(schema[place]);
  return found;
}

function kindOfColumn(element: ParquetColumn): ColumnKind | string {
  const { type, converted_type: converted = "", logical_type: logical, scale = 0 } = element;
  if (element.num_children || element.repetition_type === "REPEATED") return "lists or structures";
  if (converted === "DECIMAL") return { texts: false, read: (value, asText) => decimal(Number(value), scale, asText) };
  if (type === "FIXED_LEN_BYTE_ARRAY" && !["UUID", "FLOAT16"].includes(logical?.type ?? "")) return "bytes";
  const texts = type === "BYTE_ARRAY" || type === "INT96" || /^(DATE|TIMESTAMP_)/.test(converted) ||
    ["TIMESTAMP", "DATE", "UUID"].includes(logical?.type ?? "");
  return texts || type !== "FLOAT" ? { texts } : { texts, read: (value) => shortest(Number(value)) };
}

/** A decimal as it was written, from the reader's double. */
function decimal(value: number, scale: number, asText: boolean): string | bigint | number {
  const digits = Math.round(value * 10 ** scale);
  if (Number.isSafeInteger(digits)) return decimalOf(BigInt(digits), scale);
  if (scale > 0 && !asText) return value;
  throw new RangeError(`${value} has more digits than are read of a decimal, 2^53 at most; write it as text`);
}

function accessTo(file: Uint8Array | Blob | RandomAccess): RandomAccess {
  if (file instanceof Uint8Array) {
    return {
      byteLength: file.byteLength,
      slice: (start, end) => new Uint8Array(file.slice(start, end)).buffer,
    };
  }
  if (file instanceof Blob) return { byteLength: file.size, slice: (start, end) => file.slice(start, end).arrayBuffer() };
  return file;
}
