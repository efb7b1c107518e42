import { maximum, minimum, pow, Tensor } from "../../autodiff/mod.ts";

/** A lower and an upper bound on a number: tensors of shape [], float64, -Infinity and Infinity where there is none. */
export interface Interval {
  lower: Tensor;
  upper: Tensor;
}

/** An interval operation's domain was left, as by 0 to a negative power. */
export class DomainError extends RangeError {
  override name = "DomainError";
}

/** A number as an interval of no width. */
export function point(value: number): Interval {
  return { lower: Tensor.scalar(value), upper: Tensor.scalar(value) };
}

/** [a + c, b + d]. */
export function add(x: Interval, y: Interval): Interval {
  return interval(x.lower.add(y.lower), x.upper.add(y.upper));
}

/** [a - d, b - c]. */
export function sub(x: Interval, y: Interval): Interval {
  return interval(x.lower.sub(y.upper), x.upper.sub(y.lower));
}

/** [-b, -a]. */
export function neg(x: Interval): Interval {
  return interval(x.upper.neg(), x.lower.neg());
}

/** From the least to the greatest of the four products of ends, 0 times infinity being 0, its limit for bounds. */
export function mul(x: Interval, y: Interval): Interval {
  return hull([product(x.lower, y.lower), product(x.lower, y.upper), product(x.upper, y.lower), product(x.upper, y.upper)]);
}

/** x times 1 / y; everything where y has 0 strictly inside, a half-line of reciprocals where 0 is an end of y. */
export function div(x: Interval, y: Interval): Interval {
  const [low, high] = [y.lower.value, y.upper.value];
  if ((low < 0 && high > 0) || (low === 0 && high === 0)) return everything();
  const reciprocal = (end: Tensor, atZero: number) => end.value === 0 ? Tensor.scalar(atZero) : end.pow(-1);
  return mul(x, interval(reciprocal(y.upper, -Infinity), reciprocal(y.lower, Infinity)));
}

/** From the least to the greatest of the four corner powers. @throws {DomainError} for a base below 0, or 0 to a negative power */
export function power(x: Interval, y: Interval): Interval {
  const [base, exponent] = [x.lower.value, y.lower.value];
  if (base < 0) throw new DomainError(`Cannot raise [${base}, ${x.upper.value}] to a power: its bounds must not be negative`);
  if (base === 0 && exponent < 0) throw new DomainError(`Cannot raise 0 to the power ${exponent}: it is infinite`);
  return hull([pow(x.lower, y.lower), pow(x.lower, y.upper), pow(x.upper, y.lower), pow(x.upper, y.upper)]);
}

/** [min(a, c), min(b, d)]. */
export function min(x: Interval, y: Interval): Interval {
  return interval(minimum(x.lower, y.lower), minimum(x.upper, y.upper));
}

/** [max(a, c), max(b, d)]. */
export function max(x: Interval, y: Interval): Interval {
  return interval(maximum(x.lower, y.lower), maximum(x.upper, y.upper));
}

/** |x|: 0 below where the interval holds 0. */
export function abs(x: Interval): Interval {
  const [a, b] = [x.lower.abs(), x.upper.abs()];
  const straddles = x.lower.value <= 0 && x.upper.value >= 0;
  return interval(straddles ? Tensor.scalar(0) : least(a, b), greatest(a, b));
}

/** [eᵃ, eᵇ]. */
export function exp(x: Interval): Interval {
  return interval(x.lower.exp(), x.upper.exp());
}

/** [ln a, ln b], the lower end -Infinity where a is not positive. */
export function log(x: Interval): Interval {
  return interval(x.lower.log(), x.upper.log());
}

function everything(): Interval {
  return { lower: Tensor.scalar(-Infinity), upper: Tensor.scalar(Infinity) };
}

/** NaN at an end says nothing, so that end becomes infinite. */
function interval(lower: Tensor, upper: Tensor): Interval {
  return {
    lower: Number.isNaN(lower.value) ? Tensor.scalar(-Infinity) : lower,
    upper: Number.isNaN(upper.value) ? Tensor.scalar(Infinity) : upper,
  };
}

/** Ends are chosen by value, so that gradients flow through the chosen corner only, and not through infinities beside it. */
function hull(corners: Tensor[]): Interval {
  if (corners.some(({ value }) => Number.isNaN(value))) return everything();
  return interval(corners.reduce(least), corners.reduce(greatest));
}

function least(x: Tensor, y: Tensor): Tensor {
  return y.value < x.value ? y : x;
}

function greatest(x: Tensor, y: Tensor): Tensor {
  return y.value > x.value ? y : x;
}

function product(x: Tensor, y: Tensor): Tensor {
  const [a, b] = [Math.abs(x.value), Math.abs(y.value)];
  return Math.min(a, b) === 0 && Math.max(a, b) === Infinity ? Tensor.scalar(0) : x.mul(y);
}
