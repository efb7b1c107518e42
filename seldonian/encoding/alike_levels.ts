import { edits } from "../../autodiff/nearest.ts";
import { added, DataError } from "../data/data_error.ts";
import { quoted } from "../data/quoted.ts";
import { type Encoding, groupColumns } from "./encoding.ts";
import { storageOf, type Table } from "../tables/table.ts";

/** A rare level is reported if another is at least this many times as frequent. */
const frequent = 10;

/** The number of levels to compare, the commonest. */
const compared = 200;

/** A level that may be another spelling of one or more other levels. */
export interface Alike {
  level: string;
  /** The number of rows with it. */
  times: number;
  /** The level it may be, or several that are equally near. */
  near: readonly string[];
  /** Whether they differ only by case, white space and signs, or by one letter. */
  by: "form" | "letter";
}

/**
 * Levels that differ only by case, white space or the form of a letter, and rare ones that are one letter away from a frequent
 * one.
 */
export function alikeLevels(levels: readonly (readonly [level: string, times: number])[]): Alike[] {
  const known = new Map<string, string>(), common = levels.slice(0, compared);
  return common.flatMap(([level, times]): Alike[] => {
    const form = plain(level), same = known.get(form);
    if (same !== undefined) return [{ level, times, near: [same], by: "form" }];
    known.set(form, level);
    // Short codes and numbered levels differ by one letter on purpose.
    if (level.length < 4 || /\d/.test(level)) return [];
    const near = common.filter(([other, more]) =>
      more >= frequent * times && Math.abs(other.length - level.length) <= 1 && plain(other) !== form &&
      edits(plain(other), form) === 1
    );
    return near.length === 0 ? [] : [{ level, times, near: near.map(([other]) => other), by: "letter" }];
  });
}

/** The finding in words. */
export function alikeText({ level, times, near, by }: Alike): string {
  const rows = `${quoted(level)}, in ${times.toLocaleString("en")} row${times === 1 ? "" : "s"}, and ${
    near.map(quoted).join(" or ")
  } differ by `;
  return `${rows}${by === "form" ? "only case, white space or signs" : "one letter or two swapped"}, and are two levels here`;
}

/** @throws {DataError} for such levels in a column of groups: rows would drop out of the promise */
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

/** The distinct texts of a column, except missing ones, the commonest first. */
export function levelsOf(values: readonly string[]): [level: string, times: number][] {
  const levels = new Map<string, number>();
  for (const value of values) levels.set(value, (levels.get(value) ?? 0) + 1);
  levels.delete("");
  return [...levels].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function plain(text: string): string {
  return text.normalize("NFKD").replace(/[\p{M}\p{P}\s_]+/gu, "").toLowerCase();
}
