import { type Look, lookOf, type Points } from "./cells.ts";

/** A cell, and the number of cells like it. */
export interface Met {
  /** The row of the first. */
  row: number;
  /** The first. */
  text: string;
  count: number;
}

/** Cells of one look that do not fit their column, with some examples; for numbers, one of each form. */
export interface Strays extends Met {
  distinct: string[];
  /** The forms of the examples. */
  forms: string[];
  /** Whether there are more than the examples. */
  more: boolean;
}

/** A column with cells of unclear meaning: neither all numbers nor all texts, or numbers like 1.200. */
export interface Doubt {
  /** The number of cells that are not missing, and of numbers among them. */
  cells: number;
  numbers: number;
  points: Points;
  /** Numbers with three digits after the point, possibly thousands, if all of the column's points are like that. */
  pointed?: Met;
  /** Cells that are not numbers, by look. */
  strays: ReadonlyMap<Look, Strays>;
}

type MetName = "trimmed" | "numbers" | "zeros" | "breaks" | "minus" | "pointed";

/** A stored column. */
export interface StoredColumn {
  values: Float64Array | readonly string[];
  /** Why its kind is unknown. */
  doubt?: Doubt;
  /** Whether its kind is given, by the user or the file's types, so that it is taken as it is. */
  typed?: boolean;
  /**
   * Findings while reading: cells with surrounding white space, numbers among texts, numbers with a leading zero, line breaks,
   * the minus sign of word processors.
   */
  met?: Readonly<Partial<Record<MetName, Met>>>;
  /** The spellings of missing values, with their counts; without the empty text. */
  missing?: ReadonlyMap<string, number>;
}

/** How to read a column. */
export interface ColumnOptions {
  numberIn: (text: string) => number;
  missing: ReadonlySet<string>;
  /** Whether it is declared as text. */
  isText: boolean;
  trim: boolean;
  /** When to ask what the points in 950, 1.200 and 12.000 mean: "always", or only if there are whole numbers too. */
  pointsAsked: "always" | "beside whole numbers" | "never";
  replace: ReadonlyMap<string, string>;
  /** The number of rows after which a column of numbers keeps no texts. */
  undecided: number;
}

/** A smaller fraction of numbers among texts means levels that happen to be numbers. */
const fewNumbers = 0.1;

/** Fewer numbers like 1.200 do not suggest thousands. */
const fewPoints = 5;

/** A number whose point may separate thousands. */
const thousands = /^[-+\u2212]?[1-9]\d{0,2}\.\d{3}$/;

/** The most different strays to name. */
const named = 5;

/**
 * A column of numbers as long as every value is one, and of texts from the first that is not. A final mixture of both is in
 * doubt: a stray cell must not turn a column of numbers into text.
 */
export class ColumnReader {
  #numbers = new Float64Array(4);
  #size = 0;
  #asText: boolean;
  /** The original texts; for numbers, only while they may still turn out to be texts. */
  #texts: string[] = [];
  /** Texts repeat; each is stored once. */
  readonly #known = new Map<string, string>();
  readonly #strays = new Map<Look, Strays>();
  readonly #met: Partial<Record<MetName, Met>> = {};
  readonly #spellings = new Map<string, number>();
  #missing = 0;
  #points: Points = "none";
  /** Whether whole numbers from 1000 on have no point. */
  #ungrouped = false;
  /** The number of whole numbers from 100 to 999 without a point. */
  #hundreds = 0;

  /**
   * @param decided the kind of the pieces before this one
   */
  constructor(readonly options: ColumnOptions, readonly decided?: "texts" | "numbers") {
    this.#asText = options.isText || decided === "texts";
  }

  /** An empty column of the same kind, for the next piece. */
  next(): ColumnReader {
    return new ColumnReader({ ...this.options, undecided: -1 }, this.#asText ? "texts" : "numbers");
  }

  /**
   * @param given `null`: missing, however missing values are written
   */
  add(given: string | null): void {
    const { options: { missing, numberIn, trim, replace, undecided, isText } } = this;
    let cell = given ?? "";
    if (trim && (isSpace(cell, 0) || isSpace(cell, cell.length - 1))) {
      cell = trimmed(cell);
      this.#meet("trimmed", cell);
    }
    if (replace.size > 0) cell = replace.get(cell) ?? cell;
    let number = NaN;
    if (given === null || missing.has(cell)) {
      this.#missing++;
      if (cell !== "") this.#spellings.set(cell, (this.#spellings.get(cell) ?? 0) + 1);
      cell = "";
    } else if (!isText) {
      number = numberIn(cell);
      if (Number.isNaN(number)) this.#stray(cell);
      else {
        this.#meet("numbers", cell);
        if (cell.charCodeAt(0) === 0x2212) this.#meet("minus", cell);
        if (this.#points !== "decimals") this.#point(cell, number);
        if (cell.length > 1 && cell[0] === "0" && cell[1] >= "0" && cell[1] <= "9") this.#meet("zeros", cell);
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
    const { isText } = this.options, doubt = this.#doubt(), { numbers, zeros, pointed: _, ...met } = this.#met;
    return {
      values: this.#asText ? this.#texts : this.#numbers.slice(0, this.#size),
      ...(doubt && { doubt }),
      ...(isText && { typed: true }),
      met: { ...met, ...(!doubt && this.#asText ? numbers && { numbers } : zeros && { zeros }) },
      ...(this.#spellings.size > 0 && { missing: this.#spellings }),
    };
  }

  #meet(name: MetName, text: string): void {
    const met = this.#met[name];
    if (met === undefined) this.#met[name] = { row: this.#size, text, count: 1 };
    else met.count++;
  }

  #stray(text: string): void {
    const look = lookOf(text), known = this.#strays.get(look), form = look === "number" ? formOf(text) : text;
    if (known === undefined) {
      this.#strays.set(look, { count: 1, row: this.#size, text: this.#once(text), distinct: [text], forms: [form], more: false });
    } else {
      known.count++;
      if (!known.more && !known.forms.includes(form)) {
        if (known.forms.length === named) known.more = true;
        else {
          known.forms.push(form);
          known.distinct.push(text);
        }
      }
    }
    if (look === "text" && text.includes("\n")) this.#meet("breaks", text);
    // Texts of numbers are kept only for the first rows; after that, a text is a stray for good.
    if (this.#size < this.options.undecided && this.decided === undefined) this.#asText = true;
  }

  /** Updates the meaning of the points so far. */
  #point(cell: string, number: number): void {
    if (cell.includes(".")) {
      if (!thousands.test(cell)) this.#points = "decimals";
      else {
        this.#points = "thousands";
        this.#meet("pointed", cell);
      }
      return;
    }
    const size = Math.abs(number);
    if (!Number.isInteger(number)) this.#points = "decimals";
    else if (size >= 1000) this.#ungrouped = true;
    else if (size >= 100) this.#hundreds++;
  }

  #doubt(): Doubt | undefined {
    if (this.options.isText || this.decided === "texts") return undefined;
    if (this.#strays.size === 0) return this.decided === undefined ? this.#doubtOfPoints() : undefined;
    const cells = this.#size - this.#missing, numbers = this.#met.numbers?.count ?? 0;
    const of = (look: Look) => this.#strays.get(look)?.count ?? 0;
    // "<25" is a level; but among numbers it is a number with something cut off.
    const numeric = numbers + of("number") + (numbers > 0 ? of("compared") : 0);
    if (this.#asText && (numeric === 0 || numeric < fewNumbers * cells)) return undefined;
    return { cells, numbers, points: this.#points, strays: this.#strays };
  }

  #doubtOfPoints(): Doubt | undefined {
    const { pointed, numbers } = this.#met, { pointsAsked } = this.options;
    // Someone who writes 1.200 for a number never writes 1200.
    if (
      this.#points !== "thousands" || this.#ungrouped || pointsAsked === "never" || pointed === undefined ||
      pointed.count < fewPoints
    ) {
      return undefined;
    }
    if (pointsAsked === "beside whole numbers" && this.#hundreds === 0) return undefined;
    return { cells: numbers!.count, numbers: numbers!.count, points: this.#points, pointed, strays: this.#strays };
  }

  #once(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size < 10000) this.#known.set(text, text);
    return text;
  }
}

/** The signs of a number, and the places of groups of three digits. */
function formOf(text: string): string {
  return text.replace(/\d+/g, (digits) => digits.length === 3 ? "999" : "9");
}

/** White space of spreadsheets and web pages, and invisible characters. */
const one = /[\s\u00ad\u200b-\u200f\u2060\ufeff]/u;

/** A text without white space around it. */
export function trimmed(text: string): string {
  let start = 0, end = text.length;
  while (start < end && isSpace(text, start)) start++;
  while (start < end && isSpace(text, end - 1)) end--;
  return text.slice(start, end);
}

function isSpace(text: string, place: number): boolean {
  const code = text.charCodeAt(place);
  return code <= 32 || (code >= 0xa0 && one.test(text[place]));
}
