import { hashOf, keyedKeys, orderOf, rowKeysOf } from "./row_keys.ts";
import { DataSet, type Source } from "./data_set.ts";

/** The order in which a safety test sees rows. */
export interface TestOrder {
  /** The number of each row, in the order in which they are seen. */
  order: Int32Array;
  /** The key of the order, 16 hexadecimal digits. */
  key: string;
}

/**
 * The order in which a test sees rows, for bounds that read one. It is drawn from the data alone, so that there is no seed, and no wording
 * of the question, to shop for; whoever puts the same rows into another order has other data, by its digest too. Rows are sorted by a hash of their own key and of how many equal rows come before, under a key that is a
 * hash of all rows in the order in which the data was given. For rows that are drawn independently every such order is equally
 * probable, given which rows they are; so, of a hash that behaves as a random function, the order of the test is uniform over all
 * orders, given the rows, also where there are few kinds of them. A key that does not depend on the order given would leave one order for
 * every count of each kind, and a verdict that misses always or never. Clusters are ordered in this way, by the sum of their rows' keys,
 * and rows within them.
 * @param paired a data set whose rows belong to these
 * @throws {RangeError} for equal rows that stand together, which independent rows do with probability below 1e-6: such an order is a
 * function of the rows, and adds no chance to them
 */
export async function testOrder(data: Source, paired?: Source): Promise<TestOrder> {
  const own = await contentKeys(data), keys = paired === undefined ? own : joinedKeys(own, await contentKeys(paired));
  checkUnsorted(keys);
  const key = hashOf(`${data.size} ${chainOf(keys)}`);
  const order = data.hasClusters ? clusterOrder(keys, await clusterOf(data), key) : orderOf(keys, key);
  return { order, key: key.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("") };
}

function checkUnsorted(keys: Uint32Array): void {
  const all = new BigUint64Array(keys.buffer, keys.byteOffset, keys.length / 2), counts = new Map<bigint, number>();
  let runs = 0;
  all.forEach((key, i) => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (i === 0 || key !== all[i - 1]) runs++;
  });
  if (runs > counts.size || counts.size === all.length) return;
  // Of all orders, those in which equal rows stand together: kinds! Π counts! / n!
  let logarithm = logFactorial(counts.size) - logFactorial(all.length);
  for (const count of counts.values()) logarithm += logFactorial(count);
  if (logarithm > Math.log(1e-6)) return;
  throw new RangeError(
    `Cannot test ${all.length} rows of ${counts.size} kinds that are sorted, so that equal rows stand together: a test reads independent rows ` +
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

/** The keys of rows as the model sees them: who has no more than these finds the same order. */
async function contentKeys(data: Source): Promise<Uint32Array> {
  const keys = new Uint32Array(2 * data.size);
  let row = 0;
  for await (const { features, labels, columns } of data.chunks(4096)) {
    keys.set(rowKeysOf({ features, labels: labels.data, columns }, labels.size), 2 * row);
    row += labels.size;
  }
  return keys;
}

/** Keys of pairs of rows. */
function joinedKeys(first: Uint32Array, second: Uint32Array): Uint32Array {
  const joined = new Uint32Array(first.length);
  for (let i = 0; i < first.length; i += 2) {
    const pair = keyedKeys(second.subarray(i, i + 2), [first[i], first[i + 1]]);
    joined.set(pair, i);
  }
  return joined;
}

/** The keys of the rows of several data sets. */
export async function keysOf(sources: readonly Source[]): Promise<Uint32Array> {
  const parts: Uint32Array[] = [];
  for (const source of sources) parts.push(await source.rowKeys());
  const keys = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    keys.set(part, at);
    at += part.length;
  }
  return keys;
}

/** Clusters in an order that is drawn as that of rows is, and the rows of each together. */
function clusterOrder(keys: Uint32Array, clusters: Int32Array, key: readonly [number, number]): Int32Array {
  const count = clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0), sums = new Uint32Array(2 * count);
  for (let row = 0; row < clusters.length; row++) {
    const [a, b] = keyedKeys(keys.subarray(2 * row, 2 * row + 2), [1, 2]);
    sums[2 * clusters[row]] += a;
    sums[2 * clusters[row] + 1] += b;
  }
  const place = new Int32Array(count);
  orderOf(sums, key).forEach((cluster, i) => place[cluster] = i);
  const within = new Int32Array(clusters.length);
  orderOf(keys, key).forEach((row, i) => within[row] = i);
  return Int32Array.from(clusters, (_, row) => row).sort((a, b) =>
    place[clusters[a]] - place[clusters[b]] || within[a] - within[b]
  );
}

/** The cluster of each row, numbered from 0. */
async function clusterOf(data: Source): Promise<Int32Array> {
  const numbers = new Map<number | string, number>();
  return Int32Array.from(await clusterIds(data), (id) => {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return number;
  });
}

/** The id of each row's cluster. */
export async function clusterIds(data: Source): Promise<(number | string)[]> {
  if (data instanceof DataSet) return Array.from(data.clusters!);
  const ids: (number | string)[] = [];
  for await (const { clusters } of data.chunks(4096)) ids.push(...Array.from(clusters!));
  return ids;
}

/** How many rows data has, or clusters: what is independent. */
export async function unitsOf(data: Source): Promise<number> {
  return data.hasClusters ? new Set(await clusterIds(data)).size : data.size;
}
