import { DataError } from "../data/data_error.ts";
import type { CsvOptions } from "./csv_options.ts";

/** The length of text to look at. */
export const lookedAt = 1 << 16;

/**
 * The separator of a text's fields: a comma, semicolon, tab or bar, whichever all of the first lines have equally often.
 * @throws {DataError} if two are possible, or if blanks are
 */
export function separatorOf(text: string, { header, file, skipLines = [] }: CsvOptions): string {
  // Ignores quoted text, so that only real separators count.
  const beginning = text.slice(0, lookedAt), lines = beginning.replace(/"(?:[^"]|"")*"/g, "").split(/\r\n|\r|\n/);
  if (beginning.length < text.length) lines.pop();
  const some = lines.filter((line, i) => !skipLines.includes(i + 1) && line.trim() !== "").slice(0, 20);
  const good = [",", ";", "\t", "|"].filter((separator) => {
    const [first = 1, ...rest] = some.map((line) => line.split(separator).length), width = header?.length ?? first;
    // RowsReader reports a separator after the last field, and broken lines.
    const rows = header === undefined ? rest : [first, ...rest],
      fit = rows.filter((fields) => fields === width || fields === width + 1);
    return width > 1 && (fit.length > rows.length / 2 || rows.length === 0);
  });
  if (good.length === 1) return good[0];
  if (good.length === 0) {
    // A file of one column, unless every line has the same number of words between blanks.
    const words = some.map((line) => line.trim().split(/ +/).length);
    if (header === undefined && words[0] > 2 && words.length > 1 && words.every((count) => count === words[0])) {
      throw new DataError(
        `Cannot tell what separates the fields${file === undefined ? "" : ` of ${file}`}: every line has ${
          words[0]
        } words, and no comma, semicolon or tab`,
        [{ when: "if blanks do", option: "separator", value: " " }, {
          when: "if it is one column",
          option: "separator",
          value: ",",
        }],
      );
    }
    return ",";
  }
  throw new DataError(
    `Cannot tell what separates the fields${file === undefined ? "" : ` of ${file}`}: it may be ${
      good.map((one) => JSON.stringify(one)).join(" or ")
    }`,
    good.map((value, i) => ({ ...(i > 0 && { when: "or" }), option: "separator", value })),
  );
}
