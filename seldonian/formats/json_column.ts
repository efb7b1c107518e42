import { DataError } from "../data/data_error.ts";

/** The text of an object in a file. */
export class JsonObject {
  #numbers?: ReadonlyMap<string, string>;

  /** @param line its first line */
  constructor(readonly json: string, readonly line: number) {}

  /** The spelling of a property's number. */
  written(name: string): string {
    this.#numbers ??= new Map(
      Array.from(this.json.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(?:\s*:\s*(-?\d[\d.eE+-]*))?/g))
        .flatMap(([, name, number]) => number === undefined ? [] : [[JSON.parse(name), number]]),
    );
    return this.#numbers.get(name)!;
  }
}

/** A column of numbers or of texts, as its first value that is not missing. */
export class JsonColumn {
  readonly #cells: (number | string)[] = [];
  readonly #asText: boolean;
  /** The column's kind, with the value and line that decided it. */
  #first: { texts: boolean; value: unknown; line: number } | undefined;

  constructor(readonly name: string, readonly text: ReadonlySet<string>, readonly file: string) {
    this.#asText = text.has(name);
  }

  /** @param object the object that contains it */
  set(row: number, value: unknown, object: JsonObject): void {
    if (value === null) return;
    const { line } = object;
    if (typeof value === "object") {
      throw new RangeError(
        `Cannot read ${this.file}: "${this.name}" holds ${shownJson(value)} in line ${line}; wanted a number or a text`,
      );
    }
    const texts = this.#asText || typeof value === "string";
    this.#first ??= { texts, value, line };
    if (this.#first.texts !== texts) {
      const first = `${shownJson(this.#first.value)} in line ${this.#first.line}`;
      throw this.#cured(
        `"${this.name}" holds ${first}, and ${shownJson(value)} in line ${line}; wanted numbers only or texts only`,
        "if they are texts",
      );
    }
    if (typeof value === "number" && this.#asText) this.#cells[row] = object.written(this.name);
    else if (texts) this.#cells[row] = `${value}`;
    else this.#cells[row] = this.#number(Number(value), object);
  }

  values(rows: number): number[] | string[] {
    const missing = this.#first?.texts ?? this.#asText ? "" : NaN;
    return Array.from({ length: rows }, (_, row) => this.#cells[row] ?? missing) as number[] | string[];
  }

  #number(value: number, object: JsonObject): number {
    if (Number.isSafeInteger(value) || !Number.isInteger(value)) return value;
    const written = object.written(this.name);
    // An amount such as 1e30 was rounded by its writer.
    if (/[.e]/i.test(written)) return value;
    throw this.#cured(
      `"${this.name}" holds ${written} in line ${object.line}, and numbers are exact up to 2^53 only`,
      "if it is a code, not an amount",
    );
  }

  #cured(problem: string, when: string): DataError {
    return new DataError(`Cannot read ${this.file}: ${problem}`, [{ when, option: "text", value: [...this.text, this.name] }]);
  }
}

/** A value as an error shows it. */
export function shownJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
