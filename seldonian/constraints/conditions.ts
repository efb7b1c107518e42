import { Tensor } from "../../autodiff/mod.ts";
import type { AllColumns, ColumnValues } from "../data/columns.ts";
import { isMissing } from "../data/missing.ts";

/** How a comparison relates a column's value to another. */
export type Relation = "<" | "<=" | ">" | ">=" | "==" | "!=";

/** A name that stands for values, as `r` in `[race == r]` with `forEvery: { r: ["a", "b"] }`. */
export interface Placeholder {
  /** As the text writes it. */
  name: string;
}

/** What makes a row count, as in `(PR | [M])` or `(PR | [18 <= age && age < 25])`. */
export type Condition =
  | { kind: "column"; column: string }
  | { kind: "comparison"; column: string; relation: Relation; value: number | string | Placeholder }
  | { kind: "not"; of: Condition }
  | { kind: "and" | "or"; left: Condition; right: Condition };

/** Comparisons of two values of one kind. */
export const compare: Record<Relation, (a: number | string, b: number | string) => boolean> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

/** The relation with its sides swapped. */
export const mirrored: Record<Relation, Relation> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=" };

/** The condition as a constraint writes it. */
export function conditionText(condition: Condition, within: "or" | "and" | "not" = "or"): string {
  const inParentheses = (text: string, needed: boolean) => needed ? `(${text})` : text;
  switch (condition.kind) {
    case "column":
      return nameText(condition.column);
    case "comparison": {
      const { column, relation, value } = condition;
      const text = typeof value === "object" ? value.name : typeof value === "string" ? JSON.stringify(value) : `${value}`;
      return inParentheses(`${nameText(column)} ${relation} ${text}`, within === "not");
    }
    case "not":
      return `!${conditionText(condition.of, "not")}`;
    case "and":
      return inParentheses(
        `${conditionText(condition.left, "and")} && ${conditionText(condition.right, "and")}`,
        within === "not",
      );
    case "or":
      return inParentheses(`${conditionText(condition.left)} || ${conditionText(condition.right)}`, within !== "or");
  }
}

/** The columns that a condition reads. */
export function columnsOf(condition: Condition): string[] {
  if (condition.kind === "not") return columnsOf(condition.of);
  if ("left" in condition) return [...columnsOf(condition.left), ...columnsOf(condition.right)];
  return [condition.column];
}

/** The comparisons in a condition. */
export function comparisonsOf(condition: Condition): Extract<Condition, { kind: "comparison" }>[] {
  if (condition.kind === "not") return comparisonsOf(condition.of);
  if ("left" in condition) return [...comparisonsOf(condition.left), ...comparisonsOf(condition.right)];
  return condition.kind === "comparison" ? [condition] : [];
}

/** The condition with a column or placeholder replaced; `null` if it does not contain the name. */
export function renamed(condition: Condition, name: string, by: string | number): Condition | null {
  switch (condition.kind) {
    case "column":
      return condition.column === name ? { ...condition, column: `${by}` } : null;
    case "comparison": {
      const { column, value } = condition, placed = typeof value === "object" && value.name === name;
      if (!placed && column !== name) return null;
      return { ...condition, ...(placed && { value: by }), ...(column === name && { column: `${by}` }) };
    }
    case "not": {
      const of = renamed(condition.of, name, by);
      return of && { ...condition, of };
    }
    default: {
      const left = renamed(condition.left, name, by), right = renamed(condition.right, name, by);
      return left === null && right === null
        ? null
        : { ...condition, left: left ?? condition.left, right: right ?? condition.right };
    }
  }
}

/** A condition that cannot be evaluated: the row, or `null` for all rows, and why. */
export class ConditionError extends RangeError {
  constructor(readonly row: number | null, readonly why: string) {
    super(row === null ? `Cannot tell which rows count: ${why}` : `Cannot tell whether row ${row} counts: ${why}`);
  }
}

/** Whether a row meets a condition; `null` if unknown, because a value is missing. */
export type Answer = boolean | null;

/**
 * Logic of two answers: an unknown stays unknown, unless the other answer settles it.
 * Source: S. C. Kleene, Introduction to Metamathematics (1952), § 64.
 */
export const both = (a: Answer, b: Answer): Answer => a === false || b === false ? false : a === null || b === null ? null : true;
export const either = (a: Answer, b: Answer): Answer => a === true || b === true ? true : a === null || b === null ? null : false;
export const opposite = (a: Answer): Answer => a === null ? null : !a;

/**
 * The values of a column that a condition names.
 * @throws {ConditionError} for a column with several numbers a row
 */
export function comparedValues(columns: AllColumns, column: string): ColumnValues {
  const values = columns.get(column)!;
  if (!(values instanceof Tensor)) return values;
  throw new ConditionError(
    null,
    `column "${column}" has ${
      values.size / values.shape[0]
    } numbers a row, and a condition compares one; give that as a column of its own`,
  );
}

/** Tests whether a row meets a condition. Where the answer is unknown, neither the condition nor its opposite is met. */
export function tester(condition: Condition, columns: AllColumns): (row: number) => Answer {
  switch (condition.kind) {
    case "column": {
      const { column } = condition, values = comparedValues(columns, column);
      if (values instanceof Uint8Array) return (row) => values[row] === 1;
      return (row) => {
        const value = values[row];
        if (value === 0 || value === 1) return value === 1;
        if (isMissing(value)) return null;
        const name = nameText(column), text = JSON.stringify(value);
        throw new ConditionError(
          row,
          `column "${column}" is ${text}, not 0 or 1; write a comparison, as in [${name} == ${text}]`,
        );
      };
    }
    case "comparison": {
      const { column, relation, value } = condition, values = comparedValues(columns, column), holds = compare[relation];
      if (typeof value === "object") {
        throw new ConditionError(
          null,
          `"${value.name}" is not a value; write a text in quotes, or define it in forEvery`,
        );
      }
      return (row) => {
        const found = values[row];
        if (isMissing(found)) return null;
        if (typeof found === typeof value) return holds(found, value);
        throw new ConditionError(
          row,
          `column "${column}" is ${JSON.stringify(found)}, which is compared with ${JSON.stringify(value)}; write ${
            typeof found === "number"
              ? `a number, as in [${nameText(column)} ${relation} ${
                Number.isFinite(Number(value)) && value !== "" ? Number(value) : found
              }]`
              : `a text, in quotes, as in [${nameText(column)} ${relation} ${JSON.stringify(found)}]`
          }`,
        );
      };
    }
    case "not": {
      const of = tester(condition.of, columns);
      return (row) => opposite(of(row));
    }
    case "and":
    case "or": {
      const left = tester(condition.left, columns), right = tester(condition.right, columns);
      const joined = condition.kind === "and" ? both : either;
      // If the left side settles a condition, the right side is not evaluated.
      const settles = condition.kind === "or";
      return (row) => {
        const first = left(row);
        return first === settles ? first : joined(first, right(row));
      };
    }
  }
}

/** The name as it is, or in quotes if it is not one word. */
export function nameText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
