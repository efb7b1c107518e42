import { loadParquet } from "../../deps.ts";
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
 * Reads an Apache Parquet file, of any of its compressions. Whole numbers of 64 bits become float64, truth values 0 and 1, times text
 * as in ISO 8601. The reader (hyparquet) is loaded at the first use.
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
  const metadata = await named(parquetMetadataAsync(access));
  const read = async (rowStart: number, rowEnd: number): Promise<Table> => {
    const records = await named(
      parquetReadObjects({ file: access, metadata, compressors, rowStart, rowEnd, ...(columns && { columns: [...columns] }) }),
    );
    return Table.from(records.map((record, i) =>
      Object.fromEntries(
        Object.entries(record).map(([name, value]) => [name, cellOf(name, value, rowStart + i)]),
      )
    ));
  };
  return { size: Number(metadata.num_rows), read };
}

function cellOf(name: string, value: unknown, row: number): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object") {
    const text = JSON.stringify(value, (_, part) => typeof part === "bigint" ? Number(part) : part);
    throw new RangeError(`Cannot read the Parquet file: column "${name}" holds ${text} in row ${row}; wanted numbers or texts`);
  }
  return value as string | number | boolean;
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
