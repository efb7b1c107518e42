/** Which rows count for a measure. @module */
import type { AllColumns } from "../data/columns.ts";
import { tester } from "./conditions.ts";
import type { Leaf } from "./expression.ts";
import type { KnownRows } from "./row_facts.ts";

/** Whether a row counts for a leaf, by its number. */
export function rowTest(
  { measure, index, conditions }: Leaf,
  labels: ArrayLike<number>,
  columns: AllColumns,
): (row: number) => boolean {
  const tests = conditions.map((condition) => tester(condition, columns));
  return (row) => tests.every((test) => test(row) === true) && (measure.counts?.(labels[row], index) ?? true);
}

/** The numbers of the rows that count for a leaf. */
export function countingIn(leaf: Leaf, { labels, columns }: KnownRows): Int32Array {
  const { size } = labels, rows = new Int32Array(size), counts = rowTest(leaf, labels.data, columns);
  let n = 0;
  for (let row = 0; row < size; row++) if (counts(row)) rows[n++] = row;
  return rows.slice(0, n);
}

/** The places of common elements in two rising lists. */
export function commonPlaces(first: ArrayLike<number>, second: ArrayLike<number>): [Int32Array, Int32Array] {
  const inFirst: number[] = [], inSecond: number[] = [];
  for (let i = 0, j = 0; i < first.length && j < second.length;) {
    if (first[i] === second[j]) {
      inFirst.push(i++);
      inSecond.push(j++);
    } else if (first[i] < second[j]) i++;
    else j++;
  }
  return [Int32Array.from(inFirst), Int32Array.from(inSecond)];
}

/** Some rows, and their clusters in order: numbers, the place of each row's cluster among them, and sizes. */
export function withClusters(rows: Int32Array, clusterOf: Int32Array, count: number): (Int32Array | Float64Array)[] {
  const sizes = new Float64Array(count), place = new Int32Array(count), numbers: number[] = [];
  for (const row of rows) sizes[clusterOf[row]]++;
  sizes.forEach((size, cluster) => {
    place[cluster] = numbers.length;
    if (size > 0) numbers.push(cluster);
  });
  return [
    rows,
    Int32Array.from(numbers),
    rows.map((row) => place[clusterOf[row]]),
    Float64Array.from(numbers, (cluster) => sizes[cluster]),
  ];
}
