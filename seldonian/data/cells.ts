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
  if (thousands === undefined && decimal === ".") return (text) => plain.test(text) ? finite(Number(text)) : NaN;
  const [point, group] = [decimal, thousands ?? "(?!)"].map((sign) =>
    sign === "(?!)" ? sign : `\\u{${sign.codePointAt(0)!.toString(16)}}`
  );
  const written = new RegExp(
    `^[+-]?(?:(?:\\d+|\\d{1,3}(?:${group}\\d{3})+)(?:${point}\\d*)?|${point}\\d+)(?:e[+-]?\\d+)?$`,
    "iu",
  );
  return (text) => {
    if (!written.test(text)) return NaN;
    const ungrouped = thousands === undefined ? text : text.replaceAll(thousands, "");
    return finite(Number(ungrouped.replace(decimal, ".")));
  };
}

const plain = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function finite(x: number): number {
  return Number.isFinite(x) && !(Number.isInteger(x) && Math.abs(x) > Number.MAX_SAFE_INTEGER) ? x : NaN;
}

/** What a text is that is no number: one in another notation, a sign that often stands for a missing value, or neither. */
export type Look = "number" | "missing" | "compared" | "text";

/** How a text looks that is no number. */
export function lookOf(text: string): Look {
  if (/^[-+]?(inf(inity)?|∞)$/i.test(text) || plain.test(text)) return "number";
  if (/^[-+(]?\s?\p{Sc}?\s?[-+]?\d[\d.,'’ \u00a0\u202f]*(e[+-]?\d+)?\s?[%\p{Sc}]?\)?$/iu.test(text)) return "number";
  if (/^[<>≤≥~=]+\s?[\d.,]+$|^[\d.,]+\s?\+$/.test(text)) return "compared";
  return /^(na?n|n\.?\/?a\.?|#?n\/?a|#?null!?|none|nil|[-–—.?*]+|missing|unknown|not available|#\w+[!?]|#div\/0!)$/i.test(text)
    ? "missing"
    : "text";
}

/** What is wrong with a number in another notation, and the option that reads it; `null` where none does. */
export function notationOf(
  text: string,
): { says: string; option: "decimal" | "thousands"; value: string } | { says: string; option: null } {
  if (/^[-+]?\d+$/.test(text)) return { says: "it has more digits than a number keeps", option: null };
  if (plain.test(text) || /inf|∞/i.test(text)) return { says: "it is not finite", option: null };
  if (/\p{Sc}/u.test(text)) return { says: "it has a sign of currency", option: null };
  if (/%/.test(text)) return { says: "it is a percentage", option: null };
  if (/^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(text)) {
    return { says: "it seems to have commas between thousands", option: "thousands", value: "," };
  }
  if (/^[-+]?\d{1,3}(\.\d{3})+,\d*$|^[-+]?\d{1,3}(\.\d{3}){2,}$/.test(text)) {
    return { says: "it seems to have points between thousands", option: "thousands", value: "." };
  }
  if (/^[-+]?\d*,\d+$|^[-+]?\d+,$/.test(text)) return { says: "it seems to have a decimal comma", option: "decimal", value: "," };
  const [, group] = /^[-+]?\d{1,3}(?:(['’ \u00a0\u202f])\d{3})+([.,]\d*)?$/.exec(text) ?? [];
  if (group !== undefined) {
    return { says: "it seems to have spaces or marks between thousands", option: "thousands", value: group };
  }
  return { says: "it is a number in another notation", option: null };
}

/** Whether a text looks like a date or a time. */
export function isDate(text: string): boolean {
  return /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{2}.*)?$|^\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})([T ]\d{1,2}:\d{2}.*)?$|^\d{1,2}:\d{2}(:\d{2})?$|^\d{4}-\d{2}$/
    .test(text);
}
