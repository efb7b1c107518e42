/**
 * Exponential and logarithm in IEEE arithmetic only. Engines round `Math.exp` and `Math.log` differently (V8 and
 * JavaScriptCore disagree in the last bit), and the same seed must give the same bits on all of them.
 * Both are within 2 units in the last place of the runtime's functions (tests/autodiff/mathematics/elementary_test.ts).
 * @module
 */

// ln 2 in two parts: n * LN2_HIGH is exact for |n| < 2^20, because the high part ends in 20 zero bits.
const LN2_HIGH = 0.6931471803691238, LN2_LOW = 1.9082149292705877e-10;

/** e^x, by e^x = 2^n e^r with |r| <= ln(2) / 2 and the Taylor series of e^r. */
export function exp(x: number): number {
  if (!(x < 709.782712893384)) return x === x ? Infinity : NaN;
  if (x < -745.1332191019412) return 0;
  const n = Math.round(x * Math.LOG2E);
  const r = (x - n * LN2_HIGH) - n * LN2_LOW;
  const half = n >> 1;
  return (1 + expSeries(r)) * powerOfTwo(half) * powerOfTwo(n - half);
}

/** Hyperbolic tangent, -t / (t + 2) with t = e^(-2|x|) - 1. Near 0 the series computes t without loss of digits. */
export function tanh(x: number): number {
  const u = -2 * Math.abs(x);
  const t = u > -0.34 ? expSeries(u) : exp(u) - 1;
  const y = t / (t + 2);
  return x < 0 ? y : x === 0 ? x : -y;
}

/** Natural logarithm, by log(2^n m) = n ln 2 + 2 artanh((m - 1) / (m + 1)) with m within a factor sqrt(2) of 1. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let shift = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984;
    shift = -54;
  }
  bits[0] = x;
  let n = (words[1] >>> 20) - 1023;
  let m = x * powerOfTwo(-n);
  if (m > Math.SQRT2) {
    m /= 2;
    n++;
  }
  return logOf(m - 1, n + shift);
}

/** ln (2^n (1 + f)), with 1 + f within a factor sqrt(2) of 1. */
function logOf(f: number, n: number): number {
  const s = f / (2 + f), z = s * s;
  let tail = (1 / 21) * z;
  tail = (tail + 1 / 19) * z;
  tail = (tail + 1 / 17) * z;
  tail = (tail + 1 / 15) * z;
  tail = (tail + 1 / 13) * z;
  tail = (tail + 1 / 11) * z;
  tail = (tail + 1 / 9) * z;
  tail = (tail + 1 / 7) * z;
  tail = (tail + 1 / 5) * z;
  tail = (tail + 1 / 3) * z;
  // 2 artanh(s) = f - (f²/2 - s (f²/2 + 2 tail)): the leading f is exact, so no digits are lost near x = 1.
  const h = 0.5 * f * f;
  return n * LN2_HIGH - ((h - (s * (h + 2 * tail) + n * LN2_LOW)) - f);
}

/** ln x for positive, normal x, accurate to 2e-6 and much faster than {@link log}: three terms of its series. */
export function nearLog(x: number): number {
  bits[0] = x;
  // Subtracts the high word of 1 / √2, so that m is within a factor √2 of 1.
  const n = (words[1] - 0x3fe6a09e) >> 20, m = x * powerOfTwo(-n), s = (m - 1) / (m + 1), z = s * s;
  return n * Math.LN2 + 2 * s * (1 + z * (1 / 3 + z * (1 / 5)));
}

/** {@link nearLog} of some numbers, each divided by `unit`: in code that is not compiled yet, a call for each takes longer. */
export function nearLogs(from: Float64Array, unit: number, to: Float64Array, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    const x = bits[0] = from[i] / unit, n = (words[1] - 0x3fe6a09e) >> 20, m = x * POWERS[1074 - n];
    const s = (m - 1) / (m + 1), z = s * s;
    to[i] = n * Math.LN2 + 2 * s * (1 + z * (1 / 3 + z * (1 / 5)));
  }
}

/** log(1 + x) without loss of digits near 0. */
export function log1p(x: number): number {
  if (x > -0.29 && x < 0.41) return logOf(x, 0);
  if (x > 0 && x < 1.8) return logOf(0.5 * (x - 1), 1);
  const u = 1 + x;
  return u === Infinity ? x : log(u) * (x / (u - 1));
}

/** e^r - 1 for |r| <= ln(2) / 2, by the Taylor series. It adds r last, to r² (1/2 + …), so leading terms are hardly rounded. */
function expSeries(r: number): number {
  let tail = (1 / 6227020800) * r + 1 / 479001600;
  tail = tail * r + 1 / 39916800;
  tail = tail * r + 1 / 3628800;
  tail = tail * r + 1 / 362880;
  tail = tail * r + 1 / 40320;
  tail = tail * r + 1 / 5040;
  tail = tail * r + 1 / 720;
  tail = tail * r + 1 / 120;
  tail = tail * r + 1 / 24;
  tail = tail * r + 1 / 6;
  tail = tail * r + 1 / 2;
  return r + r * r * tail;
}

const bits = new Float64Array(1), words = new Uint32Array(bits.buffer);

/** 2^n from n = -1074. A table is faster than building the number from its words, which has to wait for their stores. */
const POWERS = new Float64Array(2098);
for (let n = 0, power = 2 ** -1074; n < 2098; n++, power *= 2) POWERS[n] = power;

function powerOfTwo(n: number): number {
  return POWERS[n + 1074];
}
