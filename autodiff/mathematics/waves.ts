/**
 * Sine and cosine in IEEE arithmetic only, so that every engine returns the same bits, as in `elementary.ts`. Both are within 2
 * units in the last place of the runtime's (tests/autodiff/mathematics/waves_test.ts).
 * @module
 */

// π / 2 in three parts. The first two have 33 bits, so their products with |n| < 2^20 are exact.
const FIRST = 1.5707963267341256, SECOND = 6.077100506303966e-11, THIRD = 2.0222662487959506e-21;

/** sin(x + quarters π / 2), from a remainder within ±π / 4. */
export function wave(x: number, quarters: 0 | 1): number {
  if (Math.abs(x) < 1e-9) return quarters === 0 ? x : 1;
  let n = Math.floor(x * (2 / Math.PI) + 0.5), high: number, low = 0;
  if (Math.abs(n) < 1048576) {
    const r = x - n * FIRST, w = n * SECOND, t = r - w, c = n * THIRD - ((r - t) - w);
    high = t - c;
    low = (t - high) - c;
  } else if (Math.abs(x) < Infinity) [n, high] = farRemainder(x);
  else return NaN;
  const quarter = (n + quarters) & 3, z = high * high;
  const y = (quarter & 1) === 0 ? sineSeries(high, low, z) : cosineSeries(high, low, z);
  return quarter < 2 ? y : -y;
}

/** The sine of x = high + low, by its Taylor series. */
function sineSeries(high: number, low: number, z: number): number {
  let tail = (1 / 355687428096000) * z - 1 / 1307674368000;
  tail = tail * z + 1 / 6227020800;
  tail = tail * z - 1 / 39916800;
  tail = tail * z + 1 / 362880;
  tail = tail * z - 1 / 5040;
  tail = tail * z + 1 / 120;
  tail = tail * z - 1 / 6;
  return high + (high * z * tail + low * (1 - 0.5 * z));
}

/** The cosine of x = high + low, by its Taylor series. */
function cosineSeries(high: number, low: number, z: number): number {
  let tail = (1 / 20922789888000) * z - 1 / 87178291200;
  tail = tail * z + 1 / 479001600;
  tail = tail * z - 1 / 3628800;
  tail = tail * z + 1 / 40320;
  tail = tail * z - 1 / 720;
  tail = tail * z + 1 / 24;
  const w = 1 - 0.5 * z;
  return w + (((1 - w) - 0.5 * z) + (z * z * tail - high * low));
}

/** The binary digits of π / 2 that large arguments need: 1,024 for the greatest quotient, and as many as a remainder has. */
const digits = 1200n;
let halfPi: bigint | undefined;

/** The quotient of x and π / 2, modulo 4, and the remainder, in whole numbers. */
function farRemainder(x: number): [quotient: number, remainder: number] {
  halfPi ??= 8n * arctangentOfInverse(5n) - 2n * arctangentOfInverse(239n);
  // Numbers of this size are multiples of 2^-33.
  const scaled = BigInt(Math.abs(x) * 2 ** (Math.abs(x) < 2 ** 53 ? 33 : 0)) << (Math.abs(x) < 2 ** 53 ? digits - 33n : digits);
  let quotient = scaled / halfPi, rest = scaled - quotient * halfPi;
  if (2n * rest > halfPi) [quotient, rest] = [quotient + 1n, rest - halfPi];
  const n = Number(quotient & 3n), remainder = Number(rest >> (digits - 140n)) * 2 ** -140;
  return x < 0 ? [-n, -remainder] : [n, remainder];
}

/** arctan(1 / n) 2^digits; with it π / 4 = 4 arctan(1 / 5) - arctan(1 / 239) (J. Machin, 1706). */
function arctangentOfInverse(n: bigint): bigint {
  let sum = 0n;
  for (let power = (1n << digits) / n, k = 1n; power !== 0n; power /= -n * n, k += 2n) sum += power / k;
  return sum;
}
