import { shown } from "../../autodiff/options.ts";
import { nearestTo } from "../../autodiff/nearest.ts";
import { columnsOf, comparedValues, type Condition, ConditionError, conditionText, tester } from "../constraints/conditions.ts";
import { Leaf } from "../constraints/expression.ts";
import type { Measure } from "../constraints/measure.ts";
import { kinshipOf, type Known } from "../constraints/membership.ts";
import type { AllColumns } from "../data/columns.ts";
import { chunkSize, DataSet, type Source } from "../data/data_set.ts";
import { where } from "../language/parse.ts";
import { isProportion, type Proportion, type Shift } from "./shift.ts";

/** A group of rows, and its part of the populations. */
export interface ShiftedGroup {
  /** As `shift` names it. */
  name: string;
  /** Its place in `shift`, for messages. */
  place: string;
  condition: Condition;
  low: number;
  high: number;
}

/** Rounding of proportions that sum to 1. */
const rounding = 1e-9;

/** What a shift states, before any data is seen: the parts of a column's values, or of conditions. */
export interface StatedShift {
  /** The column; left out: the names of parts are conditions. */
  column?: string;
  parts: readonly Omit<ShiftedGroup, "condition">[];
}

/**
 * What a shift states.
 * @throws {TypeError} for proportions of another type
 * @throws {RangeError} for proportions that no population has
 */
export function statedShift(shift: Shift): StatedShift {
  const entries = Object.entries(shift), [[column, first]] = entries.length > 0 ? entries : [["", 0]];
  const byColumn = !isProportion(first);
  if (entries.length === 0 || (byColumn && entries.length > 1)) {
    throw new RangeError(
      `Cannot shift ${
        entries.length === 0 ? "nothing" : `${entries.length} columns at once`
      }: wanted the proportions of the values of one column, as in { race: { a: 0.4, b: 0.6 } }, or of conditions, as in ` +
        `{ "race == 'a' && age < 25": 0.1, … }, which no two share a row`,
    );
  }
  const stated = byColumn ? Object.entries(first as Record<string, Proportion>) : entries as [string, Proportion][];
  const parts = stated.map(([name, proportion]) => {
    const place = byColumn ? `shift.${column}.${name}` : `shift[${JSON.stringify(name)}]`;
    return { name, place, ...limitsOf(proportion, place) };
  });
  checkSums(parts, byColumn ? `shift.${column}` : "shift");
  return { parts, ...(byColumn && { column }) };
}

/** The columns that tell a row's group. */
export function columnsOfShift({ column, parts }: StatedShift): string[] {
  return column === undefined ? parts.flatMap(({ name }) => columnsOf(where(name))) : [column];
}

/** The groups, whose values are compared as the columns have them: as texts or as numbers. */
export function groupsAmong({ column, parts }: StatedShift, columns: AllColumns): ShiftedGroup[] {
  return parts.map((part) => ({
    ...part,
    condition: column === undefined
      ? where(part.name)
      : { kind: "comparison", column, relation: "==", value: valueOf(part, columns, column) },
  }));
}

/** The groups that may have rows of a measure. */
export function groupsWith(leaf: Leaf, groups: readonly Pick<ShiftedGroup, "condition">[], known: Known): number[] {
  return groups.flatMap(({ condition }, d) =>
    kinshipOf(leaf, new Leaf(everybody, { conditions: [condition] }), known) === "exclusive" ? [] : [d]
  );
}

/** All rows, which a group is compared with. */
const everybody: Measure = { name: "all", task: "custom", indices: 0, range: [0, 1], values: ({ labels }) => labels };

/**
 * The groups of a shift.
 * @param source the data
 * @param empty whether a group may have no rows
 * @throws {TypeError} for proportions of another type
 * @throws {RangeError} for proportions that no population has, an unknown column or value, groups without rows, and a row that is
 * in no group or in two
 */
export async function shiftedGroups(shift: Shift, source: Source, empty: boolean): Promise<ShiftedGroup[]> {
  const stated = statedShift(shift);
  const told = (name: string) => {
    if (source.columnNames.includes(name)) return;
    const known = source.columnNames.length === 0 ? "the data has no columns" : `the data has ${source.columnNames.join(", ")}`;
    throw new RangeError(
      `Cannot shift by "${name}": there is no such column; ${nearestTo(name, source.columnNames) ?? known}` +
        (stated.column === undefined ? "; an Encoder takes it in `columns`" : ""),
    );
  };
  columnsOfShift(stated).forEach(told);
  const groups = groupsAmong(stated, await someColumns(source));
  await checkPartition(groups, source, empty);
  return groups;
}

function limitsOf(proportion: unknown, place: string): { low: number; high: number } {
  const [low, high] = Array.isArray(proportion) && proportion.length === 2 ? proportion : [proportion, proportion];
  if (typeof low !== "number" || typeof high !== "number") {
    throw new TypeError(`Cannot use ${place}, ${shown(proportion)}: wanted a proportion, such as 0.3, or [low, high]`);
  }
  if (low >= 0 && low <= high && high <= 1) return { low, high };
  throw new RangeError(
    `Cannot use ${place}, ${
      Array.isArray(proportion) ? `[${proportion}]` : low
    }: wanted a proportion from 0 to 1, or [low, high] of two, low first`,
  );
}

function checkSums(parts: readonly { low: number; high: number }[], where: string): void {
  if (parts.length < 2) throw new RangeError(`Cannot use ${where}: wanted the proportions of two groups or more`);
  const low = parts.reduce((sum, part) => sum + part.low, 0), high = parts.reduce((sum, part) => sum + part.high, 0);
  if (low <= 1 + rounding && high >= 1 - rounding) return;
  const [side, sum] = low > 1 ? ["lower ends", low] : ["upper ends", high];
  throw new RangeError(
    `Cannot use ${where}: its ${side} sum to ${
      Number(sum.toPrecision(12))
    }, so no population has such proportions, which sum to 1`,
  );
}

/** The value that a name stands for: a number, where the column has numbers. */
function valueOf({ name, place }: { name: string; place: string }, columns: AllColumns, column: string): string | number {
  const values = comparedValues(columns, column);
  // A column of missing values only is of either kind.
  if (Array.isArray(values) || (values as Float64Array).every(Number.isNaN)) return name;
  const value = Number(name);
  if (name.trim() !== "" && Number.isFinite(value)) return value;
  throw new RangeError(`Cannot use ${place}: column "${column}" has numbers; wanted one, or conditions as groups`);
}

async function someColumns(source: Source): Promise<AllColumns> {
  if (source instanceof DataSet) return source.allColumns;
  for await (const { columns } of source.chunks(1)) return columns;
  return new Map();
}

/** Checks that each row is in one group, and each group has rows. */
async function checkPartition(groups: readonly ShiftedGroup[], source: Source, mayBeEmpty: boolean): Promise<void> {
  const counts = new Float64Array(groups.length);
  let before = 0;
  const look = (columns: AllColumns, rows: number, placeOf: (row: number) => string) => {
    for (const group of groupOfRows(groups, columns, rows, placeOf)) counts[group]++;
  };
  if (source instanceof DataSet) look(source.allColumns, source.size, (row) => source.place(row));
  else {
    for await (const { columns, labels } of source.chunks(chunkSize)) {
      const start = before;
      look(columns, labels.size, (row) => `row ${start + row}`);
      before += labels.size;
    }
  }
  const empty = mayBeEmpty ? -1 : groups.findIndex(({ high }, i) => counts[i] === 0 && high > 0);
  if (empty < 0) return;
  const { place, condition } = groups[empty];
  throw new RangeError(
    `Cannot use ${place}: no row of the data is in it (${conditionText(condition)}), so that nothing is known of it; ` +
      `check how it is spelled, or leave it out`,
  );
}

/**
 * The number of each row's group.
 * @throws {RangeError} for a row in no group, or in two
 */
export function groupOfRows(
  groups: readonly ShiftedGroup[],
  columns: AllColumns,
  rows: number,
  placeOf: (row: number) => string,
): Int32Array {
  const found = new Int32Array(rows).fill(-1);
  let row = 0;
  try {
    const tests = groups.map(({ condition }) => tester(condition, columns));
    for (; row < rows; row++) {
      for (const [i, test] of tests.entries()) {
        if (test(row) !== true) continue;
        if (found[row] >= 0) {
          throw new RangeError(
            `Cannot shift: ${placeOf(row)} is in two groups, ${groups[found[row]].name} and ${groups[i].name}; ` +
              "wanted each row in one group",
          );
        }
        found[row] = i;
      }
      if (found[row] >= 0) continue;
      const asked = [...new Set(groups.flatMap(({ condition }) => columnsOf(condition)))];
      const values = asked.map((name) => comparedValues(columns, name)[row]);
      const nearest = nearestTo(`${values[0]}`, groups.map(({ name }) => name));
      throw new RangeError(
        `Cannot shift: ${placeOf(row)} is in none of the groups, because ${
          asked.map((name, i) => `${name} is ${JSON.stringify(values[i])}`).join(" and ")
        }; ${nearest === undefined ? "" : `${nearest}, `}` +
          "add its group to shift, at [0, 1] if nothing is known of it, or leave out such rows",
      );
    }
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    throw new RangeError(`Cannot tell the group of ${error.row === null ? "rows" : placeOf(error.row)} in shift: ${error.why}`);
  }
  return found;
}
