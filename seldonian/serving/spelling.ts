import { missingSpellings, numberReader } from "../tables/cells.ts";
import { trimmed } from "../tables/column_reader.ts";
import type { CellOptions } from "../tables/csv_options.ts";

/** How a table's columns were spelt: values of requests are read as its cells were. */
export class Spelling {
  readonly #trim: boolean;
  readonly #missing: ReadonlySet<string>;
  readonly #replace: ReadonlyMap<string, string>;
  /** What numbers mean that are no numbers, or other ones; `null`: missing. */
  readonly numbers: ReadonlyMap<number, string | number | null>;

  /** The spelling of a column; without options, cells are values already, and only empty texts are missing. */
  constructor(name: string, options: CellOptions | undefined) {
    const { trim = options !== undefined, replace = {} } = options ?? {}, numberIn = numberReader(options ?? {});
    this.#trim = trim;
    this.#missing = options === undefined ? new Set([""]) : missingSpellings(options)(name);
    this.#replace = new Map(Object.entries(Object.hasOwn(replace, name) ? replace[name] : {}));
    const asNumber = (text: string | null) => {
      const number = text === null ? NaN : numberIn(text);
      return Number.isNaN(number) ? text : number;
    };
    this.numbers = new Map(
      [...this.#missing, ...this.#replace.keys()].flatMap((text) => {
        const number = numberIn(text);
        return Number.isNaN(number) ? [] : [[number, asNumber(this.#textOf(text))] as const];
      }),
    );
  }

  /** What the table would have for a value; `null` if it is missing. */
  read(value: unknown): unknown {
    if (typeof value === "string") return this.#textOf(this.#trim ? trimmed(value) : value);
    const known = typeof value === "number" ? this.numbers.get(value) : undefined;
    return known === undefined ? value : known;
  }

  #textOf(cell: string): string | null {
    const text = this.#replace.get(cell) ?? cell;
    return this.#missing.has(text) ? null : text;
  }
}
