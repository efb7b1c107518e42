import { clusterNumbers } from "./clusters.ts";
import { hashOf } from "./row_hashes.ts";
import { keyedKeys, orderOf } from "./row_order.ts";
import { wholeKeys } from "./row_keys.ts";

/** The order of rows in a safety test. */
export interface TestOrder {
  /** The row numbers in test order. */
  rows: Int32Array;
  /** The key of the order, 16 hexadecimal digits. */
  key: string;
}

/**
 * The order of rows in a test, for bounds that depend on it. It is derived only from the data, so there is no seed and no wording
 * of the question to try until a test passes. The same rows in another order are other data, with another digest.
 *
 * Rows are sorted by a hash of their key and of the number of equal rows before them, under a key that hashes all rows in their
 * given order. If rows are drawn independently, every given order is equally probable, given the set of rows. So, for a hash that
 * behaves as a random function, the test's order is uniform over all orders, given the rows, even with few kinds of rows. A key
 * that ignored the given order would allow only one order for each set of counts, and a verdict that misses always or never.
 * Clusters are ordered in the same way, by the sum of their rows' keys, and rows within them.
 * @param keys two words a row, of features, label and columns
 * @param clusters the id of each row's cluster
 * @throws {RangeError} if equal rows stand together in a way that independent rows do with probability below 1e-6: such an order
 * is a function of the rows, and adds no chance to them
 */
export function testOrder(keys: Uint32Array, clusters?: ArrayLike<number | string>): TestOrder {
  const key = hashOf(`${keys.length / 2} ${chainOf(keys)}`),
    shown = key.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  if (clusters === undefined) {
    checkUnsorted(keys);
    return { rows: orderOf(keys, key), key: shown };
  }
  const clusterOf = clusterNumbers(clusters), sums = sumsOf(keys, clusterOf), place = new Int32Array(sums.length / 2);
  checkUnsorted(sums, "clusters");
  orderOf(sums, key).forEach((cluster, i) => place[cluster] = i);
  const rows = orderOf(keys, key), within = new Int32Array(rows.length);
  rows.forEach((row, i) => within[row] = i);
  return { rows: rows.sort((a, b) => place[clusterOf[a]] - place[clusterOf[b]] || within[a] - within[b]), key: shown };
}

/** The sums of the row keys of each cluster. */
function sumsOf(keys: Uint32Array, clusterOf: Int32Array): Uint32Array {
  const count = clusterOf.reduce((most, cluster) => Math.max(most, cluster + 1), 0), sums = new Uint32Array(2 * count);
  // Uses another hash; otherwise two equal rows of a cluster would look like one with twice the key.
  const hashed = keyedKeys(keys, [1, 2]);
  clusterOf.forEach((cluster, row) => {
    sums[2 * cluster] += hashed[2 * row];
    sums[2 * cluster + 1] += hashed[2 * row + 1];
  });
  return sums;
}

/** @throws {RangeError} as {@link testOrder} */
export function checkUnsorted(keys: Uint32Array, what: "rows" | "clusters" = "rows"): void {
  const all = wholeKeys(keys), counts = new Map<bigint, number>();
  let runs = 0;
  all.forEach((key, i) => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (i === 0 || key !== all[i - 1]) runs++;
  });
  // A few duplicate rows do not make an order.
  if (runs > counts.size || counts.size > all.length / 2) return;
  // The fraction of orders in which equal rows stand together: kinds! Π counts! / n!
  let logarithm = logFactorial(counts.size) - logFactorial(all.length);
  for (const count of counts.values()) logarithm += logFactorial(count);
  if (logarithm > Math.log(1e-6)) return;
  throw new RangeError(
    `Cannot test ${all.length} ${what} of ${counts.size} kinds in sorted order, with equal ones together: a test reads independent rows ` +
      "in an order that does not depend on them; shuffle them, as split() does",
  );
}

function logFactorial(n: number): number {
  let sum = 0;
  for (let i = 2; i <= n; i++) sum += Math.log(i);
  return sum;
}

/** A hash of keys in their order. */
function chainOf(keys: Uint32Array): [number, number] {
  let a = 1, b = 2;
  for (let i = 0; i < keys.length; i += 2) {
    a = Math.imul(a ^ keys[i], 0x9e3779b1);
    b = Math.imul(b ^ keys[i + 1], 0x85ebca6b);
    a = (a ^ (a >>> 15)) + b | 0;
    b = (b ^ (b >>> 13)) + a | 0;
  }
  return [a, b];
}
