import { type RandomGenerator, uniformInt } from "../../deps.ts";
import type { DataSet } from "./data_set.ts";

/** Draws this many rows, or clusters, with replacement. */
export function drawnFrom(data: DataSet, count: number, random: RandomGenerator): DataSet {
  const units = unitsIn(data), drawn = Array.from({ length: count }, () => units[uniformInt(random, 0, units.length - 1)]);
  const rows = data.take(drawn.flat());
  // A cluster drawn twice is two clusters.
  return data.hasClusters ? rows.clustered(drawn.flatMap((unit, i) => unit.map(() => i))) : rows;
}

/** The rows of each cluster, or each row. */
export function unitsIn(data: DataSet): number[][] {
  const { clusters } = data;
  if (clusters === undefined) return Array.from({ length: data.size }, (_, row) => [row]);
  const found = new Map<number | string, number[]>();
  for (let row = 0; row < data.size; row++) {
    const rows = found.get(clusters[row]);
    if (rows === undefined) found.set(clusters[row], [row]);
    else rows.push(row);
  }
  return [...found.values()];
}
