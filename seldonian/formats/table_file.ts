import { checkArgument, checkOptions, type Kind } from "../../autodiff/options.ts";
import { csvOptions } from "../tables/csv_options.ts";
import { name, names } from "../data/data_kinds.ts";
import { readArrow } from "./arrow.ts";
import { decoded } from "../tables/decoded.ts";
import { type FileFormat, formatLength, formatOf } from "./file_format.ts";
import { isGzip } from "../tables/bytes.ts";
import { unpacked } from "./gzip.ts";
import { jsonLines } from "./json_lines.ts";
import { readParquet } from "./parquet.ts";
import type { ReadOptions } from "./read_options.ts";
import { csv } from "../tables/csv.ts";
import { storageOf, type Table, tableOf } from "../tables/table.ts";

/** The formats that use each option. */
const usedBy: Readonly<Record<Exclude<keyof ReadOptions, "file" | "limits">, readonly FileFormat[]>> = {
  header: ["csv"],
  separator: ["csv"],
  skipLines: ["csv"],
  decimal: ["csv"],
  thousands: ["csv"],
  missingValues: ["csv"],
  trim: ["csv"],
  replace: ["csv"],
  text: ["csv", "jsonl", "parquet", "arrow"],
  encoding: ["csv", "jsonl"],
  columns: ["parquet", "arrow"],
};

const said: Readonly<Record<FileFormat, string>> = {
  csv: "a CSV file",
  jsonl: "a JSON file",
  parquet: "a Parquet file",
  arrow: "an Arrow file",
};

const fileKind: Kind = {
  type: "object",
  wanted: "its bytes, as from Deno.readFile(), or a Blob",
  holds: (value) => value instanceof Uint8Array || value instanceof Blob,
};

/**
 * The table of a file.
 * @throws as `readTable()`
 */
export async function tableOfFile(given: Uint8Array | Blob, options: ReadOptions): Promise<Table> {
  checkArgument("read a table", "the file", given, fileKind);
  checkOptions("read a table", options, { ...csvOptions, encoding: name, columns: names });
  const { file } = options;
  let source = given, head = await beginning(given);
  if (isGzip(head)) {
    source = await unpacked(await allOf(given), file, options.limits);
    head = source.subarray(0, formatLength);
  }
  const format = formatOf(head, file),
    useless = namesIn(usedBy).find((name) => options[name] !== undefined && !usedBy[name].includes(format));
  if (useless !== undefined) {
    throw new RangeError(`Cannot read ${file ?? "the file"}: ${said[format]} does not use ${useless}; leave it out`);
  }
  const { encoding, columns, text, file: _, ...forCsv } = options, { limits } = options;
  switch (format) {
    case "parquet":
      return await readParquet(source, { columns, text, file, limits });
    case "arrow":
      return await readArrow(await allOf(source), { columns, text, file, limits });
    case "jsonl":
      return named(jsonLines(decoded(await allOf(source), { encoding, file }).text, { text, file, limits }), file);
    case "csv": {
      const read = decoded(await allOf(source), { encoding, file }), told = read.encoding === "utf-8" || encoding !== undefined;
      const table = csv(read.text, { ...forCsv, text, ...(file !== undefined && { file }) });
      return named(table, file, told ? [] : [`decoded as ${read.encoding.toUpperCase()}`]);
    }
  }
}

/** The table with the file's name, for the places of its rows, and the corrections while reading. */
function named(table: Table, file: string | undefined, repairs: readonly string[] = []): Table {
  const { columns, origin, size } = storageOf(table);
  return tableOf({
    columns,
    size,
    origin: { ...origin, ...(file !== undefined && { file }), repairs: [...repairs, ...origin.repairs] },
  });
}

async function beginning(source: Uint8Array | Blob): Promise<Uint8Array> {
  return source instanceof Uint8Array ? source.subarray(0, formatLength) : await allOf(source.slice(0, formatLength));
}

async function allOf(source: Uint8Array | Blob): Promise<Uint8Array> {
  return source instanceof Uint8Array ? source : new Uint8Array(await source.arrayBuffer());
}

function namesIn<Name extends string>(of: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(of) as Name[];
}
