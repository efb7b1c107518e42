import { kindOf } from "../data/columns.ts";
import { DataError } from "../data/data_error.ts";
import { type Encoding, groupOptions, type GroupRule } from "./encoding.ts";
import { checkOptions } from "../../autodiff/options.ts";
import { isMissing } from "../data/missing.ts";
import { nearestTo } from "../../autodiff/nearest.ts";
import type { Cell } from "../tables/table_values.ts";
import type { Table } from "../tables/table.ts";

/** Whether each row is a member of a group: 1, 0, or NaN if unknown. */
export function membersOf(table: Table, name: string, rule: GroupRule): Float64Array {
  if (typeof rule === "function") return ofFunction(table, name, rule);
  if (typeof rule === "string") return flags(table, name, rule);
  checkOptions(`make the group "${name}"`, rule, groupOptions);
  return ofValues(table, name, rule);
}

/**
 * @throws {TypeError} for an answer of another type
 * @throws {RangeError} for an unknown column
 */
function ofFunction(table: Table, name: string, rule: Extract<GroupRule, (...of: never[]) => unknown>): Float64Array {
  const members = new Float64Array(table.size), reading = new Reading(table), row = reading.row;
  for (let i = 0; i < table.size; i++) {
    reading.moveTo(i);
    const answer = rule(row);
    if (typeof answer !== "boolean" && answer !== null && answer !== undefined) {
      throw new TypeError(
        `Cannot make the group "${name}": its function returns ${JSON.stringify(answer)} for ${
          table.place(i)
        }; wanted true, false, or null for ` +
          "a row of unknown membership",
      );
    }
    // A function that reads a missing value cannot know the answer.
    members[i] = reading.isMissing ? NaN : Number(answer ?? NaN);
  }
  return members;
}

/** Each row in turn, as one object that reads the columns at the current row. */
class Reading {
  #at = 0;
  /** Whether a value read from this row is missing. */
  isMissing = false;
  readonly row: Readonly<Record<string, Cell>>;

  constructor(table: Table) {
    const columns = new Map<string, Float64Array | readonly string[]>();
    const read = (name: string) => {
      let values = columns.get(name);
      if (values === undefined) columns.set(name, values = table.column(name));
      const value = values[this.#at];
      if (isMissing(value)) this.isMissing = true;
      return value;
    };
    this.row = new Proxy({}, {
      // JSON.stringify() and await read these properties of any object.
      get: (_, name) =>
        typeof name !== "string" || ((name === "toJSON" || name === "then") && !table.names.includes(name))
          ? undefined
          : read(name),
      has: (_, name) => table.names.includes(`${String(name)}`),
      ownKeys: () => table.names,
      getOwnPropertyDescriptor: (_, name) => ({ enumerable: true, configurable: true, value: read(`${String(name)}`) }),
    });
  }

  moveTo(row: number): void {
    this.#at = row;
    this.isMissing = false;
  }
}

/** @throws {DataError} unless it is a column of 0 and 1 */
function flags(table: Table, name: string, column: string): Float64Array {
  const values = table.column(column), numbers = values instanceof Float64Array;
  if (!numbers && values.every((text) => /^(true|false|)$/i.test(text))) {
    return Float64Array.from(values, (text) => text === "" ? NaN : Number(/true/i.test(text)));
  }
  const bad = (values as ArrayLike<unknown>[] | Float64Array).findIndex((value) =>
    !(value as unknown === 0 || value as unknown === 1 || value as unknown === "" || Number.isNaN(value))
  );
  if (bad < 0) return numbers ? values : new Float64Array(values.length).fill(NaN);
  const levels = [...new Set<Cell>(values)].filter((value) => !isMissing(value));
  const member = levels.find((level) => /^(yes|y|true|t|1)$/i.test(`${level}`)) ?? levels[0];
  throw new DataError(
    `Cannot make the group "${name}" of "${column}", which is ${JSON.stringify(values[bad])} in ${
      table.place(bad)
    }: wanted 0 or 1`,
    [{ when: "to say which values make a member", option: "groups", value: { [name]: { column, is: member } } }],
  );
}

/** @throws {DataError} for a value that the column does not have, or of another kind: no row could be a member */
function ofValues(table: Table, name: string, { column, is }: { column: string; is: Cell | readonly Cell[] }): Float64Array {
  const values = table.column(column), wanted = new Set(listOf(is)), kind = kindOf(values);
  if (wanted.has("")) {
    throw new RangeError(
      `Cannot make the group "${name}" of rows without a "${column}": a row with a missing value is in no group`,
    );
  }
  const other = [...wanted].find((value) => (typeof value === "number") !== (kind === "numbers"));
  if (other !== undefined || wanted.size === 0) {
    throw new DataError(
      `Cannot make the group "${name}" of the rows whose "${column}" is ${
        JSON.stringify(other) ?? "none"
      }: the column is of ${kind}`,
      [{
        when: `of ${kind} a group is one`,
        option: "groups",
        value: {
          [name]: {
            column,
            is: kind === "numbers" && other !== "" && Number.isFinite(Number(other))
              ? Number(other)
              : kind === "numbers"
              ? 1
              : `${other ?? "…"}`,
          },
        },
      }],
    );
  }
  return Float64Array.from(
    values as ArrayLike<unknown> as ArrayLike<Cell>,
    (value) => isMissing(value) ? NaN : wanted.has(value) ? 1 : 0,
  );
}

/** @throws {RangeError} for a group with a value that no row of the table has */
export function checkGroups(table: Table, { groups = {} }: Encoding): void {
  for (const [name, rule] of Object.entries(groups)) {
    if (typeof rule !== "object") continue;
    const levels = [...new Set<Cell>(table.column(rule.column))],
      absent = listOf(rule.is).find((value) => !levels.includes(value));
    if (absent === undefined) continue;
    const some = levels.slice(0, 8).map((level) => JSON.stringify(level)).join(", ");
    throw new RangeError(
      `Cannot make the group "${name}": no row has ${JSON.stringify(absent)} in "${rule.column}"; ${
        (typeof absent === "string" ? nearestTo(absent, levels.map(String)) : undefined) ??
          `it has ${some}${levels.length > 8 ? " and others" : ""}`
      }`,
    );
  }
}

/** Groups of one column that share no value: all of a column's together if no two share one; otherwise pair by pair. */
export function exclusiveAmong(groups: NonNullable<Encoding["groups"]>): string[][] {
  const found: string[][] = [], byColumn = new Map<string, [name: string, values: ReadonlySet<Cell>][]>();
  for (const [name, of] of Object.entries(groups)) {
    if (typeof of !== "object") continue;
    byColumn.set(of.column, [...byColumn.get(of.column) ?? [], [name, new Set(listOf(of.is))]]);
  }
  for (const members of byColumn.values()) {
    const pairs = members.flatMap(([name, values], i) =>
      members.slice(i + 1).filter(([, others]) => ![...values].some((value) => others.has(value))).map(([other]) => [name, other])
    );
    if (members.length > 2 && pairs.length === members.length * (members.length - 1) / 2) {
      found.push(members.map(([name]) => name));
    } else found.push(...pairs);
  }
  return found;
}

function listOf(is: Cell | readonly Cell[]): readonly Cell[] {
  return typeof is === "object" ? is : [is];
}
