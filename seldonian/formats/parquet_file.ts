import { loadParquet } from "../../deps.ts";
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

/** Reads a file's metadata. @throws as `readParquet()` */
export async function openedParquet(bytes: Uint8Array | Blob | RandomAccess, options: ParquetOptions): Promise<OpenedParquet> {
  const { parquetMetadataAsync, parquetReadObjects, compressors } = await loadParquet();
  const file = options.file ?? "the Parquet file", access = accessTo(bytes);
  const named = async <T>(reading: Promise<T>): Promise<T> => {
    try {
      return await reading;
    } catch (error) {
      throw new RangeError(`Cannot read ${file}: ${(error as Error).message}`, { cause: error });
    }
  };
  const metadata = await named(parquetMetadataAsync(access)),
    schema = (metadata as { schema?: readonly SchemaElement[] }).schema ?? [];
  const wanted = wantedColumns(columnsIn(schema), options, file), columns = wanted.map(({ name }) => name);
  const read = async (rowStart: number, rowEnd: number): Promise<Table> => {
    const records = await named(
      parquetReadObjects({ file: access, metadata, compressors, parsers, rowStart, rowEnd, columns }),
    );
    return typedTable(
      wanted,
      wanted.map((column) => records.map(({ [column.name]: value }, i) => column.cell(value, rowStart + i))),
      { file: options.file, firstRow: rowStart },
    );
  };
  return { size: Number(metadata.num_rows), read };
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

/** The used parts of a schema's elements, in the order of their tree. */
interface SchemaElement {
  name: string;
  type?: string;
  converted_type?: string;
  logical_type?: { type: string };
  repetition_type?: string;
  scale?: number;
  num_children?: number;
}

/** The file's columns: the children of the schema's root. */
function columnsIn(schema: readonly SchemaElement[]): [string, ColumnKind | string][] {
  const found: [string, ColumnKind | string][] = [];
  const end = (place: number): number => {
    let next = place + 1;
    for (let child = 0; child < (schema[place]?.num_children ?? 0); child++) next = end(next);
    return next;
  };
  for (let place = 1; place < schema.length; place = end(place)) found.push([schema[place].name, kindOfColumn(schema[place])]);
  return found;
}

function kindOfColumn(element: SchemaElement): ColumnKind | string {
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
