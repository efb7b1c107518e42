import { DataError } from "../data/data_error.ts";

/** A column of numbers or of texts, as its first value that is not missing. */
export class JsonColumn {
  readonly #cells: (number | string)[] = [];
  readonly #asText: boolean;
  /** The column's kind, with the value and line that decided it. */
  #first: { texts: boolean; value: unknown; line: number } | undefined;

  constructor(readonly name: string, readonly text: readonly string[], readonly file: string) {
    this.#asText = text.includes(name);
  }

  /**
   * @param json the text of the object that contains it @param line the object's first line
   */
  set(row: number, value: unknown, json: string, line: number): void {
    if (value === null) return;
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
    if (typeof value === "number" && this.#asText) this.#cells[row] = this.#written(json);
    else if (texts) this.#cells[row] = `${value}`;
    else this.#cells[row] = this.#number(Number(value), json, line);
  }

  values(rows: number): number[] | string[] {
    const missing = this.#first?.texts ?? this.#asText ? "" : NaN;
    return Array.from({ length: rows }, (_, row) => this.#cells[row] ?? missing) as number[] | string[];
  }

  #number(value: number, json: string, line: number): number {
    if (Number.isSafeInteger(value) || !Number.isInteger(value)) return value;
    const written = this.#written(json);
    // An amount such as 1e30 was rounded by its writer.
    if (/[.e]/i.test(written)) return value;
    throw this.#cured(
      `"${this.name}" holds ${written} in line ${line}, and numbers are exact up to 2^53 only`,
      "if it is a code, not an amount",
    );
  }

  /** The spelling of this property's number; of several the last, like JSON.parse. */
  #written(json: string): string {
    const pairs = [...json.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(?:\s*:\s*(-?\d[\d.eE+-]*))?/g)];
    return pairs.findLast(([, name, number]) => number !== undefined && JSON.parse(name) === this.name)![2];
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
