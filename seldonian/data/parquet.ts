import { loadParquet } from "../../deps.ts";
import { shortest } from "./columns.ts";
import type { Tables } from "./streams.ts";
import { Table } from "./table.ts";

/** Bytes that are read where they are needed. */
export interface RandomAccess {
  /** Length of the file. */
  byteLength: number;
  /** The bytes from `start` to before `end`. */
  slice(start: number, end?: number): Promise<ArrayBuffer> | ArrayBuffer;
}

/** How Parquet files are read. */
export interface ParquetOptions {
  /** Columns to read; default: all. */
  columns?: readonly string[];
  /** Of `parquetTables`: rows a piece, default 10,000. */
  rows?: number;
}

/**
 * Reads an Apache Parquet file, of any of its compressions. Columns are of numbers or of texts as the file's schema says, whatever
 * they hold. Whole numbers of 64 bits become float64, float32 and decimals the double nearest to what was written, truth values 0
 * and 1, times text as in ISO 8601; a missing number is NaN, a missing text "". The reader (hyparquet) is loaded at the first use.
 * @throws {RangeError} for what is no such file, or holds lists or structures
 */
export async function readParquet(file: Uint8Array | Blob | RandomAccess, { columns }: ParquetOptions = {}): Promise<Table> {
  const { size, read } = await opened(file, columns);
  return await read(0, size);
}

/** The same in pieces, of which one at a time is in memory. */
export function parquetTables(file: Uint8Array | Blob | RandomAccess, { columns, rows = 10000 }: ParquetOptions = {}): Tables {
  return async function* () {
    const { size, read } = await opened(file, columns);
    for (let start = 0; start < size; start += rows) yield await read(start, Math.min(size, start + rows));
  };
}

async function opened(file: Uint8Array | Blob | RandomAccess, columns: readonly string[] | undefined) {
  const { parquetMetadataAsync, parquetReadObjects, compressors } = await loadParquet();
  const access = accessTo(file),
    named = async <T>(reading: Promise<T>): Promise<T> => {
      try {
        return await reading;
      } catch (error) {
        throw new RangeError(`Cannot read the Parquet file: ${(error as Error).message}`, { cause: error });
      }
    };
  const metadata = await named(parquetMetadataAsync(access)),
    schema = (metadata as { schema?: readonly SchemaElement[] }).schema ?? [];
  const found = columnsIn(schema), unknown = columns?.find((name) => !found.has(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot find the column "${unknown}": the file has ${[...found.keys()].map((name) => `"${name}"`).join(", ")}`,
    );
  }
  const wanted = columns === undefined ? [...found] : columns.map((name) => [name, found.get(name)!] as const);
  const read = async (rowStart: number, rowEnd: number): Promise<Table> => {
    const records = await named(
      parquetReadObjects({ file: access, metadata, compressors, rowStart, rowEnd, ...(columns && { columns: [...columns] }) }),
    );
    if (records.length === 0) throw new RangeError("Cannot make a table: there are no rows");
    return new Table(
      new Map(
        wanted.map(([name, kind]) => [name, records.map((record, i) => cellOf(record[name], kind, name, rowStart + i))]),
      ) as ReadonlyMap<string, number[] | string[]>,
    );
  };
  return { size: Number(metadata.num_rows), read };
}

/** What is used of a schema's elements, which stand in the order of their tree. */
interface SchemaElement {
  name: string;
  type?: string;
  converted_type?: string;
  logical_type?: { type: string };
  scale?: number;
  num_children?: number;
}

/** How a column's values become cells: as texts, or as numbers by `number`. */
type Kind = { texts: true } | { texts: false; number: (value: number) => number };

/** The file's columns: the children of the schema's root. */
function columnsIn(schema: readonly SchemaElement[]): Map<string, Kind> {
  const found = new Map<string, Kind>();
  const end = (place: number): number => {
    let next = place + 1;
    for (let child = 0; child < (schema[place]?.num_children ?? 0); child++) next = end(next);
    return next;
  };
  for (let place = 1; place < schema.length; place = end(place)) found.set(schema[place].name, kindOfColumn(schema[place]));
  return found;
}

function kindOfColumn({ type, converted_type: converted = "", logical_type: logical, scale = 0 }: SchemaElement): Kind {
  if (converted === "DECIMAL") return { texts: false, number: (value) => Number(value.toFixed(scale)) };
  const texts = type === "BYTE_ARRAY" || type === "INT96" || /^(DATE|TIMESTAMP_)/.test(converted) ||
    ["TIMESTAMP", "DATE", "UUID"].includes(logical?.type ?? "");
  return texts ? { texts } : { texts, number: type === "FLOAT" ? shortest : (value) => value };
}

function cellOf(value: unknown, kind: Kind, name: string, row: number): string | number {
  if (value === null || value === undefined) return kind.texts ? "" : NaN;
  if (typeof value === "object" && !(value instanceof Date)) {
    const text = JSON.stringify(value, (_, part) => typeof part === "bigint" ? Number(part) : part);
    throw new RangeError(`Cannot read the Parquet file: column "${name}" holds ${text} in row ${row}; wanted numbers or texts`);
  }
  if (kind.texts) return value instanceof Date ? value.toISOString() : `${value}`;
  const number = Number(value);
  if (!Number.isNaN(number) || Number.isNaN(value)) return kind.number(number);
  throw new RangeError(`Cannot read the Parquet file: column "${name}" holds "${value}" in row ${row}; its type is of numbers`);
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
