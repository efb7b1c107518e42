import { maximum, minimum, pow, Tensor } from "../../autodiff/mod.ts";
import { decided } from "../../autodiff/recorder.ts";
import { rounded, type UnitsOf, unitsOfProduct, unitsOfSum } from "./rounding.ts";

/** A lower and an upper bound on a number: tensors of shape [], float64; -Infinity and Infinity if there is none. */
export interface Interval {
  lower: Tensor;
  upper: Tensor;
}

/** An operand outside an operation's domain, such as 0 to a negative power. */
export class DomainError extends RangeError {
  override name = "DomainError";
}

/** A number as an interval of width 0. */
export function point(value: number): Interval {
  return { lower: Tensor.scalar(value), upper: Tensor.scalar(value) };
}

/** [a + c, b + d]. */
export function add(x: Interval, y: Interval): Interval {
  return interval(sum(x.lower, y.lower, "down"), sum(x.upper, y.upper, "up"));
}

/** [a - d, b - c]. */
export function sub(x: Interval, y: Interval): Interval {
  return interval(difference(x.lower, y.upper, "down"), difference(x.upper, y.lower, "up"));
}

/** [-b, -a]. */
export function neg(x: Interval): Interval {
  return interval(x.upper.neg(), x.lower.neg());
}

/** From the least to the greatest of the four products of ends. 0 times infinity is 0, its limit for bounds. */
export function mul(x: Interval, y: Interval): Interval {
  const corners = [[x.lower, y.lower], [x.lower, y.upper], [x.upper, y.lower], [x.upper, y.upper]] as const;
  return hull(corners.map(([a, b]) => ({ end: product(a, b), unitsOf: unitsOfProduct, operands: [a, b] })));
}

/** x times 1 / y; everything if 0 lies strictly inside y, a half-line of reciprocals if 0 is an end of y. */
export function div(x: Interval, y: Interval): Interval {
  const around = decided(() => {
    const [low, high] = [y.lower.value, y.upper.value];
    return (low < 0 && high > 0) || (low === 0 && high === 0);
  });
  if (around) return everything();
  const reciprocal = (end: Tensor, atZero: number, direction: "up" | "down") => {
    if (decided(() => end.value === 0)) return Tensor.scalar(atZero);
    const inverse = end.pow(-1);
    return rounded(inverse, direction, unitsOfInverse, inverse, end);
  };
  return mul(x, interval(reciprocal(y.upper, -Infinity, "down"), reciprocal(y.lower, Infinity, "up")));
}

/**
 * From the least to the greatest of the four corner powers.
 * @throws {DomainError} for a base below 0, or 0 to a negative power
 */
export function power(x: Interval, y: Interval): Interval {
  if (decided(() => x.lower.value < 0)) {
    throw new DomainError(`Cannot raise [${x.lower.value}, ${x.upper.value}] to a power: its bounds must not be negative`);
  }
  if (decided(() => x.lower.value === 0 && y.lower.value < 0)) {
    throw new DomainError(`Cannot raise 0 to the power ${y.lower.value}: it is infinite`);
  }
  const corners = [[x.lower, y.lower], [x.lower, y.upper], [x.upper, y.lower], [x.upper, y.upper]] as const;
  return hull(corners.map(([a, b]) => ({ end: pow(a, b), unitsOf: unitsOfPower, operands: [a, b] })));
}

/** [min(a, c), min(b, d)]. */
export function min(x: Interval, y: Interval): Interval {
  return interval(minimum(x.lower, y.lower), minimum(x.upper, y.upper));
}

/** [max(a, c), max(b, d)]. */
export function max(x: Interval, y: Interval): Interval {
  return interval(maximum(x.lower, y.lower), maximum(x.upper, y.upper));
}

/** |x|: the lower end is 0 if the interval contains 0. */
export function abs(x: Interval): Interval {
  const [a, b] = [x.lower.abs(), x.upper.abs()];
  const straddles = decided(() => x.lower.value <= 0 && x.upper.value >= 0);
  return interval(straddles ? Tensor.scalar(0) : least(a, b), greatest(a, b));
}

/** [eᵃ, eᵇ]. */
export function exp(x: Interval): Interval {
  // e^x is positive, however small.
  const lower = x.lower.exp();
  return interval(
    decided(() => lower.value === 0) ? lower : rounded(lower, "down", unitsOfExp, x.lower),
    rounded(x.upper.exp(), "up", unitsOfExp, x.upper),
  );
}

/** [ln a, ln b]; the lower end is -Infinity if a is not positive. */
export function log(x: Interval): Interval {
  return interval(
    rounded(x.lower.log(), "down", unitsOfLog, x.lower),
    rounded(x.upper.log(), "up", unitsOfLog, x.upper),
  );
}

/**
 * The error of exp, log and powers, with room to spare: 2 units (tests/autodiff/mathematics/elementary_test.ts); a power is the
 * exp of a product.
 */
const unitsOfFunction = 8;

const unitsOfExp = (x: number) => x === 0 || x === -Infinity ? 0 : unitsOfFunction;
const unitsOfLog = (x: number) => x === 1 ? 0 : unitsOfFunction;
const unitsOfPower = (x: number, y: number) =>
  x === 0 || x === 1 || y === 0 || Math.abs(y) === Infinity || x === Infinity ? 0 : unitsOfFunction;
const unitsOfInverse = (inverse: number, x: number) =>
  inverse === 0 || (inverse * x === 1 && unitsOfProduct(inverse, x) === 0) ? 0 : 2;
const unitsOfDifference = (x: number, y: number) => unitsOfSum(x, -y);

function sum(x: Tensor, y: Tensor, direction: "up" | "down"): Tensor {
  return rounded(x.add(y), direction, unitsOfSum, x, y);
}

function difference(x: Tensor, y: Tensor, direction: "up" | "down"): Tensor {
  return rounded(x.sub(y), direction, unitsOfDifference, x, y);
}

function everything(): Interval {
  return { lower: Tensor.scalar(-Infinity), upper: Tensor.scalar(Infinity) };
}

/** NaN at an end carries no information, so that end becomes infinite. */
function interval(lower: Tensor, upper: Tensor): Interval {
  return {
    lower: decided(() => Number.isNaN(lower.value)) ? Tensor.scalar(-Infinity) : lower,
    upper: decided(() => Number.isNaN(upper.value)) ? Tensor.scalar(Infinity) : upper,
  };
}

/** Ends are chosen by value, so gradients flow only through the chosen corner, not through neighbouring infinities. */
function hull(corners: Corner[]): Interval {
  if (decided(() => corners.some(({ end }) => Number.isNaN(end.value)))) return everything();
  const low = corners.reduce((x, y) => decided(() => y.end.value < x.end.value) ? y : x);
  const high = corners.reduce((x, y) => decided(() => y.end.value > x.end.value) ? y : x);
  return interval(
    rounded(low.end, "down", low.unitsOf, ...low.operands),
    rounded(high.end, "up", high.unitsOf, ...high.operands),
  );
}

/** The result at two ends, and its possible error in units. */
interface Corner {
  end: Tensor;
  unitsOf: UnitsOf;
  operands: Tensor[];
}

function least(x: Tensor, y: Tensor): Tensor {
  return decided(() => y.value < x.value) ? y : x;
}

function greatest(x: Tensor, y: Tensor): Tensor {
  return decided(() => y.value > x.value) ? y : x;
}

function product(x: Tensor, y: Tensor): Tensor {
  const isLimit = decided(() => {
    const [a, b] = [Math.abs(x.value), Math.abs(y.value)];
    return Math.min(a, b) === 0 && Math.max(a, b) === Infinity;
  });
  return isLimit ? Tensor.scalar(0) : x.mul(y);
}
