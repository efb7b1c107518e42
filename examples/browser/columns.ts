import type { ColumnDescription, Table } from "../../mod.ts";
import { isDate } from "../../seldonian/tables/cells.ts";
import { isIndex, looksLikeId, looksLikeUnits } from "../../seldonian/encoding/ids.ts";
import { storageOf } from "../../seldonian/tables/table.ts";

/** The distinct values of a column, in order, without missing ones; `null` if there are more than `most`, or it is unclear. */
export function levelsOf(table: Table, name: string, most: number): (string | number)[] | null {
  if (storageOf(table).columns.get(name)?.doubt !== undefined) return null;
  const found = new Set<string | number>();
  for (const value of table.column(name)) {
    if (value !== "" && value === value) found.add(value);
    if (found.size > most) return null;
  }
  return [...found].sort((a, b) => a < b ? -1 : 1);
}

/** Words in names of columns that a model should not use unless somebody intends it. */
const sensitive =
  /^(sex|gender|male|female|men|women|race|races|racial|ethnic|ethnicity|colou?r|religion|nationality|citizenship|foreign|foreigner|disability|disabled|orientation|pregnant)$/i;

/** Whether a column's name has such a word, such as `Personal.Male.Single` or `applicantSex`. */
export function isSensitive(name: string): boolean {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2").split(/[^\p{L}]+/u).some((word) => sensitive.test(word));
}

/** The reason that the model does not see a column by default; undefined if it does. */
export function whyLeftOut(column: ColumnDescription, table: Table, maxLevels?: number): string | undefined {
  const { name, kind, missing, numbers, levels, levelCount = 0 } = column, rows = table.size;
  if (kind === "unclear") return "not clear";
  if (missing === rows) return "empty";
  if (numbers === undefined ? levelCount === 1 : numbers.low === numbers.high) return "constant";
  const values = table.column(name);
  if (isIndex(values)) return "it numbers the rows";
  if (looksLikeId(name, values)) return "an id";
  if (looksLikeUnits(name, values)) return "an id; if rows with equal ids belong together, name it in groupBy under Reading";
  if (levels?.every(([level]) => isDate(level))) return "dates or times";
  if (levelCount === rows && rows >= 20) return "a different text in every row";
  if (isSensitive(name)) return "sensitive";
  // The encoder's limit, for the smallest candidate data that the page allows.
  const most = maxLevels ?? Math.max(20, Math.min(1000, rows / 10));
  return levelCount > most ? `${levelCount.toLocaleString("en")} different texts` : undefined;
}

/** The most likely label: by name, or the last possible column. */
export function likelyLabel(names: readonly string[]): string | undefined {
  const named =
    /^(y|label|class|target|outcome|decision|approved|denied|deny|default|defaulted|paid|repaid|hired|admitted|income|two_year_recid)$/i;
  return names.find((name) => named.test(name)) ?? names[names.length - 1];
}
