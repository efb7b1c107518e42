import { Tensor } from "../../autodiff/mod.ts";

/** The first word of an item, so that items of different kinds never have equal words. */
const tags = {
  undefined: 1,
  null: 2,
  false: 3,
  true: 4,
  number: 5,
  bigint: 6,
  text: 7,
  list: 8,
  numbers: 9,
  array: 10,
  tensor: 11,
  bytes: 12,
  object: 13,
  map: 14,
  set: 15,
  date: 16,
  instance: 17,
};

/** The high word of the canonical NaN. */
const quietNaN = 0x7ff80000;

/**
 * The words of an item of any kind: equal items have equal words, different items different words. Properties are sorted by name,
 * entries of maps and sets by their words. An instance of a class is its name with its fields, or with the result of its
 * toJSON().
 * @throws {TypeError} for functions, symbols and instances without visible fields, with the row
 */
export function wordsOf(item: unknown, row: number): Int32Array {
  const writer = new WordWriter(row);
  writer.value(item, 0);
  return writer.words();
}

/** The deepest nesting; anything deeper contains itself. */
const deepest = 500;

class WordWriter {
  #words = new Int32Array(16);
  #size = 0;
  readonly #double = new Float64Array(1);
  readonly #halves = new Int32Array(this.#double.buffer);

  constructor(readonly row: number) {}

  words(): Int32Array {
    return this.#words.subarray(0, this.#size);
  }

  value(value: unknown, depth: number): void {
    if (depth > deepest) throw this.#unknown(`holds things more than ${deepest} deep, or itself`);
    switch (typeof value) {
      case "undefined":
        return this.#put(tags.undefined);
      case "boolean":
        return this.#put(value ? tags.true : tags.false);
      case "number":
        this.#put(tags.number);
        return this.#number(value);
      case "bigint":
        this.#put(tags.bigint);
        return this.#text(`${value}`);
      case "string":
        this.#put(tags.text);
        return this.#text(value);
      case "object":
        return value === null ? this.#put(tags.null) : this.#object(value, depth + 1);
      default:
        throw this.#unknown(`holds a ${typeof value}`);
    }
  }

  #object(value: object, depth: number): void {
    if (Array.isArray(value)) this.#list(value, depth);
    else if (value instanceof Tensor) {
      this.#put(tags.tensor);
      this.#numbers(value.shape);
      this.#numbers(value.data);
    } else if (value instanceof Map) {
      this.#put(tags.map);
      this.#sorted(value, depth);
    } else if (value instanceof Set) {
      this.#put(tags.set);
      this.#sorted(value, depth);
    } else if (value instanceof Date) {
      this.#put(tags.date);
      this.#number(value.getTime());
    } else if (value instanceof ArrayBuffer || value instanceof DataView) {
      const { buffer, byteOffset, byteLength } = value instanceof DataView ? value : new DataView(value);
      this.#put(tags.bytes);
      this.#numbers(new Uint8Array(buffer, byteOffset, byteLength));
    } else if (value instanceof BigInt64Array || value instanceof BigUint64Array) {
      this.#put(tags.array);
      this.#list([...value], depth);
    } else if (ArrayBuffer.isView(value)) {
      this.#put(tags.array);
      this.#numbers(value as unknown as Float64Array);
    } else this.#fields(value, depth);
  }

  #list(values: readonly unknown[], depth: number): void {
    if (values.length > 0 && values.every((value) => typeof value === "number")) {
      this.#put(tags.numbers);
      this.#numbers(values as readonly number[]);
    } else {
      this.#put(tags.list);
      this.#put(values.length);
      for (let i = 0; i < values.length; i++) this.value(values[i], depth);
    }
  }

  #fields(value: object, depth: number): void {
    const prototype = Object.getPrototypeOf(value), isPlain = prototype === null || prototype === Object.prototype;
    const fields = value as Record<string, unknown>;
    if (!isPlain) {
      const { toJSON } = fields, name = `${prototype.constructor?.name}`;
      this.#put(tags.instance);
      this.#text(name);
      if (typeof toJSON === "function") return this.value(toJSON.call(value), depth);
      if (Object.keys(fields).length === 0) throw this.#unknown(`holds a ${name}, which shows no fields; give it a toJSON()`);
    }
    // Symbols as names are used by libraries, so they are ignored.
    const names = Object.keys(fields).sort();
    this.#put(tags.object);
    this.#put(names.length);
    for (const name of names) {
      this.#text(name);
      this.value(fields[name], depth);
    }
  }

  /** Entries of a map, or elements of a set, sorted by their words. */
  #sorted(entries: Iterable<unknown>, depth: number): void {
    const parts = Array.from(entries, (entry) => {
      const writer = new WordWriter(this.row);
      writer.value(entry, depth);
      return writer.words();
    });
    parts.sort((a, b) => {
      if (a.length !== b.length) return a.length - b.length;
      const place = a.findIndex((word, i) => word !== b[i]);
      return place < 0 ? 0 : a[place] - b[place];
    });
    this.#put(parts.length);
    for (const part of parts) for (const word of part) this.#put(word);
  }

  #numbers(values: ArrayLike<number>): void {
    this.#put(values.length);
    this.#grow(2 * values.length);
    for (let i = 0; i < values.length; i++) this.#number(values[i]);
  }

  #number(value: number): void {
    const isNaN = value !== value;
    this.#double[0] = value + 0;
    this.#put(isNaN ? 0 : this.#halves[0]);
    this.#put(isNaN ? quietNaN : this.#halves[1]);
  }

  #text(text: string): void {
    this.#put(text.length);
    for (let i = 0; i < text.length; i += 2) {
      this.#put(text.charCodeAt(i) | (i + 1 < text.length ? text.charCodeAt(i + 1) << 16 : 0));
    }
  }

  #put(word: number): void {
    if (this.#size === this.#words.length) this.#grow(1);
    this.#words[this.#size++] = word;
  }

  /** Makes room for more words. */
  #grow(count: number): void {
    if (this.#size + count <= this.#words.length) return;
    const wider = new Int32Array(Math.max(2 * this.#words.length, this.#size + count));
    wider.set(this.#words);
    this.#words = wider;
  }

  #unknown(what: string): TypeError {
    return new TypeError(
      `Cannot tell row ${this.row} from others: its item ${what}; wanted numbers, texts, lists, maps, tensors and objects of them`,
    );
  }
}
