import { Compound, Constant, type Expression } from "./expression.ts";

/** Conjuncts of a promise that are still tested one by one; more would say that the constraint should be written otherwise. */
const mostConjuncts = 64;

/**
 * Ways to keep `g <= 0`: it holds if, for one of them, every formula is at most 0. `max`, `abs` and sums of them become "and",
 * `min` in their place "or", which is why there may be several ways. With every bound at the whole delta: if a way's formulas
 * do not all hold, then one does not, and its test alone must err for the promise to pass (intersection-union test, R. L. Berger,
 * "Multiparameter hypothesis testing and acceptance sampling", 1982). What is not a sum of such, as a product, stays whole.
 * @throws {RangeError} past 64 formulas
 */
export function conjuncts(g: Expression): Expression[][] {
  const ways = from(g, 1);
  const count = ways.reduce((sum, way) => sum + way.length, 0);
  if (count > mostConjuncts) {
    throw new RangeError(
      `Cannot analyse ${g} by conjuncts: it is ${count} of them, and ${mostConjuncts} is the most; ` +
        `write it as several constraints, or set analysis: "interval"`,
    );
  }
  return ways;
}

/** Ways to bound sign · x from above: x is at most the greatest formula of any way. */
function from(x: Expression, sign: 1 | -1): Expression[][] {
  if (x.kind !== "compound") return [[sign === 1 ? x : negated(x)]];
  const [a, b] = x.operands, opposite = -sign as 1 | -1;
  switch (x.operator) {
    case "+":
      return sums(from(a, sign), from(b, sign));
    case "-":
      return sums(from(a, sign), from(b, opposite));
    case "negate":
      return from(a, opposite);
    case "max":
    case "min": {
      const ways = x.operands.map((operand) => from(operand, sign));
      return (x.operator === "max") === (sign === 1) ? ways.reduce(both) : ways.flat();
    }
    case "abs":
      return sign === 1 ? both(from(a, 1), from(a, -1)) : [...from(a, -1), ...from(a, 1)];
    case "*": {
      const [factor, other] = a.kind === "constant" ? [a, b] : [b, a];
      if (factor.kind !== "constant" || factor.value === 0) break;
      const ways = from(other, factor.value > 0 ? sign : opposite), size = Math.abs(factor.value);
      return ways.map((way) => way.map((y) => new Constant(size).times(y)));
    }
    case "/": {
      if (b.kind !== "constant" || b.value === 0) break;
      const ways = from(a, b.value > 0 ? sign : opposite), size = Math.abs(b.value);
      return ways.map((way) => way.map((y) => y.over(size)));
    }
    case "exp":
    case "log":
      return from(a, sign).map((way) =>
        way.map((y) => sign === 1 ? new Compound(x.operator, [y]) : negated(new Compound(x.operator, [negated(y)])))
      );
  }
  return [[sign === 1 ? x : negated(x)]];
}

/** x + y, where each has its ways. */
function sums(x: Expression[][], y: Expression[][]): Expression[][] {
  return pairs(x, y, (a, b) => pairs(a, b, sum));
}

/** x + y, a difference where y is negated. */
function sum(x: Expression, y: Expression): Expression {
  if (y.kind === "constant" && y.value < 0) return x.minus(-y.value);
  return y.kind === "compound" && y.operator === "negate" ? x.minus(y.operands[0]) : x.plus(y);
}

/** Both x and y, where each has its ways. */
function both(x: Expression[][], y: Expression[][]): Expression[][] {
  return pairs(x, y, (a, b) => [...a, ...b]);
}

function pairs<T, R>(x: readonly T[], y: readonly T[], join: (a: T, b: T) => R): R[] {
  if (x.length * y.length > 4 * mostConjuncts) {
    throw new RangeError(
      `Cannot analyse a constraint by conjuncts: it is more than ${mostConjuncts} of them; ` +
        `write it as several constraints, or set analysis: "interval"`,
    );
  }
  return x.flatMap((a) => y.map((b) => join(a, b)));
}

function negated(x: Expression): Expression {
  if (x.kind === "constant") return new Constant(-x.value);
  return x.kind === "compound" && x.operator === "negate" ? x.operands[0] : x.negated();
}
