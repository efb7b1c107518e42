import { Tensor } from "../../autodiff/mod.ts";
import { wordsOf } from "./item_words.ts";

/**
 * Keys of rows: 64 bits that depend only on the numbers and texts of a row, the same in every runtime. They are neither secret
 * nor a signature: two rows with one key can be made on purpose, and by chance n rows contain two with probability n² / 2⁶⁵.
 */

/** Written before each part of a row, so that different parts never look equal. */
const tags = { number: 5, text: 7, list: 8, numbers: 9, item: 13, features: 18, label: 19 };

/** The high words of -0 and of the canonical NaN, and the bits of an exponent. */
const minusZero = 0x80000000 | 0, quietNaN = 0x7ff80000, exponent = 0x7ff00000;

/**
 * The states of a hash for each row, which absorbs the row's contents part by part. Given the state, two words map one to one to
 * the next state, so rows that differ in one number never collide.
 * Source: A. Appleby, MurmurHash3 (x86, 128 bits), two of its four lanes.
 */
class RowHashes {
  readonly #states: Int32Array;

  constructor(readonly rows: number, [high, low]: readonly [number, number] = [0x9e3779b9, 0x7f4a7c15]) {
    this.#states = new Int32Array(2 * rows);
    for (let row = 0; row < rows; row++) {
      this.#states[2 * row] = high;
      this.#states[2 * row + 1] = low;
    }
  }

  /** Absorbs the same two words at every row. */
  tag(low: number, high: number): void {
    for (let row = 0; row < this.rows; row++) absorb(this.#states, row, low, high);
  }

  /** Absorbs `width` numbers a row. Equal numbers are equal however they are stored, and so are 0 and -0. */
  numbers(values: ArrayLike<number>, width: number): void {
    const states = this.#states, together = Math.max(1, Math.floor(4096 / Math.max(1, width)));
    const doubles = new Float64Array(together * width), words = new Int32Array(doubles.buffer);
    for (let start = 0; start < this.rows; start += together) {
      const count = Math.min(together, this.rows - start);
      if (ArrayBuffer.isView(values)) {
        doubles.set((values as unknown as Float64Array).subarray(start * width, (start + count) * width));
      } else for (let i = 0; i < count * width; i++) doubles[i] = values[start * width + i];
      for (let i = 0, word = 0; i < count; i++) {
        let a = states[2 * (start + i)], b = states[2 * (start + i) + 1];
        for (const end = word + 2 * width; word < end; word += 2) {
          let low = words[word], high = words[word + 1];
          if (high === minusZero && low === 0) high = 0;
          else if ((high & exponent) === exponent && ((high & 0xfffff) | low) !== 0) [low, high] = [0, quietNaN];
          a = firstOf(a, b, low);
          b = secondOf(a, b, high);
        }
        states[2 * (start + i)] = a;
        states[2 * (start + i) + 1] = b;
      }
    }
  }

  /** Absorbs two words a row. */
  pairs(words: Uint32Array): void {
    for (let row = 0; row < this.rows; row++) absorb(this.#states, row, words[2 * row], words[2 * row + 1]);
  }

  /** Absorbs a text a row. */
  texts(values: ArrayLike<string>): void {
    const states = this.#states;
    for (let row = 0; row < this.rows; row++) {
      const text = values[row], { length } = text;
      absorb(states, row, tags.text, length);
      for (let i = 0; i < length; i += 4) {
        const low = text.charCodeAt(i) | (i + 1 < length ? text.charCodeAt(i + 1) << 16 : 0);
        const high = i + 2 < length ? text.charCodeAt(i + 2) | (i + 3 < length ? text.charCodeAt(i + 3) << 16 : 0) : 0;
        absorb(states, row, low, high);
      }
    }
  }

  /**
   * Absorbs an item of any kind a row.
   * @throws {TypeError} as {@link wordsOf}
   */
  items(values: ArrayLike<unknown>): void {
    for (let row = 0; row < this.rows; row++) {
      const words = wordsOf(values[row], row), { length } = words;
      absorb(this.#states, row, tags.item, length);
      for (let i = 0; i < length; i += 2) absorb(this.#states, row, words[i], i + 1 < length ? words[i + 1] : 0);
    }
  }

  /** Two words a row; each bit depends on everything absorbed. */
  keys(): Uint32Array {
    const keys = new Uint32Array(2 * this.rows);
    for (let row = 0; row < this.rows; row++) finish(this.#states[2 * row], this.#states[2 * row + 1], keys, row);
    return keys;
  }
}

/** The two words of a state, mixed; also one to one. */
function finish(a: number, b: number, keys: Uint32Array, row: number): void {
  for (let round = 0; round < 2; round++) {
    a = (a + b) | 0;
    b = (b + a) | 0;
    a = scattered(a);
    b = scattered(b);
  }
  a = (a + b) | 0;
  keys[2 * row] = a;
  keys[2 * row + 1] = b + a;
}

/** Absorbs any two words at one row. */
function absorb(states: Int32Array, row: number, low: number, high: number): void {
  const a = firstOf(states[2 * row], states[2 * row + 1], low);
  states[2 * row + 1] = secondOf(a, states[2 * row + 1], high);
  states[2 * row] = a;
}

/** The first half of the next state. */
function firstOf(a: number, b: number, word: number): number {
  word = Math.imul(word, 0x239b961b);
  a ^= Math.imul((word << 15) | (word >>> 17), 0xab0e9789);
  return (Math.imul((((a << 19) | (a >>> 13)) + b) | 0, 5) + 0x561ccd1b) | 0;
}

/** The second half; `a` is the first. */
function secondOf(a: number, b: number, word: number): number {
  word = Math.imul(word, 0x38b34ae5);
  b ^= Math.imul((word << 16) | (word >>> 16), 0xa1e38b93);
  return (Math.imul((((b << 17) | (b >>> 15)) + a) | 0, 5) + 0x0bcaa747) | 0;
}

/** MurmurHash3's last step: every bit of the result depends on every bit. */
function scattered(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}

/** The inputs of {@link rowKeysOf}. */
export interface KeyedParts {
  /** Features for a model's `forward`: a tensor [rows, …], several by name, or a list of items of any kind. */
  features?: unknown;
  labels?: ArrayLike<number>;
  /** Numbers or texts by name; tensors [rows, …] of several numbers a row. */
  columns: ReadonlyMap<string, ArrayLike<number> | readonly string[] | Tensor>;
}

/** The keys of rows, two words each: of their features, label, and columns by their sorted names. */
export function rowKeysOf({ features, labels, columns }: KeyedParts, rows: number): Uint32Array {
  const hashes = new RowHashes(rows);
  if (features !== undefined) takeFeatures(hashes, features);
  if (labels !== undefined) {
    hashes.tag(tags.label, 1);
    hashes.numbers(labels, 1);
  }
  for (const name of [...columns.keys()].sort()) {
    const values = columns.get(name)!;
    hashes.tag(...hashOf(name));
    if (values instanceof Tensor) takeTensor(hashes, values);
    else if (values.length === 0) continue;
    else if (isTexts(values)) hashes.texts(values);
    else {
      hashes.tag(tags.number, 1);
      hashes.numbers(values, 1);
    }
  }
  return hashes.keys();
}

/**
 * The keys of features for a model's `forward`: a tensor [rows, …], several by name, or a list of items.
 * @throws {TypeError} for functions and symbols, with the row
 */
export function featureKeys(features: unknown, rows: number): Uint32Array {
  const hashes = new RowHashes(rows);
  takeFeatures(hashes, features);
  return hashes.keys();
}

function takeFeatures(hashes: RowHashes, features: unknown): void {
  if (Array.isArray(features)) return hashes.items(features);
  const named = features instanceof Tensor
    ? [["", features] as const]
    : Object.entries(features as Record<string, Tensor>).sort(([a], [b]) => a < b ? -1 : 1);
  for (const [name, tensor] of named) {
    if (features !== tensor) hashes.tag(...hashOf(name));
    takeTensor(hashes, tensor);
  }
}

function takeTensor(hashes: RowHashes, { size, data }: Tensor): void {
  const width = size / Math.max(1, hashes.rows);
  hashes.tag(tags.features, width);
  hashes.numbers(data, width);
}

function isTexts(values: ArrayLike<number> | readonly string[]): values is readonly string[] {
  return Array.isArray(values) && typeof values[0] === "string";
}

/** The keys of the rows with these numbers. */
export function keysAt(keys: Uint32Array, rows: ArrayLike<number>): Uint32Array {
  const found = new Uint32Array(2 * rows.length);
  for (let i = 0; i < rows.length; i++) {
    found[2 * i] = keys[2 * rows[i]];
    found[2 * i + 1] = keys[2 * rows[i] + 1];
  }
  return found;
}

/** Keys as one number each; a view, no copy. */
export function wholeKeys(keys: Uint32Array): BigUint64Array {
  return new BigUint64Array(keys.buffer, keys.byteOffset, keys.length / 2);
}

/** The keys of consecutive pieces. */
export function joinedKeys(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A key of 64 bits from a text. */
export function hashOf(text: string): [number, number] {
  const hashes = new RowHashes(1);
  hashes.texts([text]);
  const [high, low] = hashes.keys();
  return [high, low];
}

/** Another key for each row, which depends only on the row's key and on `key`. */
export function keyedKeys(keys: Uint32Array, key: readonly [number, number]): Uint32Array {
  const rows = keys.length / 2, hashes = new RowHashes(rows, key);
  hashes.pairs(keys);
  return hashes.keys();
}

/** Where {@link uniformOf} has its key: a new array for each draw takes longer than the draw. */
const drawn = new Uint32Array(2);

/** A uniform number in [0, 1), of 53 bits, which depends only on these words, such as those of a key and of a row's key. */
export function uniformOf(...words: number[]): number {
  const key = drawn;
  let a = tags.numbers, b = words.length;
  for (let i = 0; i < words.length; i += 2) {
    a = firstOf(a, b, words[i]);
    b = secondOf(a, b, i + 1 < words.length ? words[i + 1] : 0);
  }
  finish(a, b, key, 0);
  return ((key[0] >>> 5) * 2 ** 26 + (key[1] >>> 6)) * 2 ** -53;
}

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

/** A hash of rows in order, piece by piece. */
export interface OrderedHash {
  /** Absorbs the keys of the next rows. */
  add(keys: Uint32Array): void;
  /** The hash of everything absorbed. */
  value(): string;
}

/** A hash of no rows yet. */
export function orderedHash(): OrderedHash {
  const states = Int32Array.of(tags.list, tags.list);
  return {
    add(keys) {
      for (let i = 0; i < keys.length; i += 2) absorb(states, 0, keys[i], keys[i + 1]);
    },
    value: () => states.join(" "),
  };
}
