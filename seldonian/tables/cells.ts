/** The notation of numbers. */
export interface Notation {
  /** The sign before the decimals: "." (default) or ",". */
  decimal?: "." | ",";
  /** The sign between groups of three digits, as in 1,234,567; default: none. */
  thousands?: string;
}

/** Texts that are missing values by default. */
export const missingTexts: readonly string[] = ["", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "?"];

/** The spellings of missing values, by column. */
export function missingSpellings(
  { missingValues = {}, text = [] }: {
    missingValues?: readonly string[] | Readonly<Record<string, readonly string[]>>;
    text?: readonly string[];
  },
): (name: string) => ReadonlySet<string> {
  const byColumn = Array.isArray(missingValues) ? {} : missingValues as Readonly<Record<string, readonly string[]>>;
  const common = new Set(Array.isArray(missingValues) ? missingValues : missingTexts), isText = new Set(text);
  // Text columns are missing only where a cell is empty, or has a given spelling.
  const ofTexts = Array.isArray(missingValues) ? common : new Set([""]);
  return (name) => {
    const missing = isText.has(name) ? ofTexts : common;
    return Object.hasOwn(byColumn, name) ? new Set([...missing, ...byColumn[name]]) : missing;
  };
}

/**
 * Reads numbers in a notation; other texts, and numbers that are too large, become NaN. Number() would turn "" and " " into 0,
 * and "0x10" into 16.
 */
export function numberReader({ decimal = ".", thousands }: Notation): (text: string) => number {
  if (thousands === undefined && decimal === ".") return (text) => plain.test(text) ? kept(text) : NaN;
  const [point, group] = [decimal, thousands ?? "(?!)"].map((sign) =>
    sign === "(?!)" ? sign : `\\u{${sign.codePointAt(0)!.toString(16)}}`
  );
  const written = new RegExp(
    `^[+\\-\u2212]?(?:(?:\\d+|\\d{1,3}(?:${group}\\d{3})+)(?:${point}\\d*)?|${point}\\d+)(?:e[+-]?\\d+)?$`,
    "iu",
  );
  return (text) => {
    if (!written.test(text)) return NaN;
    const ungrouped = thousands === undefined ? text : text.replaceAll(thousands, "");
    return kept(ungrouped.replace(decimal, "."));
  };
}

const plain = /^[+\-\u2212]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A number without loss of digits; a longer integer would lose some, and becomes NaN. */
function kept(text: string): number {
  const x = Number(text.charCodeAt(0) === 0x2212 ? `-${text.slice(1)}` : text);
  return Number.isFinite(x) && (Number.isSafeInteger(x) || !/^[+-]?\d+$/.test(text)) ? x : NaN;
}

/**
 * The look of a text that is not a number: a number in another notation, a common sign for a missing value, a comparison, or
 * text.
 */
export type Look = "number" | "missing" | "compared" | "text";

/** The look of a text that is not a number. */
export function lookOf(text: string): Look {
  if (isDate(text)) return "text";
  if (/^[-+]?(inf(inity)?|∞)$/i.test(text) || plain.test(text)) return "number";
  if (/^[-+(]?\s?\p{Sc}?\s?[-+]?\d[\d.,'’ \u00a0\u202f]*(e[+-]?\d+)?\s?[%\p{Sc}]?\)?$/iu.test(text)) return "number";
  if (/^[<>≤≥~=]+\s?[\d.,]+$|^[\d.,]+\s?\+$/.test(text)) return "compared";
  return /^(na?n|n\.?\/?a\.?|#?n\/?a|#?null!?|none|nil|[-–—.?*]+|missing|unknown|not available|#\w+[!?]|#div\/0!|<na>|\(null\)|\\n)$/i
      .test(text)
    ? "missing"
    : "text";
}

/** Why a text that looks like a number is not one. */
export function whyNot(text: string): string {
  if (/^[-+]?\d+$/.test(text)) return "it has more digits than a number keeps";
  if (/inf|∞/i.test(text) || (plain.test(text) && !Number.isFinite(Number(text)))) return "it is not finite";
  if (/\p{Sc}/u.test(text)) return "it has a currency sign: write only the number";
  if (/%/.test(text)) return "it is a percentage: write only the number";
  if (/^[-+]?\d{1,3},\d{3}$/.test(text)) return "its comma may be before decimals or thousands";
  if (/^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(text)) return "it has commas between thousands";
  if (/^[-+]?\d{1,3}(\.\d{3})+(,\d*)?$/.test(text)) return "it has points between thousands";
  if (/^[-+]?\d*,\d*$/.test(text)) return "it has a decimal comma";
  if (/^[-+]?\d*\.\d*$/.test(text)) return "it has a decimal point";
  if (/^[-+]?\d{1,3}(['’ \u00a0\u202f]\d{3})+([.,]\d*)?$/.test(text)) return "it has spaces or marks between thousands";
  return "it is a number in another notation: write it plainly";
}

/**
 * The meaning of the points in a column's numbers: there are none; always before three digits, so perhaps thousands; or decimals.
 */
export type Points = "none" | "thousands" | "decimals";

/**
 * The notations in which all of these texts are numbers, and numbers with such points keep their meaning: none, one, or two if
 * ambiguous. The simplest are chosen.
 * @param given the user's notation, to be completed
 */
export function notationsOf(texts: readonly string[], points: Points, given: Notation = {}): Notation[] {
  if (texts.length === 0 || given.thousands !== undefined) return [];
  const marks = [...new Set(texts.flatMap((text) => text.match(/(?<=\d)['’ \u00a0\u202f](?=\d)/gu) ?? []))];
  const simple: Notation[] = [
    { decimal: "." },
    { decimal: "," },
    { thousands: "," },
    ...marks.map((thousands) => ({ thousands })),
  ];
  const paired: Notation[] = [
    { decimal: ",", thousands: "." },
    ...marks.map((thousands): Notation => ({ decimal: ",", thousands })),
  ];
  const both = texts.some((text) => text.includes(",") && text.includes("."));
  const reads = (notation: Notation) => {
    const { decimal = ".", thousands } = notation, numberIn = numberReader(notation);
    if (texts.some((text) => Number.isNaN(numberIn(text)))) return false;
    if (given.decimal !== undefined) return decimal === given.decimal || points === "none";
    // Next to 1.823, 1,823 may be the same number.
    if (points === "decimals") return decimal === "." && (thousands !== "," || both);
    return points === "none" || thousands === "." || (decimal === "." && both);
  };
  const found = simple.filter(reads);
  return found.length > 0 ? found : paired.filter(reads);
}

/** Whether a text looks like a date or a time. */
export function isDate(text: string): boolean {
  return /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{2}.*)?$|^\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})([T ]\d{1,2}:\d{2}.*)?$|^\d{1,2}:\d{2}(:\d{2})?$|^\d{4}-\d{2}$/
    .test(text);
}
