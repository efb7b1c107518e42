import { type Minimizer, type SearchOptions, searchSettings } from "./minimizer.ts";

/**
 * The simplex method, without gradients. It has n + 1 points: it reflects the worst through the others, and stretches or shrinks
 * the simplex depending on the result. Its factors depend on n, so that it does not stall with many numbers. Sources: J. A.
 * Nelder and R. Mead, "A simplex method for function minimization" (1965); F. Gao and L. Han, "Implementing the Nelder-Mead
 * simplex algorithm with adaptive parameters" (2012).
 * @param spread the simplex's initial size
 * @param tolerance stops when the simplex is this narrow, relative to 1 + max |x|
 */
export function* nelderMead(
  start: ArrayLike<number>,
  options: SearchOptions = {},
): Minimizer {
  const { spread, tolerance } = searchSettings(start, options);
  const n = start.length, expand = 1 + 2 / n, contract = 0.75 - 1 / (2 * n), shrink = n > 1 ? 1 - 1 / n : 0.5;
  const simplex: { x: Float64Array; value: number }[] = [];
  for (let i = 0; i <= n; i++) {
    const x = Float64Array.from(start);
    if (i > 0) x[i - 1] += spread;
    simplex.push({ x, value: (yield x).value });
  }
  while (true) {
    simplex.sort((a, b) => a.value - b.value);
    const [best] = simplex, worst = simplex[n], second = simplex[Math.max(0, n - 1)];
    const width = Math.max(...simplex.map(({ x }) => x.reduce((most, xi, i) => Math.max(most, Math.abs(xi - best.x[i])), 0)));
    const size = 1 + Math.max(...best.x.map(Math.abs));
    if (width <= tolerance * size || n === 0) return best;
    const centre = new Float64Array(n);
    for (const { x } of simplex.slice(0, n)) x.forEach((xi, i) => centre[i] += xi / n);
    /** The point on the line from the worst through the centre, `factor` times their distance beyond the centre. */
    const beyond = (factor: number) => centre.map((c, i) => c + factor * (c - worst.x[i]));
    const at = function* (factor: number): Minimizer {
      const x = beyond(factor);
      return { x, value: (yield x).value };
    };
    const reflected = yield* at(1);
    if (reflected.value < best.value) {
      const stretched = yield* at(expand);
      simplex[n] = stretched.value < reflected.value ? stretched : reflected;
    } else if (reflected.value < second.value) simplex[n] = reflected;
    else {
      const outside = reflected.value < worst.value, contracted = yield* at(outside ? contract : -contract);
      if (contracted.value < Math.min(reflected.value, worst.value)) simplex[n] = contracted;
      else {
        for (const vertex of simplex.slice(1)) {
          vertex.x = vertex.x.map((xi, i) => best.x[i] + shrink * (xi - best.x[i]));
          vertex.value = (yield vertex.x).value;
        }
      }
    }
  }
}
