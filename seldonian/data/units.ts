import { joinedKeys } from "./row_keys.ts";
import { DataSet, type Source } from "./data_set.ts";

/** The keys of the rows of several data sets. */
export async function keysOf(sources: readonly Source[]): Promise<Uint32Array> {
  const parts: Uint32Array[] = [];
  for (const source of sources) parts.push(await source.rowKeys());
  return joinedKeys(parts);
}

/** The id of each row's cluster. */
export async function clusterIds(data: Source): Promise<(number | string)[]> {
  if (data instanceof DataSet) return Array.from(data.clusters!);
  const ids: (number | string)[] = [];
  for await (const { clusters } of data.chunks(4096)) ids.push(...Array.from(clusters!));
  return ids;
}

/** The user's number of a row, in the data that this is a part of. */
export function rowNumbersOf(data: Source): (row: number) => number {
  const numbers = data instanceof DataSet ? data.rowNumbers : undefined;
  return (row) => numbers?.[row] ?? row;
}

/** The place of a row in the user's data, for messages: "row 7", or "line 9 of data.csv". */
export function placesOf(data: Source): (row: number) => string {
  return (row) => data instanceof DataSet ? data.place(row) : `row ${row}`;
}

/** The number of independent units in data: its rows, or clusters. */
export async function unitCount(data: Source): Promise<number> {
  return data.hasClusters ? new Set(await clusterIds(data)).size : data.size;
}
