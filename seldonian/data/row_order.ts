import { RowHashes } from "./row_hashes.ts";

/**
 * An order of rows that depends only on the rows and on `key`, not on their given order. Rows are sorted by a hash of the key,
 * the row's key, and the number of equal rows before it, which separates copies of a row.
 */
export function orderOf(keys: Uint32Array, key: readonly [number, number]): Int32Array {
  const rows = keys.length / 2, hashes = new RowHashes(rows, key), table = new KeyTable(keys), copies = new Uint32Array(2 * rows);
  for (let row = 0; row < rows; row++) copies[2 * row] = table.add(row);
  hashes.pairs(keys);
  hashes.pairs(copies);
  const places = hashes.keys(), order = new Int32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  return order.sort((a, b) => places[2 * a] - places[2 * b] || places[2 * a + 1] - places[2 * b + 1] || a - b);
}

/** Another key for each row, which depends only on the row's key and on `key`. */
export function keyedKeys(keys: Uint32Array, key: readonly [number, number]): Uint32Array {
  const rows = keys.length / 2, hashes = new RowHashes(rows, key);
  hashes.pairs(keys);
  return hashes.keys();
}

/** Counts rows of equal keys. */
class KeyTable {
  readonly #mask: number;
  /** The first row of each key, or -1, and the number of rows. */
  readonly #rows: Int32Array;
  readonly #counts: Int32Array;

  constructor(readonly keys: Uint32Array) {
    const size = 2 ** Math.ceil(Math.log2(keys.length + 2));
    this.#mask = size - 1;
    this.#rows = new Int32Array(size).fill(-1);
    this.#counts = new Int32Array(size);
  }

  /** Adds a row; returns the number of earlier rows with its key. */
  add(row: number): number {
    const high = this.keys[2 * row], low = this.keys[2 * row + 1];
    for (let place = (high ^ low) & this.#mask;; place = (place + 1) & this.#mask) {
      const other = this.#rows[place];
      if (other < 0) this.#rows[place] = row;
      else if (this.keys[2 * other] !== high || this.keys[2 * other + 1] !== low) continue;
      return this.#counts[place]++;
    }
  }
}
