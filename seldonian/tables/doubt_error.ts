import { type Notation, notationsOf, whyNot } from "./cells.ts";
import type { Doubt } from "./column_reader.ts";
import { added, type Cure, DataError } from "../data/data_error.ts";
import { hasHidden, quoted } from "../data/quoted.ts";
import type { Origin } from "./rows_reader.ts";

/** The error for a column of unclear meaning, with the first cells in question, and cures. */
export function doubtError(name: string, doubt: Doubt, place: (row: number) => string, origin: Origin): DataError {
  const { cells, numbers, points, strays } = doubt, { given } = origin, looks = [...strays];
  if (looks.length === 0) return pointsError(name, doubt, place);
  const [look, first] = looks.reduce((a, b) => b[1].row < a[1].row ? b : a),
    count = looks.reduce((sum, [, { count }]) => sum + count, 0);
  const some = looks.flatMap(([, { distinct }]) => distinct),
    others = some.filter((text) => text !== first.text).slice(0, 4).map(quoted);
  const number = strays.get("number"), isNumber = look === "number";
  const cures: Cure[] = [
    ...look === "text" || /^[-=:]{3,}$/.test(first.text) ? lineCures(name, doubt, first, count, origin) : [],
    ...cureOf(notationsOf(number?.distinct ?? [], points, given)),
  ];
  // A sign for a missing value is one of few.
  const signs = some.filter((text) => !number?.distinct.includes(text)),
    isHead = cures.some(({ option }) => option === "skipLines");
  if (!isHead && signs.length > 0 && looks.every(([look, { more }]) => look === "number" || !more) && !signs.some(hasHidden)) {
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
  const why = isNumber ? ` (${whyNot(first.text)})` : others.length > 0 ? ` (others are ${others.join(", ")})` : "";
  return new DataError(
    `Cannot use the column "${name}": ${numbers === 0 ? "none" : numbers.toLocaleString("en")} of its ${
      cells.toLocaleString("en")
    } values ${numbers === 1 ? "is a number" : "are numbers"}, and ${quoted(first.text)} in ${place(first.row)} is not${why}`,
    cures,
  );
}

/** The error for numbers like 1.200, where each point has three digits after it. */
function pointsError(name: string, { pointed }: Doubt, place: (row: number) => string): DataError {
  const { text, row, count } = pointed!;
  return new DataError(
    `Cannot use the column "${name}": ${quoted(text)} in ${place(row)} may be ${text.replace(".", "")} or ${
      Number(text)
    }, as all ${count.toLocaleString("en")} of its points are ` +
      "before three digits",
    [
      { when: "if points stand between thousands", option: "thousands", value: "." },
      { when: "and", option: "decimal", value: "," },
      { when: "if points stand before decimals", option: "decimal", value: "." },
    ],
  );
}

/** For one line without a number among lines that have one: a second head line, or a line of something else. */
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

/** The options that read numbers in these notations. */
function cureOf(notations: readonly Notation[]): Cure[] {
  const stands = (sign: string) =>
    sign === "," ? "commas stand" : sign === "." ? "points stand" : `${JSON.stringify(sign)} stands`;
  return notations.flatMap(({ decimal, thousands }): Cure[] => [
    ...thousands === undefined
      ? []
      : [{ when: `if ${stands(thousands)} between thousands`, option: "thousands", value: thousands }],
    ...decimal === undefined ? [] : [{
      when: thousands === undefined ? `if ${stands(decimal)} before decimals` : "and",
      option: "decimal",
      value: decimal,
    }],
  ]);
}

function lineOf({ firstLine, lines }: Origin, row: number): number {
  return lines?.[row] ?? firstLine + row;
}
