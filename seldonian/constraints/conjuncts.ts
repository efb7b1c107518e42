import { Compound, Constant, type Expression } from "./expression.ts";

/** The most conjuncts to test one by one, and parts in all of them; a constraint with more should be written otherwise. */
const mostConjuncts = 64, mostParts = 5000;

/**
 * Ways to keep `g <= 0`: it holds if every formula of one way is at most 0. `max`, `abs` and sums of them become "and"; `min` in
 * their place becomes "or", hence several ways. Every bound gets the whole delta: if a way's formulas do not all hold, then one
 * of them does not, and its test alone must err for the promise to pass (intersection-union test, R. L. Berger, "Multiparameter
 * hypothesis testing and acceptance sampling", 1982). Everything but such sums, such as a product, stays whole.
 * @throws {RangeError} past 64 formulas, and past 5,000 numbers, measures and operators in them
 */
export function conjuncts(g: Expression): Expression[][] {
  const ways = from(g, 1);
  const formulas = ways.flat();
  if (formulas.length > mostConjuncts) throw tooMany(`it has ${formulas.length}, and the limit is ${mostConjuncts}`, `${g}`);
  if (formulas.length > 1 && formulas.reduce((sum, formula) => sum + partsOf(formula), 0) > mostParts) {
    throw tooMany(`it has more than ${mostParts} parts in ${formulas.length} of them`);
  }
  return ways;
}

function partsOf(x: Expression): number {
  return x.kind === "compound" ? x.operands.reduce((sum, operand) => sum + partsOf(operand), 1) : 1;
}

/** Ways to bound sign · x from above: x is at most the greatest formula of each way. */
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

/** x + y, each given by its ways. */
function sums(x: Expression[][], y: Expression[][]): Expression[][] {
  return pairs(x, y, (a, b) => pairs(a, b, sum));
}

/** x + y, written as a difference if y is negated. */
function sum(x: Expression, y: Expression): Expression {
  if (y.kind === "constant" && y.value < 0) return x.minus(-y.value);
  return y.kind === "compound" && y.operator === "negate" ? x.minus(y.operands[0]) : x.plus(y);
}

/** Both x and y, each given by its ways. */
function both(x: Expression[][], y: Expression[][]): Expression[][] {
  return pairs(x, y, (a, b) => {
    if (a.length + b.length > mostConjuncts) throw tooMany();
    return [...a, ...b];
  });
}

function pairs<T, R>(x: readonly T[], y: readonly T[], join: (a: T, b: T) => R): R[] {
  if (x.length * y.length > 4 * mostConjuncts) throw tooMany();
  return x.flatMap((a) => y.map((b) => join(a, b)));
}

function tooMany(why = `it has more than ${mostConjuncts}`, g = "a constraint"): RangeError {
  return new RangeError(
    `Cannot analyse ${g} by conjuncts: ${why}; write it as several constraints, or set analysis: "interval"`,
  );
}

function negated(x: Expression): Expression {
  if (x.kind === "constant") return new Constant(-x.value);
  return x.kind === "compound" && x.operator === "negate" ? x.operands[0] : x.negated();
}
