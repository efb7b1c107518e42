import { exp, log, log1p } from "../../autodiff/mathematics/elementary.ts";

/**
 * The probability of at most k successes in n trials of probability p. For fractional k and n it is continued as I_{1-p}(n - k, k
 * + 1), the regularised incomplete beta function. Relative error about 1e-14. Source: NIST Handbook of Mathematical Functions
 * (2010), 8.17.5; the continued fraction is 8.17.22, evaluated as in W. J. Lentz, "Generating Bessel functions …", Applied Optics
 * 15 (1976).
 */
export function binomialCdf(k: number, n: number, p: number): number {
  if (Number.isNaN(k + n + p)) return NaN;
  if (k < 0) return 0;
  if (k >= n || p <= 0) return 1;
  if (p >= 1) return 0;
  return incompleteBeta(n - k, k + 1, 1 - p, p);
}

/** The probability of more than k successes, without the lost digits of 1 - {@link binomialCdf}. */
export function binomialTail(k: number, n: number, p: number): number {
  if (Number.isNaN(k + n + p)) return NaN;
  if (k < 0) return 1;
  if (k >= n || p <= 0) return 0;
  if (p >= 1) return 1;
  return incompleteBeta(k + 1, n - k, p, 1 - p);
}

/** I_x(a, b). y = 1 - x is an argument because it may have digits that 1 - x has lost. */
function incompleteBeta(a: number, b: number, x: number, y: number): number {
  // The fraction converges fast below the mean; above it, the complement is small.
  return x <= (a + 1) / (a + b + 2) ? fraction(a, b, x, y) : 1 - fraction(b, a, y, x);
}

function fraction(a: number, b: number, x: number, y: number): number {
  const tiny = 1e-300;
  let c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (Math.abs(d) < tiny ? tiny : d);
  let h = d;
  for (let m = 1; m <= 20000; m++) {
    for (
      const term of [
        m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
      ]
    ) {
      d = 1 + term * d;
      d = 1 / (Math.abs(d) < tiny ? tiny : d);
      c = 1 + term / c;
      if (Math.abs(c) < tiny) c = tiny;
      h *= d * c;
    }
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  // x^a y^b / (a B(a, b)) from the density of a + b trials, which avoids cancellation.
  return density(a, b, x, y) * b / (a + b) * h;
}

/**
 * Γ(a + b + 1) / (Γ(a + 1) Γ(b + 1)) x^a y^b, as the saddle point and the rest of Stirling's formula. Source: C. Loader, "Fast
 * and accurate computation of binomial probabilities" (2000).
 */
function density(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  const saddle = stirlingRest(n) - stirlingRest(a) - stirlingRest(b) - deviance(a, n * x) - deviance(b, n * y);
  return exp(saddle) * Math.sqrt(n / (2 * Math.PI * a * b));
}

/** ln Γ(x + 1) - ln(√(2πx) (x/e)^x): by its series; by a recurrence where x is small. */
function stirlingRest(x: number): number {
  // rest(x) = rest(x + 1) + (x + 1/2) ln(1 + 1/x) - 1.
  if (x < 16) return stirlingRest(x + 1) + ((x + 0.5) * log1p(1 / x) - 1);
  const r = 1 / (x * x);
  return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - r * 691 / 360360))))) / x;
}

/** x ln(x / m) + m - x, by a series where x is close to m. */
function deviance(x: number, m: number): number {
  const difference = x - m, v = difference / (x + m);
  if (Math.abs(v) >= 0.1) return x * log(x / m) + m - x;
  let sum = difference * v, term = 2 * x * v;
  // v² <= 1/100, so 9 terms suffice.
  for (let j = 1; j <= 9; j++) sum += (term *= v * v) / (2 * j + 1);
  return sum;
}
