import { parseExpressionAt, type SyntaxNode } from "../../deps.ts";
import type { Measure } from "../measures/measure.ts";
import { type Ratio, ratios } from "../measures/ratios.ts";
import { standardMeasures } from "../measures/standard.ts";
import { type Condition, mirrored, type Placeholder, type Relation } from "./conditions.ts";
import { ConstraintError } from "./constraint_error.ts";
import { Compound, Constant, Constraint, type Expression, Leaf, withLeaves } from "./expression.ts";
import { operations, type Operator } from "./operations.ts";

/**
 * Reads a constraint, such as `ACC >= 0.95` or `abs((PR | [M]) - (PR | [F])) <= 0.15`; without a relation, `g` means `g <= 0`.
 * Its syntax is JavaScript's: `+ - * / **`, functions `abs exp log min max`, numbers, the constant `e`, measures, `PR_[k]` for
 * class k, `CM_[i, j]` for a pair, and `(PR | [A, B])` for the rows where the columns A and B are both 1. Conditions may compare
 * columns, as `[age < 25]` or `[race == "a" || !M]`; `(PR | other[A])` is of the rows of another data set.
 * @param measures those that the text may name; default: all of the kit's
 * @throws {ConstraintError} where it cannot be read, with the text and a caret under the place
 */
export function constraint(text: string, { measures = standardMeasures }: { measures?: readonly Measure[] } = {}): Constraint {
  return new Reader(text, new Map(measures.map((measure) => [measure.name, measure]))).read();
}

/**
 * A condition on rows, as constraints have it in brackets, to build them in code: `PR.given(where("age < 25"))`.
 * @throws {ConstraintError} where it cannot be read
 */
export function where(text: string): Condition {
  const [leaf] = constraint(`(PR | [${text}]) <= 0`).leaves;
  if (leaf.conditions.length === 1) return leaf.conditions[0];
  throw new ConstraintError("it is several conditions; join them by &&", text, 0);
}

/** acorn's nodes, as far as the language goes. */
type Syntax = SyntaxNode & {
  operator?: string;
  left?: Syntax;
  right?: Syntax;
  argument?: Syntax;
  expression?: Syntax;
  callee?: Syntax;
  arguments?: Syntax[];
  object?: Syntax;
  property?: Syntax;
  computed?: boolean;
  elements?: (Syntax | null)[];
  expressions?: Syntax[];
  name?: string;
  value?: unknown;
};

const [functions, infix] = ["function", "infix"].map((notation) =>
  Object.entries(operations).filter(([, operation]) => operation.notation === notation).map(([name]) => name)
);

class Reader {
  constructor(readonly text: string, readonly measures: ReadonlyMap<string, Measure>) {}

  read(): Constraint {
    const { text } = this;
    if (text.trim() === "") throw new ConstraintError("it is empty; wanted something like ACC >= 0.95", text, 0);
    const tree = this.tree();
    const inner = withoutParentheses(tree);
    if (inner.type === "BinaryExpression" && (inner.operator === "<=" || inner.operator === ">=")) {
      const two = "it has two relations; make it two constraints";
      if (isRelation(withoutParentheses(inner.left!))) this.fail(two, this.operatorOf(inner));
      if (isRelation(withoutParentheses(inner.right!))) this.fail(two, this.operatorOf(withoutParentheses(inner.right!)));
      return this.constraint(this.expression(inner.left!), inner.operator, this.expression(inner.right!));
    }
    return this.constraint(this.expression(tree));
  }

  constraint(left: Expression, relation?: "<=" | ">=", right?: Expression): Constraint {
    try {
      return new Constraint(left, relation, right);
    } catch (error) {
      if (error instanceof ConstraintError) throw new ConstraintError(error.why, this.text, 0);
      throw error;
    }
  }

  tree(): Syntax {
    const { text } = this;
    let tree: Syntax;
    try {
      tree = parseExpressionAt(text, 0, { ecmaVersion: 2022, preserveParens: true }) as Syntax;
    } catch (error) {
      const { pos = 0, message } = error as { pos?: number; message: string }, offset = Math.min(pos, text.length);
      const assignment = text.search(/(?<![<>=!])=(?!=)/);
      if (assignment >= 0 && message.startsWith("Assigning")) throw this.relationError("=", assignment);
      if (/^\s*-[^()]*\*\*/.test(text.slice(text.lastIndexOf("(", pos) + 1))) {
        throw new ConstraintError(
          "a minus sign before ** is ambiguous; write -(x ** 2) or (-x) ** 2",
          text,
          offset,
        );
      }
      throw new ConstraintError(
        pos >= text.trimEnd().length ? "it ends too early" : `unexpected ${JSON.stringify(text[pos])}`,
        text,
        offset,
      );
    }
    const rest = text.slice(tree.end).search(/\S/);
    if (rest >= 0) throw new ConstraintError(`unexpected ${JSON.stringify(text[tree.end + rest])}`, text, tree.end + rest);
    return tree;
  }

  expression(node: Syntax): Expression {
    switch (node.type) {
      case "ParenthesizedExpression":
        return this.inParentheses(node.expression!);
      case "Literal":
        if (typeof node.value === "number" && Number.isFinite(node.value)) {
          return new Constant(node.value, this.text.slice(node.start, node.end));
        }
        if (typeof node.value === "number") {
          return this.fail(`${this.text.slice(node.start, node.end)} is not a finite number`, node.start);
        }
        return this.fail(`unexpected ${this.text.slice(node.start, node.end)}; wanted a number`, node.start);
      case "Identifier":
        return node.name === "e" ? new Constant(Math.E, "e") : this.measure(node, node.name!, [], node.start);
      case "MemberExpression":
        return this.indexed(node);
      case "UnaryExpression":
        return this.unary(node);
      case "CallExpression":
        return this.call(node);
      case "BinaryExpression":
        return this.binary(node);
      case "AssignmentExpression":
        throw this.relationError(node.operator!, this.text.indexOf(node.operator!, node.left!.end));
      case "ArrowFunctionExpression":
        throw this.relationError("=>", this.text.indexOf("=>", node.start));
      case "SequenceExpression":
        return this.fail("unexpected comma", this.text.indexOf(",", node.expressions![0].end));
      default:
        return this.fail(`unexpected ${JSON.stringify(this.text.slice(node.start, node.end))}`, node.start);
    }
  }

  inParentheses(node: Syntax): Expression {
    if (node.type === "BinaryExpression" && node.operator === "|") return this.conditioned(node);
    return this.expression(node);
  }

  unary(node: Syntax): Expression {
    if (node.operator === "-") {
      const operand = this.expression(node.argument!);
      return operand.kind === "constant" ? new Constant(-operand.value, `-${operand.name}`) : operand.negated();
    }
    if (node.operator === "+") return this.expression(node.argument!);
    return this.fail(`unknown operator ${node.operator}; wanted one of ${infix.join(" ")}`, node.start);
  }

  binary(node: Syntax): Expression {
    const at = this.operatorOf(node);
    if (node.operator === "|") {
      return this.fail(
        "a condition needs parentheses around it, as in (PR | [M]) <= 0.5, because | binds less than all else",
        at,
      );
    }
    if (isRelation(node)) {
      if (node.operator === "<=" || node.operator === ">=") return this.fail(`a relation inside of a formula`, at);
      throw this.relationError(node.operator!, at);
    }
    if (!infix.includes(node.operator!)) {
      return this.fail(`unknown operator ${node.operator}; wanted one of ${infix.join(" ")}`, at);
    }
    return new Compound(node.operator as Operator, [this.expression(node.left!), this.expression(node.right!)]);
  }

  call(node: Syntax): Expression {
    const name = node.callee!.type === "Identifier" ? node.callee!.name! : this.text.slice(node.callee!.start, node.callee!.end);
    if (!functions.includes(name)) {
      const nearest = nearestTo(name, functions);
      return this.fail(`unknown function "${name}"; ${nearest ?? `wanted one of ${functions.join(" ")}`}`, node.start);
    }
    const operands = node.arguments!, [least, most] = operations[name as Operator].operands;
    if (operands.length < least || operands.length > most) {
      const wanted = least === most ? `${least} argument` : `${least} arguments or more`;
      return this.fail(`${name} takes ${wanted}, found ${operands.length}`, node.start);
    }
    return new Compound(name as Operator, operands.map((operand) => this.expression(operand)));
  }

  /** `(MEASURE | [A, B])`, `(MEASURE | other)` or `(MEASURE | other[A, B])`. */
  conditioned(node: Syntax): Expression {
    const measured = this.expression(node.left!), rows = node.right!;
    // A ratio of measures is known by its name.
    const named = node.left!.type === "Identifier" || node.left!.type === "MemberExpression";
    if (!named || measured.kind === "constant") {
      return this.fail("only a measure can have a condition, as in (PR | [M])", node.left!.start);
    }
    const { data, items } = this.rows(rows), conditions = items.map((item) => this.condition(item));
    return withLeaves(measured, (leaf) => (data === undefined ? leaf : leaf.on(data)).given(...conditions));
  }

  /** Which data set, if it is another one, and what is asked of its rows. */
  rows(node: Syntax): { data?: string; items: Syntax[] } {
    if (node.type === "Identifier") return { data: node.name!, items: [] };
    if (node.type === "MemberExpression" && node.computed && node.object!.type === "Identifier") {
      const { property } = node;
      return { data: node.object!.name!, items: property!.type === "SequenceExpression" ? property!.expressions! : [property!] };
    }
    if (node.type !== "ArrayExpression" || node.elements!.length === 0) {
      return this.fail("a condition is a list in brackets, as in (PR | [M, A]) or (PR | [age < 25])", node.start);
    }
    return { items: node.elements!.map((item) => item ?? this.fail("there is nothing between two commas", node.start)) };
  }

  condition(node: Syntax): Condition {
    switch (node.type) {
      case "ParenthesizedExpression":
        return this.condition(node.expression!);
      case "UnaryExpression":
        if (node.operator === "!") return { kind: "not", of: this.condition(node.argument!) };
        break;
      case "LogicalExpression":
        if (node.operator !== "&&" && node.operator !== "||") break;
        return {
          kind: node.operator === "&&" ? "and" : "or",
          left: this.condition(node.left!),
          right: this.condition(node.right!),
        };
      case "BinaryExpression": {
        const relation = node.operator!.replace(/^([=!])==$/, "$1=");
        if (!Object.hasOwn(mirrored, relation)) break;
        return this.comparison(node, relation as Relation);
      }
      case "AssignmentExpression":
        return this.fail("one = sets a value; wanted == to compare", this.text.indexOf(node.operator!, node.left!.end));
      default: {
        const column = nameIn(node);
        if (column !== undefined) return { kind: "column", column };
      }
    }
    return this.fail("a condition is a column, as in (PR | [M]), or a comparison, as in (PR | [age < 25])", node.start);
  }

  /** `age < 25` or `25 > age`. */
  comparison(node: Syntax, relation: Relation): Condition {
    const [left, right] = [node.left!, node.right!].map(withoutParentheses), [first, second] = [left, right].map(valueIn);
    // Of two texts or names the first is the column.
    const column = typeof first === "number" ? undefined : nameIn(left);
    if (column !== undefined && second !== undefined) return { kind: "comparison", column, relation, value: second };
    const other = nameIn(right);
    if (other !== undefined && typeof first === "number") {
      return { kind: "comparison", column: other, relation: mirrored[relation], value: first };
    }
    return this.fail('a comparison is of a column and a number or a text, as in [age < 25] or [race == "a"]', node.start);
  }

  /** `PR_[1]` or `CM_[0, 1]`, which to acorn is the member of `PR_` at an expression. */
  indexed(node: Syntax): Expression {
    const { object, property, computed } = node;
    if (!computed || object!.type !== "Identifier" || !object!.name!.endsWith("_")) {
      return this.fail("brackets belong after a measure and an underscore, as in PR_[1]", object!.end);
    }
    const items = property!.type === "SequenceExpression" ? property!.expressions! : [property!],
      name = object!.name!.slice(0, -1);
    const level = this.measures.get(name)?.functional !== undefined;
    const index = items.map(({ type, value, start }) => {
      if (type === "Literal" && (level ? isLevel(value) : Number.isInteger(value))) return value as number;
      return this.fail(level ? levelWanted(name) : "a class is a whole number from 0, as in PR_[1]", start);
    });
    return this.measure(object!, name, index, node.start);
  }

  measure(node: Syntax, name: string, index: number[], offset: number): Expression {
    const measure = this.measures.get(name), ratio = measure === undefined ? ratioNamed(name) : undefined;
    if (ratio !== undefined) {
      if (index.length > 1) return this.fail(`${name} takes one class, found ${index.length}`, offset);
      return ratio((part) => new Leaf(part, { index, place: { text: this.text, offset } }));
    }
    if (measure === undefined) {
      if (functions.includes(name)) return this.fail(`${name} is a function, as in ${name}(…)`, node.start);
      const known = [...this.measures.keys(), ...Object.keys(ratios)], nearest = nearestTo(name, known);
      return this.fail(
        `unknown measure "${name}"; ${nearest ?? `wanted one of ${known.join(" ")}`}`,
        node.start,
      );
    }
    if (index.length > 0 && index.length !== measure.indices) {
      return this.fail(`${name} takes ${classes(measure.indices)}, found ${index.length}`, offset);
    }
    if (index.length === 0 && measure.functional !== undefined) return this.fail(levelWanted(name), offset);
    if (index.length === 0 && measure.indices === 2) return this.fail(`${name} needs two classes, as in ${name}_[0, 1]`, offset);
    return new Leaf(measure, { index, place: { text: this.text, offset } });
  }

  /** Where the operator stands that joins two sides. */
  operatorOf({ left, operator }: Syntax): number {
    return this.text.indexOf(operator!, left!.end);
  }

  relationError(operator: string, offset: number): ConstraintError {
    return new ConstraintError(`unknown relation ${operator}; wanted <= or >=`, this.text, offset);
  }

  fail(why: string, offset: number): never {
    throw new ConstraintError(why, this.text, offset);
  }
}

/** A column's name: a word, or a text in quotes. */
function nameIn(node: Syntax): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

/** What a column is compared with. */
function valueIn(node: Syntax): number | string | Placeholder | undefined {
  if (node.type === "Identifier") return { name: node.name! };
  const negative = node.type === "UnaryExpression" && node.operator === "-",
    literal = negative ? withoutParentheses(node.argument!) : node;
  if (literal.type !== "Literal") return undefined;
  if (typeof literal.value === "number" && Number.isFinite(literal.value)) return negative ? -literal.value : literal.value;
  return typeof literal.value === "string" && !negative ? literal.value : undefined;
}

function ratioNamed(name: string): Ratio | undefined {
  return Object.hasOwn(ratios, name) ? ratios[name] : undefined;
}

function isLevel(value: unknown): boolean {
  return typeof value === "number" && value > 0 && value < 1;
}

function levelWanted(name: string): string {
  return `${name} needs a level between 0 and 1, as in ${name}_[0.1]`;
}

function withoutParentheses(node: Syntax): Syntax {
  return node.type === "ParenthesizedExpression" ? withoutParentheses(node.expression!) : node;
}

function isRelation({ type, operator }: Syntax): boolean {
  return type === "BinaryExpression" && /^([<>]=?|[=!]==?)$/.test(operator!);
}

function classes(count: number): string {
  return count === 0 ? "no class" : count === 1 ? "one class" : "two classes";
}

/** A name at most two edits away, as the second half of a message. */
function nearestTo(name: string, known: readonly string[]): string | undefined {
  const nearest = known.map((word) => ({ word, edits: edits(name, word) })).sort((a, b) => a.edits - b.edits)[0];
  return nearest?.edits <= 2 ? `the nearest is "${nearest.word}"` : undefined;
}

/** The fewest letters to insert, delete or replace that make `a` into `b` (V. I. Levenshtein, 1966). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
