/** Formulas of measures, as trees and as texts for the kit. */

/** A condition, as a text and as a function of a row. */
export interface Condition {
  text: string;
  holds(columns: Readonly<Record<string, number | string>>): boolean;
}

export interface Leaf {
  measure: string;
  index: readonly number[];
  condition: Condition | null;
  /** The name of another data set; `null`: the main one. */
  data: string | null;
}

/** A custom measure. */
export interface Custom {
  name: string;
  task: "classification" | "regression";
  range: readonly [number, number];
  /** The value for each type of row, by the column "kind"; `null`: the distance of output and label, within the range. */
  byKind: readonly number[] | null;
  /** The class whose rows count; `null`: all. */
  ofClass: number | null;
}

export type Node =
  | { kind: "number"; value: number }
  | { kind: "leaf"; leaf: Leaf }
  | { kind: "operation"; operator: Operator; of: readonly Node[] };

export type Operator = "+" | "-" | "*" | "/" | "**" | "abs" | "exp" | "log" | "min" | "max";

const functions: readonly Operator[] = ["abs", "exp", "log", "min", "max"];

/** The text of a formula in constraints. */
export function textOf(node: Node): string {
  if (node.kind === "number") return numberText(node.value);
  if (node.kind === "leaf") return leafText(node.leaf);
  const { operator, of } = node;
  if (functions.includes(operator)) return `${operator}(${of.map(textOf).join(", ")})`;
  return of.map((operand) =>
    operand.kind === "operation" && !functions.includes(operand.operator) ? `(${textOf(operand)})` : textOf(operand)
  )
    .join(` ${operator} `);
}

/** A number without an exponent. */
export function numberText(x: number): string {
  const text = x.toFixed(9);
  return x < 0 ? `(${text})` : text;
}

export function leafText({ measure, index, condition, data }: Leaf): string {
  const name = index.length === 0 ? measure : `${measure}_[${index.join(", ")}]`;
  if (condition === null) return data === null ? name : `(${name} | ${data})`;
  return `(${name} | ${data ?? ""}[${condition.text}])`;
}

export function leavesIn(node: Node): Leaf[] {
  return node.kind === "leaf" ? [node.leaf] : node.kind === "operation" ? node.of.flatMap(leavesIn) : [];
}
