import { crc32 } from "./crc32.ts";

/** A column's part of a row group. */
export interface Chunk {
  bytes: Uint8Array;
  /** The number of rows. */
  rows: number;
  /** Whether values may be missing. */
  isOptional: boolean;
  isBoolean: boolean;
  /** Unpacks a page. */
  unpack(page: Uint8Array, size: number): Uint8Array;
  /** Receives the bytes of a page before it is unpacked; throws if they are too many. */
  told(bytes: number): void;
}

/** Encodings by their numbers in the format. */
const dictionaries = [2, 8], runLengths = 3;

/**
 * Compares pages with their checksums, where they have one, and reads what the reader trusts: sizes, counts and lengths of runs.
 * Source: the Parquet format and Thrift's compact protocol, as Apache documents them.
 * @throws {RangeError} for a page that was changed, and for sizes and counts that no page has
 */
export function checkPages({ bytes, rows, isOptional, isBoolean, unpack, told }: Chunk): void {
  let seen = 0;
  for (let at = 0; at < bytes.length;) {
    const reader = new Reader(bytes, at), header = reader.struct();
    const [unpackedSize = -1, size = -1, sum] = [2, 3, 4].map((field) => header.get(field) as number | undefined);
    // Of data, of a dictionary, and of data in version 2.
    const [data, dictionary, data2] = [5, 7, 8].map((field) => header.get(field) as Struct | undefined);
    const page = bytes.subarray(reader.at, at = reader.at + size);
    if (size < 0 || page.length < size || unpackedSize < 0) throw new RangeError("a page is not within its column");
    if (sum !== undefined && crc32(page) !== sum >>> 0) throw new RangeError("a page was changed: its checksum differs");
    told(Math.max(size, unpackedSize));
    const [values = 0, second = 0, , , levels = 0, repeats = 0] = [1, 2, 3, 4, 5, 6].map((field) =>
      (data ?? dictionary ?? data2)?.get(field) as number | undefined
    );
    const missing = data2 === undefined ? 0 : second;
    if (!(values >= 0 && missing >= 0 && missing <= values) || (dictionary !== undefined && values > unpackedSize)) {
      throw new RangeError(`a page claims ${values} values and ${missing} missing ones, more than fit`);
    }
    if (dictionary !== undefined) continue;
    seen += values;
    if (data !== undefined) {
      const all = new Reader(unpack(page, unpackedSize));
      const kept = isOptional ? all.runs(1, values, all.uint32()) : values;
      if (dictionaries.includes(second)) all.indices(kept);
      if (second === runLengths && isBoolean) all.runs(1, kept, all.uint32());
    } else if (data2 !== undefined) {
      const start = levels + repeats, encoding = (data2.get(4) ?? 0) as number, packed = page.subarray(start);
      if (!(levels >= 0 && repeats >= 0 && start <= page.length && start <= unpackedSize)) {
        throw new RangeError("a page is not within its column");
      }
      if (isOptional) new Reader(page, repeats).runs(1, values, levels);
      // 2 is false: then the page is not packed.
      const all = new Reader(data2.get(7) === 2 ? packed : unpack(packed, unpackedSize - start));
      if (dictionaries.includes(encoding)) all.indices(values - missing);
      if (encoding === runLengths) all.runs(1, values - missing, all.uint32());
    }
  }
  if (seen !== rows) throw new RangeError(`a column has ${seen} values in ${rows} rows`);
}

/** The numbers of a structure, by field; a truth value is 1 or 2, and other contents are 0. */
type Struct = Map<number, number | Struct>;

class Reader {
  constructor(readonly bytes: Uint8Array, public at = 0) {}

  struct(): Struct {
    const found: Struct = new Map();
    for (let field = 0;;) {
      const head = this.byte();
      if (head === 0) return found;
      field = head >> 4 === 0 ? this.#number() : field + (head >> 4);
      found.set(field, this.#value(head & 15));
    }
  }

  /** The places of values in a dictionary. */
  indices(values: number): void {
    const width = this.byte();
    if (width > 32) throw new RangeError(`a page claims places of ${width} bits`);
    this.runs(width, values, this.bytes.length - this.at);
  }

  /**
   * Reads runs of equal numbers and of packed bits, and goes to their end.
   * @returns how many of the numbers are odd
   * @param width the bits of a number
   * @param length the bytes of all runs
   * @throws {RangeError} for a run of more values than there are
   */
  runs(width: number, values: number, length: number): number {
    const end = this.at + length;
    let odd = 0;
    for (let seen = 0; seen < values;) {
      const head = this.#varint(),
        isPacked = head % 2 === 1,
        groups = Math.floor(head / 2),
        count = isPacked ? 8 * groups : groups;
      // Packed bits are filled up with zeros.
      if (count > values + (isPacked ? 512 : 0)) throw new RangeError(`a page claims a run of ${count} in ${values} values`);
      const start = this.at;
      this.at += isPacked ? groups * width : (width + 7) >> 3;
      if (width === 1) {
        const used = Math.min(count, values - seen);
        if (!isPacked) odd += (this.bytes[start] & 1) * used;
        else for (let i = 0; i < used; i++) odd += this.bytes[start + (i >> 3)] >> (i & 7) & 1;
      }
      seen += count;
    }
    this.at = end;
    return odd;
  }

  uint32(): number {
    return this.byte() + 2 ** 8 * this.byte() + 2 ** 16 * this.byte() + 2 ** 24 * this.byte();
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw new RangeError("a page is cut short");
    return this.bytes[this.at++];
  }

  #value(type: number): number | Struct {
    switch (type) {
      case 1: // true
      case 2: // false
        return type;
      case 3:
        return this.byte();
      case 4: // whole numbers
      case 5:
      case 6:
        return this.#number();
      case 7: // a float
        return this.#skip(8);
      case 8: // bytes
        return this.#skip(this.#varint());
      case 12:
        return this.struct();
      default:
        throw new RangeError("a page's header has lists or other contents");
    }
  }

  #skip(bytes: number): number {
    this.at += bytes;
    return 0;
  }

  #varint(): number {
    for (let number = 0, factor = 1;; factor *= 128) {
      const byte = this.byte();
      number += (byte & 127) * factor;
      if (byte < 128) return number;
    }
  }

  #number(): number {
    const number = this.#varint();
    return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
  }
}
