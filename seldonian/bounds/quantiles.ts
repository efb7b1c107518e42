import { exp, log, log1p } from "../../autodiff/mathematics/elementary.ts";

/**
 * The t that Student's distribution with `freedom` degrees exceeds with probability `tail`, in (0, 1): its quantile at 1 - tail,
 * to 1e-12 relative. `tail` is the argument, because 1 - tail would lose the digits of a small one. An infinite `freedom` is the
 * normal distribution.
 *
 * Uses Newton's method within brackets, on the integral of the density above t or, near the centre, between 0 and t, whichever
 * loses no digits. Density: Γ((ν+1)/2) / (√(νπ) Γ(ν/2)) (1 + t²/ν)^(-(ν+1)/2) (Student, 1908).
 */
export function studentUpperQuantile(tail: number, freedom: number): number {
  if (!(tail > 0 && tail < 1)) {
    throw new RangeError(`Cannot take a quantile for the tail probability ${tail}: wanted one in (0, 1)`);
  }
  if (!(freedom >= 1)) {
    throw new RangeError(`Cannot take Student's quantile with ${freedom} degrees of freedom: wanted at least 1`);
  }
  if (tail === 0.5) return 0;
  if (tail > 0.5) return -studentUpperQuantile(1 - tail, freedom);
  const r = 1 / freedom, constant = densityAtZero(freedom);
  /** By how much the density falls as t² grows by v: (1 + v r)^(-(ν+1)/2). */
  const fall = (v: number, r: number) => exp(freedom === Infinity ? -v / 2 : -(freedom + 1) / 2 * log1p(v * r));
  const central = tail > 0.25;
  /** ln of the found over the wanted probability, positive if t is too small, and its slope in ln t. */
  return solve((t) => {
    const density = constant * fall(t * t, r);
    const probability = density * (central ? centralRatio(t, r) : tailRatio(t, r, fall));
    const value = central ? log((0.5 - tail) / probability) : log(probability / tail);
    return { value, slope: -t * density / probability };
  });
}

/** Training needs the same few quantiles at every step. */
const known = new Map<string, number>();

/** {@link studentUpperQuantile}, cached. */
export function keptQuantile(tail: number, freedom: number): number {
  const key = `${tail} ${freedom}`;
  let t = known.get(key);
  if (t === undefined) {
    if (known.size >= 1000) known.clear();
    known.set(key, t = studentUpperQuantile(tail, freedom));
  }
  return t;
}

/** The z that the standard normal distribution exceeds with probability `tail`, in (0, 1), to 1e-12 relative. */
export function normalUpperQuantile(tail: number): number {
  return studentUpperQuantile(tail, Infinity);
}

/**
 * The probability between 0 and t over the density at t, r = 1/ν: a series of positive terms.
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.5.4; for the normal distribution 26.2.11.
 */
function centralRatio(t: number, r: number): number {
  const square = t * t / (1 + t * t * r);
  let term = t, sum = t;
  for (let k = 1; term > sum * 1e-17; k += 2) sum += term *= square * (1 + k * r) / (k + 2);
  return sum;
}

/**
 * The probability above t over the density at t, ∫ f(t + s)/f(t) ds over s > 0, by the double-exponential rule, with s at scale
 * exp(π/2 sinh u), u equally spaced. Source: Takahasi and Mori, Double exponential formulas (1974).
 */
function tailRatio(t: number, r: number, fall: (v: number, r: number) => number): number {
  const width = 1 + t * t * r, scale = width / (Math.sqrt(width) + (1 + r) * t);
  const step = 1 / 16;
  let sum = 0;
  for (let i = -64; i <= 72; i++) {
    const up = exp(i * step), down = 1 / up;
    const s = scale * exp(Math.PI / 4 * (up - down));
    sum += fall(s * (2 * t + s), r / width) * s * (up + down);
  }
  return sum * step * Math.PI / 4;
}

/** Γ((ν+1)/2) / (√(νπ) Γ(ν/2)): by recurrence to a large argument, then the asymptotic series (Tricomi and Erdélyi, 1951). */
function densityAtZero(freedom: number): number {
  if (freedom === Infinity) return 1 / Math.sqrt(2 * Math.PI);
  let a = freedom / 2, factor = 1 / Math.sqrt(freedom * Math.PI);
  for (; a < 40; a++) factor *= a / (a + 0.5);
  const coefficients = [39325 / 33554432, 869 / 4194304, -399 / 262144, -21 / 32768, 5 / 1024, 1 / 128, -1 / 8, 1];
  return factor * Math.sqrt(a) * coefficients.reduce((sum, c) => sum / a + c, 0);
}

/** The root of a function that falls from positive to negative on x > 0, given its value and its slope in ln x. */
function solve(at: (x: number) => { value: number; slope: number }): number {
  let low = 0, high = 1;
  while (high < 1e300 && at(high).value > 0) {
    low = high;
    high *= 4;
  }
  let x = low === 0 ? 0.5 : Math.sqrt(low * high);
  for (let i = 0; i < 200; i++) {
    const { value, slope } = at(x);
    if (value > 0) low = x;
    else high = x;
    const newton = x * exp(-value / slope);
    const next = newton > low && newton < high ? newton : low === 0 ? high / 16 : Math.sqrt(low) * Math.sqrt(high);
    if (Math.abs(next - x) <= 1e-15 * x) return next;
    x = next;
  }
  return x;
}
