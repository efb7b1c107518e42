import type { Description, Relation, Table } from "../../mod.ts";
import { conditionText } from "../../seldonian/constraints/conditions.ts";
import { isSensitive, levelsOf } from "./columns.ts";

/** The rows of which a column compares like this with a value. */
export interface Group {
  column: string;
  relation: Relation;
  value: string | number;
}

/** A column that rows can be told apart by: of a few values, or of numbers below and from a threshold on. */
export interface GroupColumn {
  name: string;
  /** The commonest first, of numbers the greater. */
  levels?: readonly (string | number)[];
  /** The median, near enough to be read. */
  middle?: number;
}

/** What rows can be told apart by, sensitive columns first. */
export function groupColumns(table: Table, { columns }: Description, label: string): GroupColumn[] {
  const found = columns.flatMap(({ name, numbers, levels: texts = [], levelCount = 0 }): GroupColumn[] => {
    if (name === label) return [];
    if (numbers === undefined) return levelCount < 2 || levelCount > 10 ? [] : [{ name, levels: texts.map(([level]) => level) }];
    const levels = levelsOf(table, name, 2);
    return levels === null
      ? [{ name, middle: Number(numbers.quartiles[1].toPrecision(3)) }]
      : levels.length < 2
      ? []
      : [{ name, levels: levels.reverse() }];
  });
  return found.sort((a, b) => Number(isSensitive(b.name)) - Number(isSensitive(a.name)));
}

/** The group as constraints write it. */
export function condition(group: Group): string {
  return conditionText({ kind: "comparison", ...group });
}

/** The group as sentences name it. */
export function groupName({ column, relation, value }: Group): string {
  switch (relation) {
    case "!=":
      return "all other rows";
    case "<":
      return `rows with ${column} below ${value}`;
    case ">=":
      return `rows with ${column} from ${value} on`;
    default:
      return `rows with ${column} ${typeof value === "string" ? `“${value}”` : `= ${value}`}`;
  }
}
