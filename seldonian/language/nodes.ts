import { operations } from "../constraints/operations.ts";
import type { Syntax } from "./syntax.ts";

/** A node of one kind. */
export type NodeOf<K extends Syntax["kind"]> = Extract<Syntax, { kind: K }>;

/** The names of functions, as in `abs(x)`. */
export const functions: readonly string[] = namesOf("function");
/** The signs between two sides, as in `x + y`. */
export const infix: readonly string[] = namesOf("infix");

function namesOf(notation: "function" | "infix"): string[] {
  return Object.entries(operations).filter(([, operation]) => operation.notation === notation).map(([name]) => name);
}

/** Relations, including those that constraints do not have. */
export const relation = /^([<>]=?|=>?|[=!]==?)$/;

export function withoutParentheses(node: Syntax): Syntax {
  return node.kind === "parentheses" ? withoutParentheses(node.of) : node;
}

export function isBinaryNode(node: Syntax): node is NodeOf<"binary"> {
  return node.kind === "binary";
}

/** `MEASURE | [A, B]` and the like, with no other operator that could claim the |. */
export function isConditional(node: Syntax): node is NodeOf<"binary"> {
  return isBinaryNode(node) && node.operator === "|" && isNamed(node.left) && (isNamed(node.right) || node.right.kind === "list");
}

/** `PR` or `PR_[1]`. */
export function isNamed({ kind }: Syntax): boolean {
  return kind === "name" || kind === "indexed";
}

/** An expression that was perhaps meant as a name: `sex (M/F)`, `home town`, `a/b`. */
export function isOdd(node: Syntax): boolean {
  return isBinaryNode(node)
    ? infix.includes(node.operator) || node.operator === "%"
    : ["words", "call", "indexed"].includes(node.kind);
}

export function isRelation(node: Syntax): node is NodeOf<"binary"> {
  return isBinaryNode(node) && relation.test(node.operator);
}
