/** How numbers are written. */
export interface Notation {
  /** Before the decimals: "." (default) or ",". */
  decimal?: "." | ",";
  /** Between groups of three digits, as in 1,234,567; default: nothing. */
  thousands?: string;
}

/** Texts that are missing values wherever nothing else is said. */
export const missingTexts: readonly string[] = ["", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "?"];

/** Reads numbers of a notation: what is none, or too large, is NaN. Number() alone would take "" and " " for 0, and "0x10" for 16. */
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

/** A number that a float64 keeps; a longer row of digits would lose some. */
function kept(text: string): number {
  const x = Number(text.charCodeAt(0) === 0x2212 ? `-${text.slice(1)}` : text);
  return Number.isFinite(x) && (Number.isSafeInteger(x) || !/^[+-]?\d+$/.test(text)) ? x : NaN;
}

/** What a text that is not a number looks like: one in another notation, a sign that often stands for a missing value, or neither. */
export type Look = "number" | "missing" | "compared" | "text";

/** How a text that is not a number looks. */
export function lookOf(text: string): Look {
  if (/^[-+]?(inf(inity)?|∞)$/i.test(text) || plain.test(text)) return "number";
  if (/^[-+(]?\s?\p{Sc}?\s?[-+]?\d[\d.,'’ \u00a0\u202f]*(e[+-]?\d+)?\s?[%\p{Sc}]?\)?$/iu.test(text)) return "number";
  if (/^[<>≤≥~=]+\s?[\d.,]+$|^[\d.,]+\s?\+$/.test(text)) return "compared";
  return /^(na?n|n\.?\/?a\.?|#?n\/?a|#?null!?|none|nil|[-–—.?*]+|missing|unknown|not available|#\w+[!?]|#div\/0!)$/i.test(text)
    ? "missing"
    : "text";
}

/** An option of reading, and its value. */
export type NotationCure = readonly ["decimal" | "thousands", string];

/** What is wrong with a number in another notation, and the options that would read it: none, one, or two where it may be either. */
export function notationOf(text: string): { says: string; options: readonly NotationCure[] } {
  const says = (says: string, ...options: NotationCure[]) => ({ says, options });
  if (/^[-+]?\d+$/.test(text)) return says("it has more digits than a number keeps");
  if (/inf|∞/i.test(text) || (plain.test(text) && !Number.isFinite(Number(text)))) return says("it is not finite");
  if (/\p{Sc}/u.test(text)) return says("it has a sign of currency: write the number alone");
  if (/%/.test(text)) return says("it is a percentage: write the number alone");
  if (/^[-+]?\d{1,3},\d{3}$/.test(text)) {
    return says("its comma may be before decimals or thousands", ["decimal", ","], ["thousands", ","]);
  }
  if (/^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(text)) return says("it has commas between thousands", ["thousands", ","]);
  if (/^[-+]?\d{1,3}(\.\d{3})+(,\d*)?$/.test(text)) return says("it has points between thousands", ["thousands", "."]);
  if (/^[-+]?\d*,\d*$/.test(text)) return says("it has a decimal comma", ["decimal", ","]);
  if (/^[-+]?\d*\.\d*$/.test(text)) return says("it has a decimal point", ["decimal", "."]);
  const [, group] = /^[-+]?\d{1,3}(?:(['’ \u00a0\u202f])\d{3})+([.,]\d*)?$/.exec(text) ?? [];
  if (group !== undefined) return says("it has spaces or marks between thousands", ["thousands", group]);
  return says("it is a number in another notation: write it plainly");
}

/** Whether a text looks like a date or a time. */
export function isDate(text: string): boolean {
  return /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{2}.*)?$|^\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})([T ]\d{1,2}:\d{2}.*)?$|^\d{1,2}:\d{2}(:\d{2})?$|^\d{4}-\d{2}$/
    .test(text);
}
