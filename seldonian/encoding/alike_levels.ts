import { edits } from "../../autodiff/nearest.ts";
import { added, DataError } from "../data/data_error.ts";
import { quoted } from "../data/quoted.ts";
import { type Encoding, groupColumns } from "./encoding.ts";
import { storageOf, type Table } from "../tables/table.ts";

/** A rare level is reported if another is this many times as frequent. */
const frequent = 10;

/** Levels that are compared, the commonest. */
const compared = 200;

/** A level that may be another one, written otherwise. */
export interface Alike {
  level: string;
  /** How many rows have it. */
  times: number;
  /** What it may be: one level, or several that are as near. */
  near: readonly string[];
  /** Whether they differ by case, white space and signs alone, or by a letter. */
  by: "form" | "letter";
}

/** Levels that differ by case, white space or the form of a letter alone, and rare ones that are a letter away from a frequent one. */
export function alikeLevels(levels: readonly (readonly [level: string, times: number])[]): Alike[] {
  const known = new Map<string, string>(), common = levels.slice(0, compared);
  return common.flatMap(([level, times]): Alike[] => {
    const form = plain(level), same = known.get(form);
    if (same !== undefined) return [{ level, times, near: [same], by: "form" }];
    known.set(form, level);
    // Short codes and numbered levels are a letter apart by design.
    if (level.length < 4 || /\d/.test(level)) return [];
    const near = common.filter(([other, more]) =>
      more >= frequent * times && Math.abs(other.length - level.length) <= 1 && plain(other) !== form &&
      edits(plain(other), form) === 1
    );
    return near.length === 0 ? [] : [{ level, times, near: near.map(([other]) => other), by: "letter" }];
  });
}

/** In words. */
export function alikeText({ level, times, near, by }: Alike): string {
  const rows = `${quoted(level)}, in ${times.toLocaleString("en")} row${times === 1 ? "" : "s"}, and ${
    near.map(quoted).join(" or ")
  } differ by `;
  return `${rows}${by === "form" ? "case, white space or signs alone" : "one letter"}, and are two levels here`;
}

/** @throws {DataError} for such levels of a column that a group is made of: rows would drop out of the promise */
export function checkAlike(table: Table, encoding: Encoding): void {
  const { columns, origin: { given } } = storageOf(table);
  for (const name of groupColumns(encoding)) {
    const values = table.column(name);
    if (values instanceof Float64Array || columns.get(name)!.typed) continue;
    const [alike] = alikeLevels(levelsOf(values));
    if (alike === undefined) continue;
    throw new DataError(
      `Cannot make groups of "${name}": ${alikeText(alike)}, as in ${table.place(values.indexOf(alike.level))}`,
      [
        ...(alike.near.length > 1 ? [] : [{
          when: "if they are the same",
          option: "replace",
          value: added(given?.replace, { [name]: { [alike.level]: alike.near[0] } }),
        }]),
        { when: "if they are not", option: "text", value: added(given?.text, [name]) },
      ],
    );
  }
}

/** The different texts of a column that are not missing, the commonest first. */
export function levelsOf(values: readonly string[]): [level: string, times: number][] {
  const levels = new Map<string, number>();
  for (const value of values) levels.set(value, (levels.get(value) ?? 0) + 1);
  levels.delete("");
  return [...levels].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function plain(text: string): string {
  return text.normalize("NFKD").replace(/[\p{M}\p{P}\s_]+/gu, "").toLowerCase();
}
