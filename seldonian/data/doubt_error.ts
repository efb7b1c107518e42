import { notationOf } from "./cells.ts";
import type { Doubt } from "./column_reader.ts";
import { type Cure, DataError } from "./data_error.ts";
import type { Origin } from "./rows_reader.ts";

/** Why a column of numbers and texts cannot be used, with the first cells that do not go with the rest, and what would settle it. */
export function doubtError(name: string, doubt: Doubt, place: (row: number) => string, origin: Origin): DataError {
  const { cells, numbers, strays } = doubt, looks = [...strays.values()];
  const first = looks.map((look) => look.first).reduce((a, b) => b.row < a.row ? b : a);
  const count = looks.reduce((sum, look) => sum + look.count, 0), some = looks.flatMap(({ distinct }) => distinct).slice(0, 5);
  const others = some.length > 1 ? ` (others are ${some.filter((text) => text !== first.text).map(shown).join(", ")})` : "";
  // What reads all of the numbers that were written otherwise, as far as they are known.
  const numeric = strays.get("number"), notations = numeric?.distinct.map(notationOf) ?? [];
  const options = (notations[0]?.options ?? []).filter(([option, sign]) =>
    notations.every((notation) => notation.options.some(([other, mark]) => other === option && mark === sign))
  );
  // Where the first row alone has no numbers, and later ones have nothing else, it may be a second head line.
  const head = count === 1 && first.row === 0 && numbers > 1 && origin.firstLine > 0;
  const missing = head || (numeric !== undefined && looks.length === 1)
    ? []
    : some.filter((text) => !numeric?.distinct.includes(text));
  const cures: Cure[] = [
    ...(head ? [{ when: "if that line is a second head line", option: "skipLines", value: [lineOf(origin, 0)] }] : []),
    ...options.map(([option, value]) => ({
      when: `if ${value === "," ? "commas" : JSON.stringify(value)} ${
        option === "decimal" ? "stand before decimals" : "stand between thousands"
      }`,
      option,
      value,
    })),
    ...(missing.length > 0
      ? [{
        when: `if ${missing.length > 1 ? "those are ways" : "that is a way"} to write a missing value`,
        option: "missingValues",
        value: { [name]: missing },
      }]
      : []),
    { when: "if the column is of text", option: "text", value: [name] },
  ];
  const why = numeric?.first.row === first.row ? ` (${notationOf(first.text).says})` : others;
  return new DataError(
    `Cannot use the column "${name}": ${numbers === 0 ? "none" : numbers.toLocaleString("en")} of its ${
      cells.toLocaleString("en")
    } values ${numbers === 1 ? "is a number" : "are numbers"}, and ${shown(first.text)} in ${place(first.row)} is not${why}`,
    cures,
  );
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function lineOf({ firstLine, lines }: Origin, row: number): number {
  return lines?.[row] ?? firstLine + row;
}
