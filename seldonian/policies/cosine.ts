/**
 * cos x, with an error below 1e-12 for |x| < 1e4, by its Taylor series about the nearest multiple of 2 pi. Runtimes round Math.cos
 * differently, and episodes are to be the same everywhere.
 */
export function cosine(x: number): number {
  const r = x - 2 * Math.PI * Math.round(x / (2 * Math.PI)), square = -r * r;
  let term = 1, sum = 1;
  for (let k = 1; k <= 15; k++) sum += term *= square / ((2 * k - 1) * (2 * k));
  return sum;
}
