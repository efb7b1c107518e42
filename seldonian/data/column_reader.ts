import { type Look, lookOf } from "./cells.ts";

/** A cell that does not go with its column. */
export interface Stray {
  /** The number of its row. */
  row: number;
  text: string;
}

/** A column whose cells are neither all numbers nor all texts, so that it would be a guess what it is. */
export interface Doubt {
  /** Cells that are not missing, and how many of those are numbers. */
  cells: number;
  numbers: number;
  /** Cells that are no numbers, by how they look: how many, and the first of them. */
  strays: ReadonlyMap<Look, { count: number; first: Stray; distinct: readonly string[] }>;
}

/** A column as it is kept. */
export interface StoredColumn {
  values: Float64Array | readonly string[];
  /** Why its kind is not known. */
  doubt?: Doubt;
  /** Whether the user said that it is of text, so that it is taken as it stands. */
  declared?: boolean;
  /** Cells around which white space was left out. */
  trimmed?: number;
  /** Cells of a column of texts that are numbers: few, but some. */
  numbers?: Stray & { count: number };
  /** Cells that are zeros before other digits, as codes have them. */
  zeros?: Stray & { count: number };
}

/** How a column is read. */
export interface ColumnOptions {
  numberIn: (text: string) => number;
  missing: ReadonlySet<string>;
  /** Whether it is said to be of text. */
  isText: boolean;
  trim: boolean;
  replace: ReadonlyMap<string, string>;
  /** Rows after which a column of numbers keeps no texts. */
  undecided: number;
}

/** Fewer numbers among texts than this part of them are levels that happen to be numbers. */
const fewNumbers = 0.1;

/**
 * A column of numbers as long as every value is one, and of texts from the first that is not. What is a mixture of both in the end is
 * in doubt: a stray cell must not make text of a column of numbers.
 */
export class ColumnReader {
  #numbers = new Float64Array(64);
  #size = 0;
  #asText: boolean;
  /** As they were written; of numbers only as many as may still turn out to be texts. */
  #texts: string[] = [];
  /** Texts come again and again; each is kept once. */
  readonly #known = new Map<string, string>();
  readonly #strays = new Map<Look, { count: number; first: Stray; distinct: string[] }>();
  #found = 0;
  #missing = 0;
  #trimmed = 0;
  #firstNumber?: Stray;
  #zeros?: Stray & { count: number };

  /** @param decided the kind that pieces before this one had */
  constructor(readonly options: ColumnOptions, readonly decided?: "texts" | "numbers") {
    this.#asText = options.isText || decided === "texts";
  }

  /** An empty column of the same kind, for the next piece. */
  next(): ColumnReader {
    return new ColumnReader({ ...this.options, undecided: -1 }, this.#asText ? "texts" : "numbers");
  }

  add(given: string): void {
    const { options: { missing, numberIn, trim, replace, undecided, isText } } = this;
    let cell = given;
    if (trim && (isSpace(cell, 0) || isSpace(cell, cell.length - 1))) {
      cell = cell.trim();
      this.#trimmed++;
    }
    if (replace.size > 0) cell = replace.get(cell) ?? cell;
    let number = NaN;
    if (missing.has(cell)) {
      this.#missing++;
      cell = "";
    } else if (!isText) {
      number = numberIn(cell);
      if (Number.isNaN(number)) this.#stray(cell);
      else {
        if (this.#found === 0) this.#firstNumber = { row: this.#size, text: cell };
        this.#found++;
        if (cell.length > 1 && cell[0] === "0" && cell[1] >= "0" && cell[1] <= "9") {
          this.#zeros ??= { row: this.#size, text: cell, count: 0 };
          this.#zeros.count++;
        }
      }
    }
    if (this.#asText || this.#size < undecided) this.#texts.push(this.#once(cell));
    else if (this.#texts.length > 0) this.#texts = [];
    if (!this.#asText) {
      if (this.#size === this.#numbers.length) {
        const wider = new Float64Array(2 * this.#size);
        wider.set(this.#numbers);
        this.#numbers = wider;
      }
      this.#numbers[this.#size] = number;
    }
    this.#size++;
  }

  column(): StoredColumn {
    const { isText } = this.options, doubt = this.#doubt();
    return {
      values: this.#asText ? this.#texts : this.#numbers.slice(0, this.#size),
      ...(doubt && { doubt }),
      ...(isText && { declared: true }),
      ...(this.#trimmed > 0 && { trimmed: this.#trimmed }),
      ...(!doubt && this.#asText && this.#firstNumber && { numbers: { ...this.#firstNumber, count: this.#found } }),
      ...(!this.#asText && this.#zeros && { zeros: this.#zeros }),
    };
  }

  #stray(text: string): void {
    const look = lookOf(text), known = this.#strays.get(look);
    if (known === undefined) {
      this.#strays.set(look, { count: 1, first: { row: this.#size, text: this.#once(text) }, distinct: [text] });
    } else {
      known.count++;
      if (known.distinct.length < 5 && !known.distinct.includes(text)) known.distinct.push(text);
    }
    // Texts of numbers are kept for the first rows only: afterwards a text is a stray for good.
    if (this.#size < this.options.undecided || this.#size === 0) this.#asText ||= this.decided === undefined;
  }

  #doubt(): Doubt | undefined {
    if (this.options.isText || this.#strays.size === 0) return undefined;
    const cells = this.#size - this.#missing, of = (look: Look) => this.#strays.get(look)?.count ?? 0;
    if (this.decided === "texts") return undefined;
    // "<25" is a level, but beside numbers it is one that something was left out of.
    const numeric = this.#found + of("number") + (this.#found > 0 ? of("compared") : 0);
    if (this.#asText && (numeric === 0 || numeric < fewNumbers * cells)) return undefined;
    return { cells, numbers: this.#found, strays: this.#strays };
  }

  #once(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size < 10000) this.#known.set(text, text);
    return text;
  }
}

/** White space, as spreadsheets and web pages have it. */
function isSpace(text: string, place: number): boolean {
  const code = text.charCodeAt(place);
  return code <= 32 || code === 0xa0 || (code >= 0x2000 && code <= 0x200a) || code === 0x202f || code === 0x3000 ||
    code === 0xfeff;
}
