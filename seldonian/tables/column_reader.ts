import { type Look, lookOf, type Points } from "./cells.ts";

/** A cell, with how many there are like it. */
export interface Met {
  /** The row of the first. */
  row: number;
  /** The first. */
  text: string;
  count: number;
}

/** Cells that do not go with their column and look alike, with some of the different ones: of numbers one of each form. */
export interface Strays extends Met {
  distinct: string[];
  /** How those are written. */
  forms: string[];
  /** Whether there are different ones that are not among those. */
  more: boolean;
}

/** A column of which it would be a guess what its cells are: neither all numbers nor all texts, or numbers like 1.200. */
export interface Doubt {
  /** Cells that are not missing, and how many of those are numbers. */
  cells: number;
  numbers: number;
  points: Points;
  /** Numbers with three digits after the point, which may be thousands, where all of the column's points stand so. */
  pointed?: Met;
  /** Cells that are no numbers, by how they look. */
  strays: ReadonlyMap<Look, Strays>;
}

type MetName = "trimmed" | "numbers" | "zeros" | "breaks" | "minus" | "pointed";

/** A column as it is kept. */
export interface StoredColumn {
  values: Float64Array | readonly string[];
  /** Why its kind is not known. */
  doubt?: Doubt;
  /** Whether its kind is known, by the user or the file's types, so that it is taken as it stands. */
  typed?: boolean;
  /** What was met in reading: cells around which white space was left out, numbers among texts, numbers with a zero in front, line breaks, the minus of word processors. */
  met?: Readonly<Partial<Record<MetName, Met>>>;
  /** How missing values were written, with how often; none of them is empty. */
  missing?: ReadonlyMap<string, number>;
}

/** How a column is read. */
export interface ColumnOptions {
  numberIn: (text: string) => number;
  missing: ReadonlySet<string>;
  /** Whether it is said to be of text. */
  isText: boolean;
  trim: boolean;
  /** Whether it is to be asked what the points in 950, 1.200 and 12.000 mean: "always", or only beside whole numbers. */
  pointsAsked: "always" | "beside whole numbers" | "never";
  replace: ReadonlyMap<string, string>;
  /** Rows after which a column of numbers keeps no texts. */
  undecided: number;
}

/** Fewer numbers among texts than this part of them are levels that happen to be numbers. */
const fewNumbers = 0.1;

/** Fewer numbers like 1.200 are no sign of thousands. */
const fewPoints = 5;

/** A number whose point may stand between thousands. */
const thousands = /^[-+\u2212]?[1-9]\d{0,2}\.\d{3}$/;

/** Different strays that are named, at most. */
const named = 5;

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
  readonly #strays = new Map<Look, Strays>();
  readonly #met: Partial<Record<MetName, Met>> = {};
  readonly #spellings = new Map<string, number>();
  #missing = 0;
  #points: Points = "none";
  /** Whether whole numbers from 1000 on have no point. */
  #ungrouped = false;
  /** How many whole numbers from 100 to 999 have no point. */
  #hundreds = 0;

  /** @param decided the kind that pieces before this one had */
  constructor(readonly options: ColumnOptions, readonly decided?: "texts" | "numbers") {
    this.#asText = options.isText || decided === "texts";
  }

  /** An empty column of the same kind, for the next piece. */
  next(): ColumnReader {
    return new ColumnReader({ ...this.options, undecided: -1 }, this.#asText ? "texts" : "numbers");
  }

  /** @param given `null`: missing, however that is written elsewhere */
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
    // Texts of numbers are kept for the first rows only: afterwards a text is a stray for good.
    if (this.#size < this.options.undecided && this.decided === undefined) this.#asText = true;
  }

  /** What the points so far stand before. */
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
    // "<25" is a level, but beside numbers it is one that something was left out of.
    const numeric = numbers + of("number") + (numbers > 0 ? of("compared") : 0);
    if (this.#asText && (numeric === 0 || numeric < fewNumbers * cells)) return undefined;
    return { cells, numbers, points: this.#points, strays: this.#strays };
  }

  #doubtOfPoints(): Doubt | undefined {
    const { pointed, numbers } = this.#met, { pointsAsked } = this.options;
    // Who writes 1.200 for a number writes 1200 for none.
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

/** A number's signs, and where three digits stand between them. */
function formOf(text: string): string {
  return text.replace(/\d+/g, (digits) => digits.length === 3 ? "999" : "9");
}

/** White space as spreadsheets and web pages have it, and signs that cannot be seen. */
const space = "[\\s\\u0000-\\u0020\\u00ad\\u200b-\\u200f\\u2060\\ufeff]";
const one = new RegExp(space, "u"), around = new RegExp(`^${space}+|${space}+$`, "gu");

/** A text without white space around it. */
export function trimmed(text: string): string {
  return text.replace(around, "");
}

function isSpace(text: string, place: number): boolean {
  const code = text.charCodeAt(place);
  return code <= 32 || (code >= 0xa0 && one.test(text[place]));
}
