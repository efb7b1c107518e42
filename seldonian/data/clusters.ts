import { checkArgument, perRow } from "../../autodiff/options.ts";

/** The cluster of each row. Rows of a cluster, such as those of one patient, are one observation. */
export type ClusterIds = readonly (number | string)[] | Float64Array;

/**
 * Ids as stored: numbers and texts stay unchanged, values of other kinds are numbered.
 * @throws {RangeError} for a row without an id, or if there is not one id for each of `rows`
 */
export function clusterIdsOf(
  ids: ArrayLike<unknown>,
  rows: number,
  what = "clusters",
  place = (row: number) => `row ${row}`,
): ClusterIds {
  checkArgument("put rows into clusters", what, ids, perRow);
  if (ids.length !== rows) {
    throw new RangeError(`Cannot put ${rows} rows into clusters: ${what} has ${ids.length} values; wanted one for each row`);
  }
  const values = Array.from(ids), kinds = new Set(values.map((value) => typeof value));
  const missing = values.findIndex((value) => value === undefined || value === null || value === "" || Number.isNaN(value));
  if (missing >= 0) {
    throw new RangeError(
      `Cannot put ${
        place(missing)
      } into a cluster: its value in ${what} is missing, and it may belong to any; leave such rows out, ` +
        "or give each its own value",
    );
  }
  if (kinds.size === 1 && kinds.has("number")) return Float64Array.from(values as number[]);
  if (values.every((value) => typeof value === "number" || typeof value === "string")) return values as (number | string)[];
  return Float64Array.from(clusterNumbers(values));
}

/** The ids at these rows. */
export function clusterIdsAt(ids: ClusterIds, rows: ArrayLike<number>): ClusterIds {
  return ids instanceof Float64Array ? Float64Array.from(rows, (row) => ids[row]) : Array.from(rows, (row) => ids[row]);
}

/** Whether ids are numbers, texts, or both; no number equals a text. */
export function kindOfIds(ids: ArrayLike<number | string>): string {
  if (ids instanceof Float64Array) return "numbers";
  const kinds = new Set(Array.from(ids, (id) => typeof id));
  return kinds.size > 1 ? "numbers and texts" : kinds.has("string") ? "texts" : "numbers";
}

/** The ids of consecutive pieces. */
export function joinedIds(pieces: readonly ArrayLike<number | string>[]): ClusterIds {
  return clusterIdsOf(
    pieces.flatMap((piece) => Array.from(piece)),
    pieces.reduce((sum, { length }) => sum + length, 0),
  );
}

/** @throws {RangeError} if rows of one cluster have different values in `wider`, named `what` */
export function checkWhole(
  clusters: ArrayLike<unknown>,
  wider: ArrayLike<unknown>,
  what: string,
  place = (row: number) => `row ${row}`,
): void {
  const first = new Map<unknown, number>();
  for (let row = 0; row < clusters.length; row++) {
    const other = first.get(clusters[row]);
    if (other === undefined) first.set(clusters[row], row);
    else if (wider[other] !== wider[row]) {
      throw new RangeError(
        `Cannot divide the cluster ${clusters[row]}: ${place(other)} and ${place(row)} have ${wider[other]} and ${
          wider[row]
        } in ${what}; ` +
          "wanted the same value in all rows of a cluster",
      );
    }
  }
}

/** Clusters numbered from 0, in order of appearance. */
export function clusterNumbers(clusters: ArrayLike<unknown>): Int32Array {
  const numbers = new Map<unknown, number>();
  return Int32Array.from({ length: clusters.length }, (_, row) => {
    const number = numbers.get(clusters[row]) ?? numbers.size;
    numbers.set(clusters[row], number);
    return number;
  });
}
