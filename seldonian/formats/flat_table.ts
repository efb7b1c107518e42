/**
 * A table of FlatBuffers: fields by number; an absent field is 0 or undefined. Data outside the bytes and impossible counts are
 * refused.
 * Source: the binary format of FlatBuffers, as its authors document it.
 */
export class FlatTable {
  private constructor(readonly view: DataView, readonly place: number) {}

  /**
   * The root table of bytes.
   * @throws {RangeError} if it does not lie within them
   */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, view.getUint32(0, true));
  }

  byte(field: number): number {
    const at = this.#placeOf(field);
    return at === undefined ? 0 : this.view.getUint8(at);
  }

  int(field: number): number {
    const at = this.#placeOf(field);
    return at === undefined ? 0 : this.view.getInt32(at, true);
  }

  long(field: number): number {
    const at = this.#placeOf(field);
    return at === undefined ? 0 : this.longAt(at);
  }

  /** A 64-bit integer at a place in the bytes. */
  longAt(place: number): number {
    return Number(this.view.getBigInt64(place, true));
  }

  setLongAt(place: number, value: number): void {
    this.view.setBigInt64(place, BigInt(value), true);
  }

  table(field: number): FlatTable | undefined {
    const at = this.#placeOf(field);
    return at === undefined ? undefined : new FlatTable(this.view, at + this.view.getUint32(at, true));
  }

  tables(field: number): FlatTable[] {
    return this.structs(field, 4).map((place) => new FlatTable(this.view, place + this.view.getUint32(place, true)));
  }

  /**
   * The places of a list of structures.
   * @param bytes the size of each
   */
  structs(field: number, bytes: number): number[] {
    const at = this.#placeOf(field);
    if (at === undefined) return [];
    const start = at + this.view.getUint32(at, true), count = this.view.getUint32(start, true);
    if (start + 4 + count * bytes > this.view.byteLength) {
      throw new RangeError(`it claims ${count} parts, more than fit`);
    }
    return Array.from({ length: count }, (_, i) => start + 4 + i * bytes);
  }

  #placeOf(field: number): number | undefined {
    const vtable = this.place - this.view.getInt32(this.place, true), entry = 4 + 2 * field;
    const offset = entry < this.view.getUint16(vtable, true) ? this.view.getUint16(vtable + entry, true) : 0;
    return offset === 0 ? undefined : this.place + offset;
  }
}
