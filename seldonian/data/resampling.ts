import { type RandomGenerator, uniformInt } from "../../deps.ts";
import type { DataSet } from "./data_set.ts";

/** Draws this many rows, or clusters, with replacement. */
export function drawnFrom(data: DataSet, count: number, random: RandomGenerator): DataSet {
  const units = unitsIn(data);
  return ofUnits(data, drawnUnits(units.length, count, random).map((unit) => units[unit]));
}

/** The numbers of units drawn with replacement, uniformly. */
export function drawnUnits(all: number, count: number, random: RandomGenerator): number[] {
  return Array.from({ length: count }, () => uniformInt(random, 0, all - 1));
}

/** The rows of some units; a cluster that is taken twice is two clusters. */
export function ofUnits(data: DataSet, units: readonly (readonly number[])[]): DataSet {
  const rows = data.take(units.flat());
  return data.hasClusters ? rows.clustered(units.flatMap((unit, i) => unit.map(() => i))) : rows;
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
