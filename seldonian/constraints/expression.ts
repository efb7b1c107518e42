import { checkArgument, type Kind, number, shown, text } from "../../autodiff/options.ts";
import type { Measure } from "./measure.ts";
import { columnsOf, type Condition, conditionText } from "./conditions.ts";
import { ConstraintError } from "./constraint_error.ts";
import { operations, type Operator } from "./operations.ts";
import { inspect } from "../../autodiff/show.ts";

/** A formula or a number, in sums and comparisons. */
export type Term = Expression | number;

/** Where an expression stands in a text. Messages put a caret under `offset`. */
export interface Place {
  /** The whole constraint. */
  text: string;
  /** Counted from the beginning of the text. */
  offset: number;
}

/** A formula over measures: a number, a measure of some rows, or an operation on formulas. Immutable. */
export type Expression = Constant | Leaf | Compound;

/** The operations of every formula. */
export abstract class Formula {
  /** The formula as a constraint writes it. */
  abstract toString(): string;

  /** What `console.log` shows: its text. */
  [inspect](): string {
    return `${this}`;
  }

  /** this + y. */
  plus(this: Expression, y: Term): Compound {
    return new Compound("+", [this, expression(y)]);
  }
  /** this - y. */
  minus(this: Expression, y: Term): Compound {
    return new Compound("-", [this, expression(y)]);
  }
  /** this · y. */
  times(this: Expression, y: Term): Compound {
    return new Compound("*", [this, expression(y)]);
  }
  /** this / y. */
  over(this: Expression, y: Term): Compound {
    return new Compound("/", [this, expression(y)]);
  }
  /** this to the power of y. */
  toThe(this: Expression, y: Term): Compound {
    return new Compound("**", [this, expression(y)]);
  }
  /** -this. */
  negated(this: Expression): Compound {
    return new Compound("negate", [this]);
  }
  /** The constraint `this <= y`. */
  atMost(this: Expression, y: Term): Constraint {
    return new Constraint(this, "<=", expression(y));
  }
  /** The constraint `this >= y`. */
  atLeast(this: Expression, y: Term): Constraint {
    return new Constraint(this, ">=", expression(y));
  }
}

/** A number. */
export class Constant extends Formula {
  /** "constant". */
  readonly kind = "constant";
  /**
   * A number in a formula.
   * @param value the number
   * @param name its spelling
   */
  constructor(readonly value: number, readonly name: string = String(value)) {
    super();
    if (!Number.isFinite(value)) throw new RangeError(`Cannot use ${value} in a constraint: wanted a finite number`);
  }
  /** The number as it was written. */
  override toString(): string {
    return this.name;
  }
}

const conditionKind: Kind = {
  wanted: 'the name of a column of 0 and 1, or a condition, such as where("age < 25")',
  holds: (value) => typeof value === "string" || typeof (value as Partial<Condition> | null)?.kind === "string",
};

/** The parts of a leaf, besides its measure. */
export interface LeafParts {
  /** A class or a pair of classes, or a functional's level. */
  index?: readonly number[];
  /** The conditions that a row must meet to count; all of them. */
  conditions?: readonly Condition[];
  /** The data set of the rows, if not the main one. */
  data?: string;
  /** Its place in a text, for messages. */
  place?: Place;
}

/** A measure: of a class or a pair of classes, if `index` is given; over the rows that meet all `conditions`. */
export class Leaf extends Formula {
  /** "leaf". */
  readonly kind = "leaf";
  /** Classes, or the level of a functional; empty if there are none. */
  readonly index: readonly number[];
  /** The conditions that a row must meet to count; all of them. */
  readonly conditions: readonly Condition[];
  /** The name of another data set. */
  readonly data?: string;
  /** Its place in a text, for messages. */
  readonly place?: Place;

  /**
   * A measure in a formula.
   * @param measure the measure
   * @param parts its index, conditions, data set and place
   */
  constructor(readonly measure: Measure, { index = [], conditions = [], data, place }: LeafParts = {}) {
    super();
    this.index = index;
    this.conditions = conditions;
    this.data = data;
    this.place = place;
  }
  /** The columns that its conditions read. */
  get columns(): string[] {
    return this.conditions.flatMap(columnsOf);
  }
  /** The measure of a class, such as `PR_[2]`; of a pair for `CM`. */
  of(...index: number[]): Leaf {
    for (const one of index) checkArgument(`take ${this.measure.name} of a class`, "the index", one, number);
    return new Leaf(this.measure, { ...this, index });
  }
  /** The measure over the rows where all these columns are 1 and all these conditions hold, such as `where("age < 25")`. */
  given(...conditions: (string | Condition)[]): Leaf {
    for (const one of conditions) checkArgument(`take ${this.measure.name} of some rows`, "the condition", one, conditionKind);
    const more = conditions.map((one): Condition => typeof one === "string" ? { kind: "column", column: one } : one);
    return new Leaf(this.measure, { ...this, conditions: [...this.conditions, ...more] });
  }
  /** The measure over rows of another data set, named as in `train({ others })`. */
  on(data: string): Leaf {
    checkArgument(`take ${this.measure.name} on another data set`, "its name", data, text);
    return new Leaf(this.measure, { ...this, data });
  }
  /**
   * The measure as constraints write it, without the parentheses around a condition: "PR_[1] | [M]". Equal leaves have equal
   * text.
   */
  override toString(): string {
    return this.#text ??= this.#written();
  }
  /** Texts identify measures and are read at every step, so they are kept. */
  #text?: string;
  #written(): string {
    const index = this.index.length === 0 ? "" : `_[${this.index.join(", ")}]`;
    const conditions = this.conditions.length === 0 ? "" : `[${this.conditions.map((one) => conditionText(one)).join(", ")}]`;
    const rows = `${this.data ?? ""}${conditions}`;
    return `${this.measure.name}${index}${rows && ` | ${rows}`}`;
  }
}

/** An operation on formulas. */
export class Compound extends Formula {
  /** "compound". */
  readonly kind = "compound";
  /**
   * An operation on formulas.
   * @param operator a function or a sign
   * @param operands one, two or more, as the operator takes
   */
  constructor(readonly operator: Operator, readonly operands: readonly Expression[]) {
    super();
  }
  /** The operation as a constraint writes it. */
  override toString(): string {
    const { notation, precedence } = operations[this.operator];
    if (notation === "function") {
      return `${this.operator}(${this.operands.map((x) => print(x, 0)).join(", ")})`;
    }
    // JavaScript has no -x ** y, so a power gets parentheses here too.
    if (notation === "prefix") return `-${print(this.operands[0], operations["**"].precedence + 1)}`;
    // Infix operators group to the left, but powers to the right.
    const [left, right] = this.operator === "**" ? [precedence + 1, precedence] : [precedence, precedence + 1];
    return `${print(this.operands[0], left)} ${this.operator} ${print(this.operands[1], right)}`;
  }
}

/** A promise about a model: `left <= right`, `left >= right`, or without a relation `left <= 0`. */
export class Constraint {
  /** The formula that must not exceed 0: left - right, or right - left, or left. */
  readonly g: Expression;
  /** Its distinct measures, in the order of the text. */
  readonly leaves: readonly Leaf[];

  /**
   * A relation of two formulas.
   * @param left the left side
   * @param relation if absent, left must be at most 0
   * @param right default 0
   */
  constructor(readonly left: Expression, readonly relation?: "<=" | ">=", readonly right?: Expression) {
    this.g = right === undefined ? left : new Compound("-", relation === "<=" ? [left, right] : [right, left]);
    this.leaves = leavesIn(left, ...(right ? [right] : []));
    if (this.leaves.length === 0) {
      throw new ConstraintError("it has no measure, so no model can change it", `${this}`, 0);
    }
  }

  /** The constraint as a notebook shows it. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "text/plain": `${this}` };
  }

  /** What `console.log` shows: its text. */
  [inspect](): string {
    return `${this}`;
  }

  /** The constraint as stated. */
  toString(): string {
    return this.right === undefined ? print(this.left, 0) : `${print(this.left, 0)} ${this.relation} ${print(this.right, 0)}`;
  }
}

/** |x|. */
export function abs(x: Term): Compound {
  return new Compound("abs", [expression(x)]);
}

/** eˣ. */
export function exp(x: Term): Compound {
  return new Compound("exp", [expression(x)]);
}

/** ln x. */
export function log(x: Term): Compound {
  return new Compound("log", [expression(x)]);
}

/** The least of two or more. */
export function min(...x: [Term, Term, ...Term[]]): Compound {
  return new Compound("min", x.map(expression));
}

/** The greatest of two or more. */
export function max(...x: [Term, Term, ...Term[]]): Compound {
  return new Compound("max", x.map(expression));
}

/** A formula's text, in parentheses if its operator binds less than `precedence`. */
function print(x: Expression, precedence: number): string {
  const text = x.toString();
  if (x.kind === "constant") return x.value < 0 && precedence > 3 ? `(${text})` : text;
  if (x.kind === "leaf") return x.conditions.length > 0 || x.data !== undefined ? `(${text})` : text;
  return operations[x.operator].precedence < precedence ? `(${text})` : text;
}

function expression(x: Term): Expression {
  if (typeof x === "number") return new Constant(x);
  if (x as unknown instanceof Formula) return x;
  throw new TypeError(`Cannot use ${shown(x)} in a formula: wanted a number, or a measure such as measures.ACC`);
}

/** The formula with its measures replaced. */
export function withLeaves(x: Expression, replace: (leaf: Leaf) => Leaf): Expression {
  if (x.kind === "leaf") return replace(x);
  return x.kind === "constant" ? x : new Compound(x.operator, x.operands.map((operand) => withLeaves(operand, replace)));
}

/** The distinct measures of formulas, in the order of the text. */
export function leavesIn(...formulas: Expression[]): Leaf[] {
  return [...new Map(formulas.flatMap(measuresIn).map((leaf) => [leaf.toString(), leaf])).values()];
}

/** The measures of a formula, each as often as it occurs. */
function measuresIn(x: Expression): Leaf[] {
  if (x.kind === "leaf") return [x];
  return x.kind === "constant" ? [] : x.operands.flatMap(measuresIn);
}
