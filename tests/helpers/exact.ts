/** Exact numbers and probabilities, for tests that enumerate. */

/** P(K = k) for k = 0 … n, K binomial (n, p): terms relative to the greatest, divided by their sum, so that digits are kept. */
export function binomial(n: number, p: number): Float64Array {
  const terms = new Float64Array(n + 1);
  if (p <= 0 || p >= 1) {
    terms[p <= 0 ? 0 : n] = 1;
    return terms;
  }
  const mode = Math.min(n, Math.floor((n + 1) * p)), odds = p / (1 - p);
  terms[mode] = 1;
  for (let k = mode + 1; k <= n; k++) terms[k] = terms[k - 1] * (n - k + 1) / k * odds;
  for (let k = mode; k > 0; k--) terms[k - 1] = terms[k] * k / ((n - k + 1) * odds);
  const sum = terms.reduce((total, term) => total + term, 0);
  return terms.map((term) => term / sum);
}

/** P(K >= k), K binomial (n, p). */
export function atLeast(k: number, n: number, p: number): number {
  return binomial(n, p).subarray(Math.max(0, k)).reduce((total, term) => total + term, 0);
}

/** The next greater double. */
export function nextUp(x: number): number {
  return x + Math.max(Number.MIN_VALUE, Math.abs(x) * Number.EPSILON);
}

/** A double as an exact multiple of 2^-1074. */
export function exactly(x: number): bigint {
  const [bits] = new BigUint64Array(Float64Array.of(Math.abs(x)).buffer),
    exponent = bits >> 52n,
    fraction = bits & ((1n << 52n) - 1n);
  const whole = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return x < 0 ? -whole : whole;
}
