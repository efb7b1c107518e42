import type { Description, Relation, Table } from "../../mod.ts";
import { conditionText } from "../../seldonian/constraints/conditions.ts";
import { isSensitive, levelsOf } from "./columns.ts";

/** The rows whose value in a column has this relation to a value. */
export interface Group {
  column: string;
  relation: Relation;
  value: string | number;
}

/** A column that can divide rows into groups: by a few values, or by a threshold on numbers. */
export interface GroupColumn {
  name: string;
  /** Its values: texts by frequency, numbers with the greater first. */
  levels?: readonly (string | number)[];
  /** The median, rounded. */
  middle?: number;
}

/** The columns that can divide rows into groups, sensitive ones first. */
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

/** The group in constraint syntax. */
export function condition(group: Group): string {
  return conditionText({ kind: "comparison", ...group });
}

/** The group's name in sentences. */
export function groupName({ column, relation, value }: Group): string {
  switch (relation) {
    case "!=":
      return "all other rows";
    case "<":
      return `rows with ${column} below ${value}`;
    case ">=":
      return `rows with ${column} of at least ${value}`;
    default:
      return `rows with ${column} ${typeof value === "string" ? `“${value}”` : `= ${value}`}`;
  }
}
