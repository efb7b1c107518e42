/** A whole number, a text, bytes, or a message. A list is the field, repeated. */
export type Value = number | bigint | string | Uint8Array | Message;

/** A field: its number, and its value; `undefined` and an empty list are left out. */
export type Field = readonly [field: number, value: Value | readonly Value[] | undefined];

/** The most bytes of a message, by the format's definition. */
const most = 2 ** 31 - 1;

/**
 * A message in the wire format of Protocol Buffers: a key for each field, and its value. Bytes are not copied before
 * {@link Message.bytes}.
 * Source: "Encoding", the Protocol Buffers documentation.
 */
export class Message {
  readonly #parts: Uint8Array[] = [];
  /** Its length in bytes. */
  size = 0;

  /** A message of these fields. */
  constructor(...fields: readonly Field[]) {
    for (const [field, value] of fields) {
      for (const one of Array.isArray(value) ? value : value === undefined ? [] : [value]) this.#add(field, one);
    }
  }

  #add(field: number, value: Value): void {
    if (typeof value === "number" || typeof value === "bigint") return this.#put([varints([8 * field, value])]);
    const parts = value instanceof Message ? value.#parts : [typeof value === "string" ? new TextEncoder().encode(value) : value];
    this.#put([varints([8 * field + 2, parts.reduce((sum, part) => sum + part.length, 0)])]);
    this.#put(parts);
  }

  #put(parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      this.#parts.push(part);
      this.size += part.length;
    }
  }

  /**
   * The message as bytes.
   * @throws {RangeError} beyond 2 GB, the format's limit
   */
  bytes(): Uint8Array<ArrayBuffer> {
    if (this.size > most) {
      throw new RangeError(
        `Cannot write a model of ${this.size.toLocaleString("en")} bytes: the format ends at ${most.toLocaleString("en")}; ` +
          "wanted a smaller model",
      );
    }
    const bytes = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}

/** Whole numbers, seven bits a byte; negative ones as 64 bits. */
export function varints(numbers: readonly (number | bigint)[]): Uint8Array {
  const bytes: number[] = [];
  for (const number of numbers) {
    let left = BigInt.asUintN(64, BigInt(number));
    for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
    bytes.push(Number(left));
  }
  return Uint8Array.from(bytes);
}

/** Numbers as float32, four bytes each. */
export function singles(numbers: ArrayLike<number>): Uint8Array {
  return littleEndian(Float32Array.from(numbers));
}

/** The bytes of numbers; every platform of the kit is little-endian, as the format wants. */
export function littleEndian({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
