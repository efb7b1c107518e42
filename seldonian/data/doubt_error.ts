import { notationOf } from "./cells.ts";
import type { Doubt } from "./column_reader.ts";
import { added, type Cure, DataError } from "./data_error.ts";
import type { Origin } from "./rows_reader.ts";

/** Why a column of numbers and texts cannot be used, with the first cells that do not go with the rest, and what would settle it. */
export function doubtError(name: string, doubt: Doubt, place: (row: number) => string, origin: Origin): DataError {
  const { cells, numbers, decimals, strays } = doubt, { given } = origin, looks = [...strays.values()];
  const first = looks.reduce((a, b) => b.row < a.row ? b : a), count = looks.reduce((sum, look) => sum + look.count, 0);
  const some = looks.flatMap(({ distinct }) => distinct),
    others = some.filter((text) => text !== first.text).slice(0, 4).map(quoted);
  const number = strays.get("number"), isNumber = number?.row === first.row;
  const cures: Cure[] = [...lineCures(name, doubt, first, count, origin), ...notationCures(number?.distinct ?? [], decimals)];
  // What is a sign for a missing value is one of few.
  const signs = some.filter((text) => !number?.distinct.includes(text));
  if (cures.length === 0 && signs.length > 0 && looks.every(({ more }) => !more) && !signs.some(hasHidden)) {
    const when = `if ${signs.length > 1 ? "those are ways" : "that is a way"} to write a missing value`;
    cures.push({ when, option: "missingValues", value: added(given?.missingValues, { [name]: signs }) });
  }
  if (cures.length === 0 && count <= 3 && !/^\d{16,}$/.test(first.text)) {
    cures.push({
      when: "if that is another number",
      option: "replace",
      value: added(given?.replace, { [name]: { [first.text]: "…" } }),
    });
  }
  cures.push({ when: "if the column is of text", option: "text", value: added(given?.text, [name]) });
  const why = isNumber ? ` (${notationOf(first.text).says})` : others.length > 0 ? ` (others are ${others.join(", ")})` : "";
  return new DataError(
    `Cannot use the column "${name}": ${numbers === 0 ? "none" : numbers.toLocaleString("en")} of its ${
      cells.toLocaleString("en")
    } values ${numbers === 1 ? "is a number" : "are numbers"}, and ${quoted(first.text)} in ${place(first.row)} is not${why}`,
    cures,
  );
}

/** Where one line has no number and all others have: a second head line, or a line of other things. */
function lineCures(
  name: string,
  { numbers }: Doubt,
  first: { row: number; text: string },
  count: number,
  origin: Origin,
): Cure[] {
  if (origin.firstLine === 0 || count > 1) return [];
  const value = added(origin.given?.skipLines, [lineOf(origin, first.row)]);
  if (first.row === 0 && numbers > 1) return [{ when: "if that line is a second head line", option: "skipLines", value }];
  if (first.text === name) return [{ when: "as that line has the names again", option: "skipLines", value }];
  return [];
}

/** What reads all of the numbers that were written otherwise; nothing where that would contradict the numbers that are read. */
function notationCures(texts: readonly string[], decimals: boolean): Cure[] {
  const notations = texts.map(notationOf);
  const options = (notations[0]?.options ?? []).filter(([option, sign]) =>
    notations.every((notation) => notation.options.some(([other, mark]) => other === option && mark === sign))
  );
  // Beside 1.823 a 1,823 may be the same number.
  if (decimals) return options.filter(([option, sign]) => option === "thousands" && sign !== "," && sign !== ".").map(cureOf);
  const points = options.some(([option, sign]) => option === "thousands" && sign === ".");
  return [...options.map(cureOf), ...(points ? [{ when: "with it", option: "decimal", value: "," }] : [])];
}

function cureOf([option, value]: readonly [string, string]): Cure {
  const sign = value === "," ? "commas stand" : value === "." ? "points stand" : `${JSON.stringify(value)} stands`;
  return { when: `if ${sign} ${option === "decimal" ? "before decimals" : "between thousands"}`, option, value };
}

/** A text in quotes, what cannot be seen of it by its number. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text).replace(
    hidden,
    (sign) => `\\u${sign.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
}

/** All but letters, numbers and signs that can be seen. */
const hidden = /[^\x20-\x7e\p{L}\p{N}\p{P}\p{S}\p{M}]/gu;

function hasHidden(text: string): boolean {
  return text.replace(hidden, "") !== text;
}

function lineOf({ firstLine, lines }: Origin, row: number): number {
  return lines?.[row] ?? firstLine + row;
}
