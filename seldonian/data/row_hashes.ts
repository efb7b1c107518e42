import { wordsOf } from "./item_words.ts";

/** Written before each part of a row, so that different parts never look equal. */
export const tags = { number: 5, text: 7, list: 8, numbers: 9, item: 13, features: 18, label: 19 };

/** The high words of -0 and of the canonical NaN, and the bits of an exponent. */
const minusZero = 0x80000000 | 0, quietNaN = 0x7ff80000, exponent = 0x7ff00000;

/**
 * The states of a hash for each row, which absorbs the row's contents part by part. Given the state, two words map one to one to
 * the next state, so rows that differ in one number never collide.
 * Source: A. Appleby, MurmurHash3 (x86, 128 bits), two of its four lanes.
 */
export class RowHashes {
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
export function finish(a: number, b: number, keys: Uint32Array, row: number): void {
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
export function absorb(states: Int32Array, row: number, low: number, high: number): void {
  const a = firstOf(states[2 * row], states[2 * row + 1], low);
  states[2 * row + 1] = secondOf(a, states[2 * row + 1], high);
  states[2 * row] = a;
}

/** The first half of the next state. */
export function firstOf(a: number, b: number, word: number): number {
  word = Math.imul(word, 0x239b961b);
  a ^= Math.imul((word << 15) | (word >>> 17), 0xab0e9789);
  return (Math.imul((((a << 19) | (a >>> 13)) + b) | 0, 5) + 0x561ccd1b) | 0;
}

/** The second half; `a` is the first. */
export function secondOf(a: number, b: number, word: number): number {
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

/** A key of 64 bits from a text. */
export function hashOf(text: string): [number, number] {
  const hashes = new RowHashes(1);
  hashes.texts([text]);
  const [high, low] = hashes.keys();
  return [high, low];
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
