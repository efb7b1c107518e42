import { csv } from "./csv.ts";
import { readParquet } from "./parquet.ts";
import type { CsvOptions } from "./rows_reader.ts";
import type { Table } from "./table.ts";
export type ReadOptions = CsvOptions & { encoding?: string };
export async function readTable(file: Uint8Array, { encoding: _, ...options }: ReadOptions = {}): Promise<Table> {
  if (file[0] === 0x50 && file[1] === 0x41) return await readParquet(file);
  return csv(new TextDecoder().decode(file), options);
}
