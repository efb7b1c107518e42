import { Buffer } from "node:buffer";
import { type Field, type Fields, noColumns, noValues, type Row, type Value, valueOf } from "./fields.ts";

/** What a name in JSON names. */
interface Name {
  /** The feature's place; -1: it is none. */
  place: number;
  feature: Field | undefined;
  column: Field | undefined;
  /** What stood between the value of this name and the next value last time, which is tried first. */
  next: Step | undefined;
}

/** The bytes from the end of a value, or the begin of a row, to the next value: a comma or brace, a name, a colon, white space. */
interface Step {
  name: Name;
  length: number;
  /** The bytes by four. */
  words: Uint32Array;
  /** The bits of the last four that belong to them. */
  mask: number;
}

/**
 * Reads rows from the bytes of a body in one pass, without the objects that JSON.parse() makes: in less than half of the time.
 * It reads rows that fit, with texts in printable ASCII, and names as JSON.stringify() writes them. It leaves all others, and so
 * every fault, to JSON.parse() and to {@link Fields.row}, which tell what is wrong.
 */
export class RowReader {
  readonly #width: number;
  readonly #names: ReadonlyMap<string, Name>;
  #first: Step | undefined;
  /** A longer step, which has much white space, is not remembered. */
  readonly #longest: number;
  #bytes = new Uint8Array();
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** The end of what was read last. */
  #end = 0;
  /** The body's bytes as letters, made for the first text. */
  #letters: string | undefined;

  /** A reader of the rows of some fields. */
  constructor({ features, columns }: Pick<Fields, "features" | "columns">) {
    this.#width = features.length;
    const place = new Map(features.map(({ name }, at) => [name, at])), names = new Set([...place.keys(), ...columns.keys()]);
    this.#names = new Map(Array.from(names, (name) => {
      const at = place.get(name) ?? -1;
      return [
        latin1(new TextEncoder().encode(JSON.stringify(name))),
        { place: at, feature: features[at], column: columns.get(name), next: undefined },
      ];
    }));
    this.#longest = 64 + Math.max(0, ...Array.from(this.#names.keys(), ({ length }) => length));
  }

  /** The rows of a body, a list of them or one, each alone or with its person; `undefined` if {@link Fields.row} is to read it. */
  rows(body: Uint8Array): { all: Row[]; isList: boolean } | undefined {
    this.#take(body);
    const all: Row[] = [], bytes = this.#bytes, begin = behindSpace(bytes, 0), isList = bytes[begin] === opened.list;
    let at = begin;
    do {
      at = behindSpace(bytes, isList ? at + 1 : at);
      const row = this.#row(at) ?? this.#application(at);
      if (row === undefined) return undefined;
      all.push(row);
      at = behindSpace(bytes, this.#end);
    } while (isList && bytes[at] === comma);
    if (isList) at = bytes[at] === closed.list ? behindSpace(bytes, at + 1) : -1;
    return at === body.length ? { all, isList } : undefined;
  }

  /** Copies a body, with a 0 behind it: so that reading ends there, and no place needs to be compared with its length. */
  #take(body: Uint8Array): void {
    // Four bytes are compared at once, and none of them after the 0.
    const size = body.length + 4;
    if (this.#bytes.length < size) {
      this.#bytes = new Uint8Array(size);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#bytes.set(body);
    this.#bytes[body.length] = 0;
    this.#length = body.length;
    this.#letters = undefined;
  }

  /** The row at a place, or `undefined`. */
  #row(begin: number): Row | undefined {
    const bytes = this.#bytes, view = this.#view, features = new Array<Value>(this.#width);
    let columns = noColumns, found = 0, before: Name | undefined, at = begin;
    for (;;) {
      let step = before === undefined ? this.#first : before.next;
      if (step === undefined || !isAt(view, at, step)) {
        step = this.#step(at, before === undefined ? opened.object : comma);
        if (step === undefined) return undefined;
        if (step.length <= this.#longest) {
          if (before === undefined) this.#first = step;
          else before.next = step;
        }
      }
      before = step.name;
      const { place, feature, column } = before, value = this.#value(at + step.length);
      at = this.#end;
      if (feature !== undefined) {
        // A name that is there twice.
        if (features[place] !== undefined) return undefined;
        const isPlain = typeof value === "number" && value <= feature.plain && value >= -feature.plain;
        const read = isPlain ? value : valueOf(feature, value, [], []);
        if (read === undefined) return undefined;
        features[place] = read;
        found++;
      }
      if (column !== undefined) {
        if (columns === noColumns) columns = noValues();
        const read = valueOf(column, value, [], []);
        if (read === undefined || column.name in columns) return undefined;
        columns[column.name] = read;
      }
      if (bytes[at] === comma) continue;
      const end = behindSpace(bytes, at);
      if (bytes[end] !== closed.object) continue;
      this.#end = end + 1;
      return found < features.length ? undefined : { features, columns };
    }
  }

  /** The row at a place with the person whose it is, or `undefined`. */
  #application(begin: number): Row | undefined {
    const bytes = this.#bytes;
    let row: Row | undefined, person: unknown, at = begin;
    if (bytes[at] !== opened.object) return undefined;
    do {
      const from = behindSpace(bytes, at + 1), to = this.#endOfText(from), name = this.#text(from, to);
      at = behindSpace(bytes, to);
      if (bytes[at] !== colon) return undefined;
      at = behindSpace(bytes, at + 1);
      if (row === undefined && name === '"row"') {
        row = this.#row(at);
        if (row === undefined) return undefined;
      } else if (person === undefined && name === '"person"') {
        person = this.#value(at);
        if (typeof person !== "number" && (typeof person !== "string" || person === "")) return undefined;
      } else return undefined;
      at = behindSpace(bytes, this.#end);
    } while (bytes[at] === comma);
    if (row === undefined || bytes[at] !== closed.object) return undefined;
    this.#end = at + 1;
    return person === undefined ? row : { ...row, person: person as string | number };
  }

  /** The bytes from a place to the next value, which begin with a letter; or `undefined`. */
  #step(begin: number, letter: number): Step | undefined {
    const bytes = this.#bytes, first = behindSpace(bytes, begin);
    if (bytes[first] !== letter) return undefined;
    const from = behindSpace(bytes, first + 1), to = this.#endOfText(from, 255), name = this.#names.get(this.#text(from, to));
    const behind = behindSpace(bytes, to);
    if (name === undefined || bytes[behind] !== colon) return undefined;
    const length = behindSpace(bytes, behind + 1) - begin, size = Math.min(length, this.#longest);
    return {
      name,
      length,
      words: Uint32Array.from({ length: Math.ceil(size / 4) }, (_, i) => this.#view.getUint32(begin + 4 * i, true)),
      mask: size % 4 === 0 ? -1 : (1 << 8 * (size % 4)) - 1,
    };
  }

  /** A number, a text in printable ASCII, true, false or null; `undefined` for anything else. */
  #value(begin: number): number | string | boolean | null | undefined {
    const at = behindSpace(this.#bytes, begin), first = this.#bytes[at];
    if (first === 45 || isDigit(first)) return this.#number(at);
    if (first === quote) {
      this.#end = this.#endOfText(at);
      return this.#end < 0 ? undefined : this.#text(at + 1, this.#end - 1);
    }
    for (const [word, value] of words) {
      this.#end = at + word.length;
      if (this.#text(at, this.#end) === word) return value;
    }
  }

  /** The end of the text at a place, with its quotes; -1 unless it is written without escapes, and in letters up to `last`. */
  #endOfText(begin: number, last = 126): number {
    const bytes = this.#bytes;
    if (bytes[begin] !== quote) return -1;
    let at = begin + 1;
    while (bytes[at] >= 32 && bytes[at] <= last && bytes[at] !== quote && bytes[at] !== 92) at++;
    return bytes[at] === quote ? at + 1 : -1;
  }

  /** A number of JSON's grammar, rounded as JSON.parse() does. */
  #number(begin: number): number | undefined {
    const bytes = this.#bytes, start = bytes[begin] === 45 ? begin + 1 : begin;
    let at = start, size = 0;
    for (; isDigit(bytes[at]); at++) size = 10 * size + bytes[at] - 48;
    let digits = at - start;
    if (digits === 0 || (digits > 1 && bytes[start] === 48)) return undefined;
    if (bytes[at] === 46) {
      const point = at++;
      for (; isDigit(bytes[at]); at++) size = 10 * size + bytes[at] - 48;
      const after = at - point - 1;
      if (after === 0) return undefined;
      digits += after;
      // Whole numbers of 15 digits and powers of 10 up to 22 are exact in float64, so that a quotient of them is rounded once.
      if (digits <= 15) size /= powers[after];
    }
    if (bytes[at] === 101 || bytes[at] === 69) {
      at++;
      if (bytes[at] === 43 || bytes[at] === 45) at++;
      if (!isDigit(bytes[at])) return undefined;
      while (isDigit(bytes[at])) at++;
      digits = Infinity;
    }
    this.#end = at;
    if (digits > 15) return Number(this.#text(begin, at));
    return start > begin ? -size : size;
  }

  #text(from: number, to: number): string {
    this.#letters ??= latin1(this.#bytes.subarray(0, this.#length));
    return this.#letters.slice(from, to);
  }
}

/** Powers of 10, exact. */
const powers = Array.from({ length: 16 }, (_, i) => Number(`1e${i}`));
const words = [["null", null], ["true", true], ["false", false]] as const;
const opened = { list: 91, object: 123 }, closed = { list: 93, object: 125 }, comma = 44, colon = 58, quote = 34;

/** Whether the bytes of a step are at a place. */
function isAt(view: DataView, place: number, { words, mask }: Step): boolean {
  const last = words.length - 1;
  let at = place;
  for (let i = 0; i < last; i++, at += 4) if (view.getUint32(at, true) !== words[i]) return false;
  return ((view.getUint32(at, true) ^ words[last]) & mask) === 0;
}

/** The place of the first byte from a place on that is no white space. */
function behindSpace(bytes: Uint8Array, place: number): number {
  let at = place;
  while (bytes[at] <= 32 && (bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 9)) at++;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

/** Bytes as letters, one each. */
function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}
