import { checkArgument, checkOptions, list, shown, text as aText } from "../../autodiff/options.ts";
import type { Measure } from "../constraints/measure.ts";
import * as ratios from "../measures/ratios.ts";
import { standardMeasures } from "../tasks/mod.ts";
import { nearestTo } from "../../autodiff/nearest.ts";
import type { Condition } from "../constraints/conditions.ts";
import { ConstraintError } from "../constraints/constraint_error.ts";
import { Compound, Constant, Constraint, type Expression, Leaf, withLeaves } from "../constraints/expression.ts";
import { operations, type Operator } from "../constraints/operations.ts";
import {
  functions,
  infix,
  isBinaryNode,
  isConditional,
  isNamed,
  isRelation,
  type NodeOf,
  relation,
  withoutParentheses,
} from "./nodes.ts";
import { readCondition } from "./read_condition.ts";
import { type Syntax, syntax } from "./syntax.ts";

/**
 * Reads a constraint, such as `ACC >= 0.95` or `abs((PR | [M]) - (PR | [F])) <= 0.15`; without a relation, `g` means `g <= 0`.
 * The syntax is JavaScript's: `+ - * / **`, functions `abs exp log min max`, numbers, the constant `e`, measures, `PR_[k]` for
 * class k, `CM_[i, j]` for a pair, and `(PR | [A, B])` for the rows where the columns A and B are both 1. Conditions may compare
 * columns, as `[age < 25]` or `[race == "a" || !M]`; `(PR | other[A])` is over the rows of another data set. In conditions `and`,
 * `or` and `not` are `&&`, `||` and `!`, and a column's name may have hyphens and dots; a name that is not one word goes in
 * quotes. A condition that is a function's whole argument needs no parentheses: `abs(Mean_Error | [A])`.
 * @param options `measures`: those that the text may name; default: all of the kit's
 * @throws {ConstraintError} if it cannot be read, with the text and a caret under the place
 */
export function constraint(text: string, options: { measures?: readonly Measure[] } = {}): Constraint {
  checkArgument("read a constraint", "the text", text, aText);
  const { measures = standardMeasures } = checkOptions("read a constraint", options, { measures: list });
  const odd = measures.findIndex((measure) => typeof measure?.name !== "string");
  if (odd >= 0) {
    throw new TypeError(
      `Cannot read a constraint: measures[${odd}] is ${shown(measures[odd])}; wanted a Measure, with a name`,
    );
  }
  return new Reader(text, new Map(measures.map((measure) => [measure.name, measure]))).read();
}

/**
 * A condition on rows, as constraints have it in brackets, for constraints built in code: `PR.given(where("age < 25"))`.
 * @throws {ConstraintError} if it cannot be read
 */
export function where(text: string): Condition {
  checkArgument("read a condition", "the text", text, aText);
  const [leaf] = constraint(`(PR | [${text}]) <= 0`).leaves;
  if (leaf.conditions.length === 1) return leaf.conditions[0];
  throw new ConstraintError("it is several conditions; join them by &&", text, 0);
}

class Reader {
  constructor(readonly text: string, readonly measures: ReadonlyMap<string, Measure>) {}

  read(): Constraint {
    const { text } = this;
    if (text.trim() === "") throw new ConstraintError("it is empty; wanted something like ACC >= 0.95", text, 0);
    const tree = syntax(text), inner = withoutParentheses(tree);
    if (!isRelation(inner)) return this.constraint(this.expression(tree));
    const { operator, at, left, right } = inner;
    for (const side of [left, right].map(withoutParentheses)) {
      if (isRelation(side)) this.fail("it has two relations; make it two constraints", side === left ? at : side.at);
    }
    if (operator === "<=" || operator === ">=") return this.constraint(this.expression(left), operator, this.expression(right));
    const cure = operator === "<" || operator === ">" ? `${this.textOf(left)} ${operator}= ${this.textOf(right)}` : undefined;
    return this.fail(`unknown relation ${operator}; wanted <= or >=`, at, cure);
  }

  constraint(left: Expression, relation?: "<=" | ">=", right?: Expression): Constraint {
    try {
      return new Constraint(left, relation, right);
    } catch (error) {
      if (error instanceof ConstraintError) throw new ConstraintError(error.why, this.text, 0);
      throw error;
    }
  }

  expression(node: Syntax): Expression {
    switch (node.kind) {
      case "parentheses":
        return isBinaryNode(node.of) && node.of.operator === "|" ? this.conditioned(node.of) : this.expression(node.of);
      case "number":
        if (node.value === 0 && /[1-9]/.test(this.textOf(node).replace(/e.*/i, ""))) {
          return this.fail(`${this.textOf(node)} is so small that it would be 0`, node.start);
        }
        if (Number.isFinite(node.value)) return new Constant(node.value, this.textOf(node));
        return this.fail(`${this.textOf(node)} is not a finite number`, node.start);
      case "text":
        return this.fail(`unexpected ${this.textOf(node)}; wanted a number`, node.start);
      case "name":
        return node.name === "e" ? new Constant(Math.E, "e") : this.measure(node.name, [], node.start);
      case "indexed":
        return this.indexed(node);
      case "unary":
        return this.unary(node);
      case "call":
        return this.call(node);
      case "binary":
        return this.binary(node);
      case "list":
      case "words":
        return this.fail(`unexpected ${JSON.stringify(this.textOf(node))}`, node.start);
    }
  }

  unary(node: NodeOf<"unary">): Expression {
    if (node.operator === "-") {
      const operand = this.expression(node.of);
      return operand.kind === "constant" ? new Constant(-operand.value, `-${operand.name}`) : operand.negated();
    }
    if (node.operator === "+") return this.expression(node.of);
    return this.fail(`unknown operator ${node.operator}; wanted one of ${infix.join(" ")}`, node.start);
  }

  binary(node: NodeOf<"binary">): Expression {
    const { operator, at } = node;
    if (operator === "|") {
      return this.fail(
        "a condition needs parentheses around it, as in (PR | [M]) <= 0.5, because | binds less than all else",
        at,
      );
    }
    if (relation.test(operator)) return this.fail("a relation inside of a formula", at);
    if (operator === "&&") return this.fail('a constraint has no "and"; make it two constraints', at);
    if (operator === "||") return this.fail('a constraint has no "or"; f <= 0 or g <= 0 is min(f, g) <= 0', at);
    if (!infix.includes(operator)) return this.fail(`unknown operator ${operator}; wanted one of ${infix.join(" ")}`, at);
    return new Compound(operator as Operator, [this.expression(node.left), this.expression(node.right)]);
  }

  call({ of, items, start }: NodeOf<"call">): Expression {
    const name = this.textOf(of);
    if (!functions.includes(name)) {
      const nearest = nearestTo(name, functions);
      return this.fail(`unknown function "${name}"; ${nearest ?? `wanted one of ${functions.join(" ")}`}`, start);
    }
    const [least, most] = operations[name as Operator].operands;
    if (items.length < least || items.length > most) {
      const wanted = least === most ? `${least} argument` : `${least} arguments or more`;
      return this.fail(`${name} takes ${wanted}, found ${items.length}`, start);
    }
    // In `abs(PR | [M])`: an argument that is only a condition is read as one, whatever the precedence of |.
    return new Compound(
      name as Operator,
      items.map((item) => isConditional(item) ? this.conditioned(item) : this.expression(item)),
    );
  }

  /** `(MEASURE | [A, B])`, `(MEASURE | other)` or `(MEASURE | other[A, B])`. */
  conditioned({ left, right }: NodeOf<"binary">): Expression {
    const measured = this.expression(left);
    // A ratio of measures has a name too.
    if (!isNamed(left) || measured.kind === "constant") {
      return this.fail("only a measure can have a condition, as in (PR | [M])", left.start);
    }
    const { data, items } = this.rows(right), conditions = items.map((item) => readCondition(item, this.text));
    return withLeaves(measured, (leaf) => (data === undefined ? leaf : leaf.on(data)).given(...conditions));
  }

  /** The other data set, if any, and the conditions on its rows. */
  rows(node: Syntax): { data?: string; items: readonly Syntax[] } {
    if (node.kind === "name") return { data: node.name, items: [] };
    if (node.kind === "indexed" && node.of.kind === "name" && node.items.length > 0) {
      return { data: node.of.name, items: node.items };
    }
    if (node.kind === "list" && node.items.length > 0) return { items: node.items };
    return this.fail("a condition is a list in brackets, as in (PR | [M, A]) or (PR | [age < 25])", node.start);
  }

  /** `PR_[1]` or `CM_[0, 1]`. */
  indexed({ of, items, start }: NodeOf<"indexed">): Expression {
    if (of.kind !== "name" || !of.name.endsWith("_")) {
      return this.fail("brackets belong after a measure and an underscore, as in PR_[1]", of.end);
    }
    const name = of.name.slice(0, -1), levels = levelsOf(this.measures.get(name));
    const index = items.map((item, i) => {
      const level = i < levels;
      if (item.kind === "number" && (level ? isLevel(item.value) : Number.isInteger(item.value))) return item.value;
      return this.fail(level ? levelWanted(name) : "a class is a whole number from 0, as in PR_[1]", item.start);
    });
    return this.measure(name, index, start);
  }

  measure(name: string, index: number[], offset: number): Expression {
    const measure = this.measures.get(name), ratio = measure === undefined ? ratioNamed(name) : undefined;
    if (ratio !== undefined) {
      if (index.length > 1) return this.fail(`${name} takes one class, found ${index.length}`, offset);
      return withLeaves(ratio, ({ measure }) => new Leaf(measure, { index, place: { text: this.text, offset } }));
    }
    if (measure === undefined) {
      if (functions.includes(name)) return this.fail(`${name} is a function, as in ${name}(…)`, offset);
      const known = [...this.measures.keys(), ...Object.keys(ratios)], nearest = nearestTo(name, known);
      return this.fail(
        `unknown measure "${name}"; ${nearest ?? `wanted one of ${known.join(" ")}`}`,
        offset,
      );
    }
    const levels = levelsOf(measure), isShort = measure.functional !== undefined && index.length >= levels;
    if (index.length > measure.indices || (index.length > 0 && index.length < measure.indices && !isShort)) {
      return this.fail(`${name} takes ${classes(measure.indices)}, found ${index.length}`, offset);
    }
    if (index.length < levels) return this.fail(levelWanted(name), offset);
    if (index.length === 0 && measure.indices === 2) return this.fail(`${name} needs two classes, as in ${name}_[0, 1]`, offset);
    return new Leaf(measure, { index, place: { text: this.text, offset } });
  }

  textOf({ start, end }: Syntax): string {
    return this.text.slice(start, end);
  }

  fail(why: string, offset: number, cure?: string): never {
    throw new ConstraintError(why, this.text, offset, cure);
  }
}

function ratioNamed(name: string): Expression | undefined {
  return Object.hasOwn(ratios, name) ? ratios[name as keyof typeof ratios] : undefined;
}

/** The number of levels of a measure. */
function levelsOf(measure: Measure | undefined): number {
  return measure?.functional === undefined ? 0 : measure.functional.levels ?? 1;
}

function isLevel(value: unknown): boolean {
  return typeof value === "number" && value > 0 && value < 1;
}

function levelWanted(name: string): string {
  return `${name} needs a level between 0 and 1, as in ${name}_[0.1]`;
}

function classes(count: number): string {
  return count === 0 ? "no class" : count === 1 ? "one class" : "two classes";
}
