import type { StoredColumn } from "./column_reader.ts";
import { added, DataError } from "../data/data_error.ts";
import { quoted } from "../data/quoted.ts";
import type { CsvOptions } from "./csv_options.ts";

/** @throws {DataError} for a head line that contains values */
export function checkNamed(names: readonly string[], line: number, { file, skipLines }: CsvOptions): void {
  const place = `line ${line}${file === undefined ? "" : ` of ${file}`}`,
    empty = names.filter((name) => name.trim() === "").length;
  if (empty > names.length / 2 && names.length > 2) {
    throw new DataError(`Cannot take ${place} for the names of the columns: ${empty} of its ${names.length} fields are empty`, [
      { when: "if that is not a head line", option: "skipLines", value: added(skipLines, [line]) },
    ]);
  }
  const value = names.find((name) => /^\s*[+-]?\d*\.\d+\s*$|^\s*-\d+\s*$/.test(name)) ??
    (names.every((name) => /^\s*\d+\s*$/.test(name)) ? names[0] : undefined);
  if (value !== undefined) throw notNames(`it has ${JSON.stringify(value.trim())}, which is a value`, names, line, file);
}

/** @throws {DataError} for a head line with a text that is a value of its column: then it is a row */
export function checkNoRow(
  names: readonly string[],
  columns: readonly StoredColumn[],
  line: number,
  file: string | undefined,
): void {
  if (!names.some((name) => /^[+-]?\d+$/.test(name))) return;
  const j = columns.findIndex(({ values, typed }, j) => !typed && !(values instanceof Float64Array) && values.includes(names[j]));
  if (j >= 0) throw notNames(`it has ${quoted(names[j])}, which is a value of that column as well`, names, line, file);
}

function notNames(why: string, names: readonly string[], line: number, file: string | undefined): DataError {
  return new DataError(
    `Cannot take line ${line}${file === undefined ? "" : ` of ${file}`} for the names of the columns: ${why}`,
    [
      { when: "if there is no head line", option: "header", value: names.map((_, i) => `name ${i + 1}`) },
    ],
  );
}
