import { concatenate, Tensor } from "../../autodiff/mod.ts";
import { type RandomGenerator, uniformFloat64 } from "../../deps.ts";
import { inOrder, permutation, randomStream } from "../random.ts";
import { joinedColumns } from "./columns.ts";
import { DataSet, type DataSetParts, type Rows, type Source } from "./data_set.ts";
import type { Split } from "./split.ts";
import type { Cell, Table } from "./table.ts";

/** Starts to read a table that does not fit in memory, piece by piece, anew at each call: see `csvTables()`, `parquetTables()`. */
export type Tables = () => AsyncIterable<Table>;

/** How tables are split. */
export interface SplitTablesOptions {
  /** The part of the rows that is kept for the safety test, between 0 and 1; default 0.5. */
  safetyFraction?: number;
  /** Default 0; the same seed, the same split. */
  seed?: number;
  /** A column whose equal values stay together, as those of one patient. */
  groups?: string;
}

/**
 * Splits a table that is read in pieces: each row, or each group, goes to the safety data with the probability `safetyFraction`, by
 * the seed. Parts are read from the same source, so that nothing is stored.
 */
export function splitTables(
  tables: Tables,
  { safetyFraction = 0.5, seed = 0, groups }: SplitTablesOptions = {},
): Split<Tables> {
  if (!(safetyFraction > 0 && safetyFraction < 1)) {
    throw new RangeError(`Cannot split tables with safetyFraction ${safetyFraction}: wanted a number between 0 and 1`);
  }
  const part = (wanted: boolean): Tables =>
    async function* () {
      const random = randomStream(seed, "split"), drawn = new Map<Cell, boolean>();
      const isSafety = () => uniformFloat64(random) < safetyFraction;
      for await (const table of tables()) {
        const values = groups === undefined ? null : table.column(groups), rows: number[] = [];
        for (let row = 0; row < table.size; row++) {
          let safety: boolean;
          if (values === null) safety = isSafety();
          else {
            const known = drawn.get(values[row]);
            drawn.set(values[row], safety = known ?? isSafety());
          }
          if (safety === wanted) rows.push(row);
        }
        if (rows.length > 0) yield table.take(rows);
      }
    };
  return { candidate: part(false), safety: part(true) };
}

/** Rows among which a stream is shuffled: what is further apart stays in order. */
const shuffledTogether = 16384;

/** Data that does not fit in memory, read anew at each pass over it. Only numbers, names and one piece at a time are kept. */
export class DataStream implements Source {
  private constructor(
    readonly pieces: () => AsyncIterable<DataSet>,
    readonly size: number,
    readonly columnNames: readonly string[],
    readonly rowShape: unknown,
  ) {}

  /**
   * Reads the data once, to count its rows.
   * @param pieces starts to read; the pieces have the same columns and features of the same shape
   * @throws {RangeError} if they have not, or if there are no rows
   */
  static async open(pieces: () => AsyncIterable<DataSet>): Promise<DataStream> {
    let size = 0, first: DataSet | undefined;
    for await (const piece of pieces()) {
      first ??= piece;
      const [wanted, found] = [first, piece].map(({ columnNames, rowShape }) => JSON.stringify({ columnNames, rowShape }));
      if (found !== wanted) {
        throw new RangeError(`Cannot join pieces of data: the first has ${wanted}, and one from row ${size} on ${found}`);
      }
      size += piece.size;
    }
    if (first === undefined) throw new RangeError("Cannot use a stream of data without rows");
    return new DataStream(pieces, size, first.columnNames, first.rowShape);
  }

  chunks(size: number): AsyncGenerator<Rows> {
    return this.#cut(this.pieces(), size);
  }

  /** Shuffled among some ten thousand rows at a time: of a file in order of time or of class, shuffle the file. */
  shuffled(size: number, random: RandomGenerator): AsyncGenerator<Rows> {
    return this.#cut(this.#mixed(Math.max(shuffledTogether, 4 * size), random), size);
  }

  async sample(count: number, random: RandomGenerator): Promise<DataSet> {
    const chosen = count >= this.size ? inOrder(this.size) : permutation(this.size, random).subarray(0, count).sort(),
      parts: Rows[] = [];
    let next = 0, start = 0;
    for await (const piece of this.pieces()) {
      const places: number[] = [];
      for (; next < chosen.length && chosen[next] < start + piece.size; next++) places.push(chosen[next] - start);
      if (places.length > 0) parts.push(piece.at(places));
      start += piece.size;
    }
    return new DataSet(partsOf(joinedRows(parts)));
  }

  /** Pieces of just so many rows, but for the last. @throws {RangeError} if there are not as many rows as before */
  async *#cut(pieces: AsyncIterable<DataSet>, size: number): AsyncGenerator<Rows> {
    let parts: Rows[] = [], count = 0, total = 0;
    for await (const piece of pieces) {
      total += piece.size;
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
    if (total !== this.size) {
      throw new RangeError(`Cannot use a stream of data that changes: it had ${this.size} rows, and now it has ${total}`);
    }
  }

  async *#mixed(rows: number, random: RandomGenerator): AsyncGenerator<DataSet> {
    for await (const part of this.#cut(this.pieces(), rows)) {
      const together = new DataSet(partsOf(part));
      yield together.take(permutation(together.size, random));
    }
  }
}

/** Rows one after the other. */
function joinedRows(parts: readonly Rows[]): Rows {
  if (parts.length === 1) return parts[0];
  return {
    features: joinedFeatures(parts.map(({ features }) => features)),
    labels: concatenate(parts.map(({ labels }) => labels)),
    columns: joinedColumns(parts.map(({ columns }) => columns)),
  };
}

function joinedFeatures(parts: readonly unknown[]): unknown {
  const [first] = parts;
  if (first instanceof Tensor) return concatenate(parts as Tensor[]);
  if (Array.isArray(first)) return (parts as unknown[][]).flat(1);
  const named = parts as Record<string, Tensor>[];
  return Object.fromEntries(Object.keys(first as object).map((name) => [name, concatenate(named.map((part) => part[name]))]));
}

/** Rows as what a data set is made of. */
function partsOf({ features, labels, columns }: Rows): DataSetParts {
  return { ...(Array.isArray(features) ? { items: features } : { features }), labels, columns: Object.fromEntries(columns) };
}
