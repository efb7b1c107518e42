import { Tensor } from "../../autodiff/mod.ts";
import { Constant, type Expression, type Leaf } from "./expression.ts";
import type { Interval } from "./interval.ts";
import { operations } from "./operations.ts";

/** constant + Σ coefficient · measure; every measure occurs once, none with coefficient 0. */
export interface LinearForm {
  /** The constant term. */
  constant: number;
  /** Measures, each with its factor. */
  terms: readonly { leaf: Leaf; coefficient: number }[];
}

/**
 * A linear form that is at most 0 exactly where `g` is; `null` if there is none. A quotient is multiplied out if the measures'
 * ranges show that its divisor is positive: 0.9 - (PR | [M]) / (PR | [F]) becomes 0.9 (PR | [F]) - (PR | [M]). Where the divisor
 * is 0 the quotient has no value, and the linear form decides.
 */
export function linearForm(g: Expression, rangeOf: (leaf: Leaf) => readonly [number, number]): LinearForm | null {
  const found = quotient(g);
  if (found === null || found.bottom === null) return found?.top ?? null;
  const [low, high] = rangeOfForm(found.bottom, rangeOf);
  return low >= 0 ? found.top : high <= 0 ? scaled(found.top, -1) : null;
}

/** The range of a form, if every measure lies in its range. */
export function rangeOfForm(
  { constant, terms }: LinearForm,
  rangeOf: (leaf: Leaf) => readonly [number, number],
): [number, number] {
  const ends = terms.map(({ leaf, coefficient }) => rangeOf(leaf).map((end) => coefficient * end).sort((a, b) => a - b));
  return [0, 1].map((side) => ends.reduce((sum, end) => sum + end[side], constant)) as [number, number];
}

/** The form's text, such as "0.9 * (PR | [F]) - (PR | [M])". */
export function formText(form: LinearForm): string {
  let text = texts.get(form);
  if (text === undefined) texts.set(form, text = `${expressionOf(form)}`);
  return text;
}

/** Texts of forms, which every step names. */
const texts = new WeakMap<LinearForm, string>();

/** The form as a formula. */
export function expressionOf({ constant, terms }: LinearForm): Expression {
  const ordered = terms.toSorted((a, b) => Number(a.coefficient < 0) - Number(b.coefficient < 0));
  let sum: Expression | null = null;
  for (const { leaf, coefficient } of ordered) {
    const size = Math.abs(coefficient), term = size === 1 ? leaf : new Constant(size, short(size)).times(leaf);
    sum = sum === null ? (coefficient < 0 ? term.negated() : term) : coefficient < 0 ? sum.minus(term) : sum.plus(term);
  }
  return constant === 0 && sum !== null
    ? sum
    : constant < 0
    ? sum!.minus(new Constant(-constant, short(-constant)))
    : sum!.plus(new Constant(constant, short(constant)));
}

/** A number without its last digits, which are rounding errors in sums such as 1 - 0.85. */
function short(x: number): string {
  return `${Number(x.toPrecision(12))}`;
}

/** Reads the form's value from its measures'. */
export function valueOfForm({ constant, terms }: LinearForm, valueOf: (leaf: Leaf) => () => number): () => number {
  const factors = terms.map(({ leaf, coefficient }) => ({ coefficient, read: valueOf(leaf) }));
  return () => {
    let sum = constant;
    for (const { coefficient, read } of factors) sum += coefficient * read();
    return sum;
  };
}

/** The form's interval from its measures' intervals: the sign of a measure decides which end it contributes. */
export function intervalOfForm({ constant, terms }: LinearForm, leaves: ReadonlyMap<string, Interval>): Interval {
  let sum: Interval = { lower: Tensor.scalar(constant), upper: Tensor.scalar(constant) };
  for (const { leaf, coefficient } of terms) {
    const { lower, upper } = leaves.get(`${leaf}`)!, [least, most] = coefficient > 0 ? [lower, upper] : [upper, lower];
    const term = coefficient === 1
      ? { lower: least, upper: most }
      : coefficient === -1
      ? { lower: least.neg(), upper: most.neg() }
      : operations["*"].interval(
        { lower: Tensor.scalar(coefficient), upper: Tensor.scalar(coefficient) },
        leaves.get(`${leaf}`)!,
      );
    sum = operations["+"].interval(sum, term);
  }
  return sum;
}

/** top / bottom; `null` stands for 1. */
interface Quotient {
  top: LinearForm;
  bottom: LinearForm | null;
}

function quotient(x: Expression): Quotient | null {
  if (x.kind === "constant") return { top: { constant: x.value, terms: [] }, bottom: null };
  if (x.kind === "leaf") return { top: { constant: 0, terms: [{ leaf: x, coefficient: 1 }] }, bottom: null };
  const operands = x.operands.map(quotient);
  if (operands.includes(null)) return null;
  const [a, b] = operands as Quotient[];
  switch (x.operator) {
    case "negate":
      return { ...a, top: scaled(a.top, -1) };
    case "+":
      return sumOf(a, b);
    case "-":
      return sumOf(a, { ...b, top: scaled(b.top, -1) });
    case "*":
      return isNumber(a) ? times(b, a.top.constant) : isNumber(b) ? times(a, b.top.constant) : null;
    case "/":
      if (isNumber(b)) return b.top.constant === 0 ? null : times(a, 1 / b.top.constant);
      if (a.bottom === null && b.bottom === null) return { top: a.top, bottom: b.top };
      return null;
    default:
      return null;
  }
}

function sumOf(a: Quotient, b: Quotient): Quotient | null {
  const [left, right] = [a.bottom, b.bottom].map((bottom) =>
    bottom && JSON.stringify([bottom.constant, ...bottom.terms.map(named)])
  );
  if (left === right) return { top: added(a.top, b.top), bottom: a.bottom };
  if (a.bottom === null && isNumber(a)) return { top: added(scaled(b.bottom!, a.top.constant), b.top), bottom: b.bottom };
  if (b.bottom === null && isNumber(b)) return { top: added(a.top, scaled(a.bottom!, b.top.constant)), bottom: a.bottom };
  return null;
}

function named({ leaf, coefficient }: LinearForm["terms"][number]): [string, number] {
  return [`${leaf}`, coefficient];
}

function isNumber({ top, bottom }: Quotient): boolean {
  return bottom === null && top.terms.length === 0;
}

function times({ top, bottom }: Quotient, factor: number): Quotient {
  return { top: scaled(top, factor), bottom };
}

function scaled({ constant, terms }: LinearForm, factor: number): LinearForm {
  if (factor === 0) return { constant: 0, terms: [] };
  return {
    constant: product(constant, factor) + 0,
    terms: terms.map(({ leaf, coefficient }) => ({ leaf, coefficient: product(coefficient, factor) })),
  };
}

/**
 * x y.
 * @throws {RangeError} if it is too small or too large for a double: the error would change the promise
 */
function product(x: number, y: number): number {
  const found = x * y;
  if (Number.isFinite(found) && (Math.abs(found) > 1e-290 || x === 0 || y === 0)) return found;
  throw new RangeError(`Cannot use the factor ${x} * ${y} in a constraint: it is ${found}; wanted numbers nearer to 1`);
}

function added(a: LinearForm, b: LinearForm): LinearForm {
  const sums = new Map<string, { leaf: Leaf; coefficient: number }>();
  for (const { leaf, coefficient } of [...a.terms, ...b.terms]) {
    sums.set(`${leaf}`, { leaf, coefficient: coefficient + (sums.get(`${leaf}`)?.coefficient ?? 0) });
  }
  return { constant: a.constant + b.constant, terms: [...sums.values()].filter(({ coefficient }) => coefficient !== 0) };
}
