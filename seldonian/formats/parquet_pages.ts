import { crc32 } from "./crc32.ts";

/** The pages of a column's part of a row group. */
export interface Pages {
  /** Values in all data pages. */
  values: number;
  /** Their bytes, packed or unpacked, whichever are more. */
  bytes: number;
}

/**
 * Reads the headers of a column's pages, which the reader trusts, and compares pages with their checksums where they have one.
 * Source: the Parquet format and Thrift's compact protocol, as Apache documents them.
 * @throws {RangeError} for a page that was changed, and for sizes that no page has
 */
export function pagesIn(chunk: Uint8Array): Pages {
  const found: Pages = { values: 0, bytes: 0 };
  for (let at = 0; at < chunk.length;) {
    const reader = new Thrift(chunk, at), header = reader.struct();
    const [unpacked = -1, packed = -1, sum] = [2, 3, 4].map((field) => header.get(field) as number | undefined);
    // Of data, of a dictionary, and of data in version 2.
    const [data, dictionary, data2] = [5, 7, 8].map((field) => header.get(field) as Struct | undefined);
    const page = chunk.subarray(reader.at, at = reader.at + packed);
    if (packed < 0 || page.length < packed || unpacked < 0) throw new RangeError("a page is not within its column");
    if (sum !== undefined && crc32(page) !== sum >>> 0) throw new RangeError("a page was changed: its checksum differs");
    const [values = 0, nulls = 0] = [1, 2].map((field) => (data ?? dictionary ?? data2)?.get(field) as number | undefined);
    const missing = data2 === undefined ? 0 : nulls;
    if (!(values >= 0 && missing >= 0 && missing <= values) || (dictionary !== undefined && values > unpacked)) {
      throw new RangeError(`a page claims ${values} values and ${missing} missing ones, more than fit`);
    }
    if (dictionary === undefined) found.values += values;
    found.bytes += Math.max(packed, unpacked);
  }
  return found;
}

/** The numbers of a structure, by field; 0 for other contents. */
type Struct = Map<number, number | Struct>;

class Thrift {
  constructor(readonly bytes: Uint8Array, public at: number) {}

  struct(): Struct {
    const found: Struct = new Map();
    for (let field = 0;;) {
      const head = this.#byte();
      if (head === 0) return found;
      field = head >> 4 === 0 ? this.#number() : field + (head >> 4);
      found.set(field, this.#value(head & 15));
    }
  }

  #value(type: number): number | Struct {
    switch (type) {
      case 1: // truth values
      case 2:
        return 0;
      case 3: // one byte
        return this.#byte();
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

  #byte(): number {
    if (this.at >= this.bytes.length) throw new RangeError("a page's header is cut short");
    return this.bytes[this.at++];
  }

  #varint(): number {
    for (let number = 0, factor = 1;; factor *= 128) {
      const byte = this.#byte();
      number += (byte & 127) * factor;
      if (byte < 128) return number;
    }
  }

  #number(): number {
    const number = this.#varint();
    return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
  }
}
