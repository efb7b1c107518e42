import { DataError } from "../data/data_error.ts";
import type { CsvOptions } from "./csv_options.ts";

/** Text that is looked at. */
export const lookedAt = 1 << 16;

/**
 * What separates the fields of a text: a comma, semicolon, tab or bar, whichever all of the first lines have equally often.
 * @throws {DataError} where two would do, and where blanks may
 */
export function separatorOf(text: string, { header, file, skipLines = [] }: CsvOptions): string {
  // Without what stands in quotes, so that a letter counts where it separates.
  const beginning = text.slice(0, lookedAt), lines = beginning.replace(/"(?:[^"]|"")*"/g, "").split(/\r\n|\r|\n/);
  if (beginning.length < text.length) lines.pop();
  const some = lines.filter((line, i) => !skipLines.includes(i + 1) && line.trim() !== "").slice(0, 20);
  const good = [",", ";", "\t", "|"].filter((separator) => {
    const [first = 1, ...rest] = some.map((line) => line.split(separator).length), width = header?.length ?? first;
    // A separator after the last field, and a few lines that are broken, are reported by RowsReader.
    const rows = header === undefined ? rest : [first, ...rest],
      fit = rows.filter((fields) => fields === width || fields === width + 1);
    return width > 1 && (fit.length > rows.length / 2 || rows.length === 0);
  });
  if (good.length === 1) return good[0];
  if (good.length === 0) {
    // A file of one column, unless blanks stand between as many words in every line.
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
