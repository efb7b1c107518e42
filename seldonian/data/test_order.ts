import { hashOf, keyedKeys, orderOf, rowKeysOf } from "./row_keys.ts";
import type { Source } from "./data_set.ts";

/** The order in which a safety test sees rows. */
export interface TestOrder {
  /** The number of each row, in the order in which they are seen. */
  order: Int32Array;
  /** The key of the order, 16 hexadecimal digits. */
  key: string;
}

/**
 * The order in which a test sees rows, for bounds that read one: drawn from the rows and the question alone, so that there is no seed to
 * shop for, and rows in another order in the file change nothing. Rows are sorted by a hash of their own key under a key that is
 * made of all rows and of the question; equal rows are told apart by counting them. Of a hash that behaves as a random function, the
 * order is uniform over all orders, whatever the rows are. Clusters are ordered in this way, by the sum of their rows' keys, and
 * rows within them.
 * @param question all that says what is tested, as text
 * @param paired a data set whose rows belong to these
 */
export async function testOrder(data: Source, question: string, paired?: Source): Promise<TestOrder> {
  const own = await contentKeys(data), keys = paired === undefined ? own : joinedKeys(own, await contentKeys(paired));
  const [a, b] = sumOf(keys), key = hashOf(`${question}\n${data.size} ${a} ${b}`);
  const order = data.hasClusters ? clusterOrder(keys, await clusterOf(data), key) : orderOf(keys, key);
  return { order, key: key.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("") };
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

/** Whether two data sets have the same rows, in any order. */
export async function haveSameRows(first: Source, second: Source): Promise<boolean> {
  if (first.size !== second.size) return false;
  const [[a, b], [c, d]] = [sumOf(await first.rowKeys()), sumOf(await second.rowKeys())];
  return a === c && b === d;
}

/** The sum of keys, which does not depend on their order: other rows have another one but for a chance of 2⁻⁶⁴. */
function sumOf(keys: Uint32Array): [number, number] {
  let a = 0, b = 0;
  for (let i = 0; i < keys.length; i += 2) {
    a = (a + keys[i]) | 0;
    b = (b + keys[i + 1]) | 0;
  }
  return [a, b];
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
export async function clusterOf(data: Source): Promise<Int32Array> {
  const numbers = new Map<number | string, number>(), found = new Int32Array(data.size);
  let row = 0;
  for await (const { labels, clusters } of data.chunks(4096)) {
    for (let i = 0; i < labels.size; i++) {
      const id = clusters![i], number = numbers.get(id) ?? numbers.size;
      numbers.set(id, number);
      found[row++] = number;
    }
  }
  return found;
}

/** How many rows data has, or clusters: what is independent. */
export async function unitsOf(data: Source): Promise<number> {
  return data.hasClusters ? (await clusterOf(data)).reduce((most, cluster) => Math.max(most, cluster + 1), 0) : data.size;
}
