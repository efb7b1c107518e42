import { concatenate, Tensor } from "../../autodiff/mod.ts";
import { callable, checkArgument } from "../../autodiff/options.ts";
import { pieces as iterable } from "./data_kinds.ts";
import type { RandomGenerator } from "../../deps.ts";
import { inOrder, permutation } from "../random.ts";
import { joinedIds, kindOfIds } from "./clusters.ts";
import { joinedColumns, kindOf, twoKinds } from "./columns.ts";
import { DataSet, type DataSetParts, type Rows, type Source } from "./data_set.ts";
import { joinedKeys, keysAt, rowKeysOf } from "./row_keys.ts";
import { SamePasses } from "./same_passes.ts";

/**
 * Checks a source to read piece by piece.
 * @throws {TypeError} unless `for await` can read it
 */
export function opened<T>(given: AsyncIterable<T>, name: string): AsyncIterable<T> {
  checkArgument("read a table in pieces", `the result of ${name}()`, given, iterable);
  return given;
}

/** The number of rows to shuffle together; rows further apart stay in order. */
const shuffledTogether = 16384;

/** What all pieces of a stream share. */
type Common = Pick<Source, "columnNames" | "rowShape" | "kind" | "exclusive" | "hasClusters" | "hasLabels" | "hasStrata">;

/**
 * Data that does not fit in memory, read again for each pass. Only numbers, names and one piece at a time are kept. A hash of its
 * rows compares every pass with the first.
 */
export class DataStream implements Source {
  readonly columnNames: readonly string[];
  readonly rowShape: unknown;
  readonly kind?: string;
  readonly exclusive: readonly (readonly string[])[];
  readonly hasClusters: boolean;
  readonly hasStrata: boolean;
  readonly hasLabels: boolean;
  readonly #passes: SamePasses;
  /** Two words a row. */
  readonly #keys: Uint32Array;

  private constructor(
    readonly pieces: () => AsyncIterable<DataSet>,
    readonly size: number,
    { columnNames, rowShape, kind, exclusive, hasClusters, hasLabels, hasStrata }: Common,
    passes: SamePasses,
    keys: Uint32Array,
  ) {
    this.columnNames = columnNames;
    this.rowShape = rowShape;
    this.kind = kind;
    this.exclusive = exclusive;
    this.hasClusters = hasClusters;
    this.hasLabels = hasLabels;
    this.hasStrata = hasStrata;
    this.#passes = passes;
    this.#keys = keys;
  }

  /**
   * Reads the data once, to count its rows and to recognise them later.
   * @param pieces starts to read. All pieces have the same columns, of the same kinds, and features of the same shape; every pass
   * has the same rows in the same order
   * @throws {RangeError} if the pieces differ, or there are no rows; in later passes if the rows differ from the first pass
   */
  static async open(pieces: () => AsyncIterable<DataSet>): Promise<DataStream> {
    checkArgument("open a stream of data", "pieces", pieces, callable);
    let size = 0, first: DataSet | undefined, kinds: Map<string, string> | undefined;
    const passes = new SamePasses("a stream of data"), pass = passes.begin(), keys: Uint32Array[] = [];
    for await (const piece of opened(pieces(), "pieces")) {
      first ??= piece;
      const [wanted, found] = [first, piece].map(shownCommon);
      if (found !== wanted) {
        throw new RangeError(`Cannot join pieces of data: the first has ${wanted}, and one from row ${size} on ${found}`);
      }
      const here = kindsOf(piece);
      kinds ??= here;
      for (const [name, kind] of here) if (kind !== kinds.get(name)) throw twoKinds(name, kinds.get(name)!, kind, size);
      pass.add(contentKeys(piece));
      keys.push(piece.rowKeys());
      size += piece.size;
    }
    if (first === undefined) throw new RangeError("Cannot use a stream of data without rows");
    pass.end();
    return new DataStream(pieces, size, first, passes, joinedKeys(keys));
  }

  chunks(size: number): AsyncGenerator<Rows> {
    return this.#cut(this.#pass(), size);
  }

  /** Shuffled among some ten thousand rows at a time. If a file is sorted by time or class, shuffle the file. */
  shuffled(size: number, random: RandomGenerator): AsyncGenerator<Rows> {
    return this.#cut(this.#mixed(Math.max(shuffledTogether, 4 * size), random), size);
  }

  async sample(count: number, random: RandomGenerator): Promise<DataSet> {
    const chosen = count >= this.size ? inOrder(this.size) : permutation(this.size, random).subarray(0, count).sort(),
      parts: Rows[] = [],
      keys = new Uint32Array(2 * chosen.length);
    let next = 0, start = 0;
    for await (const piece of this.#pass()) {
      const places: number[] = [];
      for (; next < chosen.length && chosen[next] < start + piece.size; next++) places.push(chosen[next] - start);
      if (places.length > 0) {
        parts.push(piece.at(places));
        keys.set(keysAt(piece.rowKeys(), places), 2 * (next - places.length));
      }
      start += piece.size;
    }
    return new DataSet(this.#partsOf(joinedRows(parts)), { keys: () => keys });
  }

  rowKeys(): Uint32Array {
    return this.#keys.slice();
  }

  /**
   * The pieces, with as many rows as at first.
   * @throws {RangeError} if they are not the rows of the first pass
   */
  async *#pass(): AsyncGenerator<DataSet> {
    const pass = this.#passes.begin();
    let total = 0;
    for await (const piece of this.pieces()) {
      total += piece.size;
      if (total <= this.size) {
        pass.add(contentKeys(piece));
        yield piece;
      }
    }
    if (total !== this.size) {
      throw new RangeError(`Cannot use a stream of data that changes: it had ${this.size} rows, and now it has ${total}`);
    }
    pass.end();
  }

  /** Pieces of exactly `size` rows; the last may be shorter. */
  async *#cut(pieces: AsyncIterable<DataSet>, size: number): AsyncGenerator<Rows> {
    let parts: Rows[] = [], count = 0;
    for await (const piece of pieces) {
      for (let start = 0; start < piece.size;) {
        const taken = Math.min(size - count, piece.size - start), first = start;
        parts.push(piece.at(Array.from({ length: taken }, (_, i) => first + i)));
        start += taken;
        count += taken;
        if (count < size) continue;
        yield joinedRows(parts);
        [parts, count] = [[], 0];
      }
    }
    if (parts.length > 0) yield joinedRows(parts);
  }

  async *#mixed(rows: number, random: RandomGenerator): AsyncGenerator<DataSet> {
    for await (const part of this.#cut(this.#pass(), rows)) {
      const together = new DataSet(this.#partsOf(part));
      yield together.take(permutation(together.size, random));
    }
  }

  /** Rows as parts of a data set. */
  #partsOf({ features, labels, columns, clusters }: Rows): DataSetParts {
    return {
      ...(Array.isArray(features) ? { items: features } : { features }),
      ...(this.hasLabels && { labels }),
      columns: Object.fromEntries(columns),
      exclusive: this.exclusive,
      clusters,
    };
  }
}

/** Rows joined one after the other. */
function joinedRows(parts: readonly Rows[]): Rows {
  if (parts.length === 1) return parts[0];
  return {
    features: joinedFeatures(parts.map(({ features }) => features)),
    labels: concatenate(parts.map(({ labels }) => labels)),
    columns: joinedColumns(parts.map(({ columns }) => columns)),
    ...(parts[0].clusters && { clusters: joinedIds(parts.map(({ clusters }) => clusters!)) }),
  };
}

function joinedFeatures(parts: readonly unknown[]): unknown {
  const [first] = parts;
  if (first instanceof Tensor) return concatenate(parts as Tensor[]);
  if (Array.isArray(first)) return (parts as unknown[][]).flat(1);
  const named = parts as Record<string, Tensor>[];
  return Object.fromEntries(Object.keys(first as object).map((name) => [name, concatenate(named.map((part) => part[name]))]));
}

function shownCommon({ columnNames, rowShape, kind, exclusive, hasClusters, hasLabels, hasStrata }: Common): string {
  return JSON.stringify({
    columnNames,
    rowShape,
    kind,
    ...(exclusive.length > 0 && { exclusive }),
    ...(hasClusters && { clusters: true }),
    ...(!hasLabels && { labels: false }),
    ...(hasStrata && { strata: true }),
  });
}

/** The kinds of columns and ids. */
function kindsOf({ allColumns, clusters }: DataSet): Map<string, string> {
  const kinds = new Map<string, string>(Array.from(allColumns, ([name, values]) => [name, kindOf(values)]));
  return clusters === undefined ? kinds : kinds.set("clusters", kindOfIds(clusters));
}

/** The keys of rows with their encoding and clusters. */
function contentKeys(piece: DataSet): Uint32Array {
  const { allColumns, labels, clusters } = piece,
    rows = new Map<string, ArrayLike<number> | readonly string[] | Tensor>(allColumns);
  if (clusters !== undefined) rows.set("clusters", Array.from(clusters, String));
  const [keys, others] = [piece.rowKeys(), rowKeysOf({ labels, columns: rows }, piece.size)];
  return keys.map((word, i) => word ^ others[i]);
}
