import { type Condition, mirrored, type Placeholder, type Relation } from "../constraints/conditions.ts";
import { ConstraintError } from "../constraints/constraint_error.ts";
import { isBinaryNode, isOdd, isRelation, type NodeOf, withoutParentheses } from "./nodes.ts";
import { quoteColumn, type Syntax } from "./syntax.ts";

/**
 * The condition on rows of a node: `M`, `age < 25`, `race == "a" || !M`.
 * @param text the whole text, for messages
 * @throws {ConstraintError} for another node, with a condition that was perhaps meant
 */
export function readCondition(node: Syntax, text: string): Condition {
  return new Reader(text).condition(node);
}

class Reader {
  constructor(readonly text: string) {}

  condition(node: Syntax): Condition {
    const column = nameIn(node);
    if (column !== undefined) return { kind: "column", column };
    if (node.kind === "parentheses") return this.condition(node.of);
    if (node.kind === "unary" && node.operator === "!") return { kind: "not", of: this.condition(node.of) };
    if (node.kind === "binary") {
      const { operator, at, left, right } = node, relation = operator.replace(/^([=!])==$/, "$1=");
      if (operator === "&&" || operator === "||") {
        return { kind: operator === "&&" ? "and" : "or", left: this.condition(left), right: this.condition(right) };
      }
      if (Object.hasOwn(mirrored, relation)) return this.comparison(node, relation as Relation);
      if (operator === "=") return this.fail("unknown operator =", at, `[${this.compared(left, "==", right)}]`);
      if (operator === "&" || operator === "|") {
        const sides = [left, right].map((side) => this.quoted(side));
        return this.fail(
          `unknown operator ${operator}`,
          at,
          this.joined(sides, ` ${operator}${operator} `, node.start, node.end),
        );
      }
    }
    if (node.kind === "words") return this.words(node);
    if (node.kind === "call" || node.kind === "indexed") return this.fail(`${quoteColumn}[${this.quoted(node)}]`, node.start);
    return this.fail("a condition is a column, as in (PR | [M]), or a comparison, as in (PR | [age < 25])", node.start);
  }

  /** `age < 25` or `25 > age`. */
  comparison(node: NodeOf<"binary">, relation: Relation): Condition {
    const [left, right] = [node.left, node.right].map(withoutParentheses), [first, second] = [left, right].map(valueIn);
    // Of two texts or names, the first is the column.
    const column = typeof first === "number" ? undefined : nameIn(left);
    if (column !== undefined && second !== undefined) return { kind: "comparison", column, relation, value: second };
    const other = nameIn(right);
    if (other !== undefined && typeof first === "number") {
      return { kind: "comparison", column: other, relation: mirrored[relation], value: first };
    }
    if (isRelation(left)) {
      const both = [this.compared(left.left, left.operator, left.right), this.compared(left.right, relation, right)];
      return this.fail("it has two relations", node.at, this.joined(both, " && ", node.start, node.end));
    }
    const odd = [left, right].find(isOdd);
    if (odd === undefined) {
      return this.fail('a comparison is of a column and a number or a text, as in [age < 25] or [race == "a"]', node.start);
    }
    const why = isBinaryNode(odd) ? "a condition does not calculate; " : "";
    const how = odd === left || typeof first === "number" ? quoteColumn : "a text goes in quotes, as in ";
    return this.fail(`${why}${how}[${this.compared(left, relation, right)}]`, odd.start);
  }

  /** `sex is "Male"`, `age between 18 and 25`, `sex in ("a", "b")`, or a column whose name is not one word. */
  words({ items, start, end }: NodeOf<"words">): never {
    const words = items.map((item) => this.written("of" in item ? item.of : item).toLowerCase()), last = items[items.length - 1];
    const at = words.findIndex((word, i) => i > 0 && /^(is|in|not|between)$/.test(word));
    if (at > 0) {
      const phrase = words.slice(at).join(" "), negative = /^(is )?not /.test(phrase), value = items[at + (negative ? 2 : 1)];
      const column = this.quoted(items[0], items[at - 1]), compared = (to: string) => `${column} ${negative ? "!=" : "=="} ${to}`;
      const fail = (cure: string) => this.fail(`unknown operator ${words[at]}`, items[at].start, cure);
      if (/^(is )?(not )?in$/.test(phrase) && "items" in last && last.items.length > 0) {
        const each = last.items.map((item) => compared(this.quoted(item)));
        fail(this.joined(each, negative ? " && " : " || ", start, end));
      }
      if (words[at] === "is" && value !== undefined) fail(`[${compared(this.quoted(value, last))}]`);
      // These words do not include what follows `and`.
      const most = /^\s*(?:and|&&)\s*("[^"]*"|[-\w.]+)/i.exec(this.text.slice(end));
      if (words[at] === "between" && value === last && most !== null) {
        const both = [`${column} >= ${this.quoted(value)}`, `${column} <= ${most[1]}`];
        fail(this.joined(both, " && ", start, end + most[0].length));
      }
    }
    return this.fail(`${quoteColumn}[${this.quoted(items[0], last)}]`, start);
  }

  /** Conditions to replace the text from `start` to `end`; in parentheses, unless they fill the brackets. */
  joined(parts: string[], join: string, start: number, end: number): string {
    const { text } = this, all = parts.join(join), before = text.slice(0, start).trimEnd(), after = text.slice(end).trimStart();
    const alone = parts.length === 1 || ("[,".includes(before.slice(-1)) && "],".includes(after[0]));
    return alone ? `[${all}]` : `[(${all})]`;
  }

  /** A name or a value as it is, or in quotes if it is more than a word. */
  quoted(from: Syntax, to = from): string {
    const text = this.written(from, to);
    return from !== to || isOdd(from) ? JSON.stringify(text) : text;
  }

  compared(left: Syntax, operator: string, right: Syntax): string {
    return `${this.quoted(left)} ${operator} ${this.quoted(right)}`;
  }

  /** The text from one node to another. */
  written(from: Syntax, to = from): string {
    return this.text.slice(from.start, to.end);
  }

  fail(why: string, offset: number, cure?: string): never {
    throw new ConstraintError(why, this.text, offset, cure);
  }
}

/** A column's name: a word, or a text in quotes. */
function nameIn(node: Syntax): string | undefined {
  return node.kind === "name" ? node.name : node.kind === "text" ? node.value : undefined;
}

/** The value that a column is compared with. */
function valueIn(node: Syntax): number | string | Placeholder | undefined {
  if (node.kind === "name") return { name: node.name };
  if (node.kind === "text") return node.value;
  const negative = node.kind === "unary" && node.operator === "-", number = negative ? withoutParentheses(node.of) : node;
  if (number.kind !== "number" || !Number.isFinite(number.value)) return undefined;
  return negative ? -number.value : number.value;
}
