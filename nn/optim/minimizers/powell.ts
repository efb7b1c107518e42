import { type Found, type Minimizer, type SearchOptions, searchSettings } from "./minimizer.ts";

/**
 * Conjugate directions, without gradients. It minimises along one direction after the other; then the total move of the round
 * replaces the direction that gained most. Sources: M. J. D. Powell, "An efficient method for finding the minimum of a function
 * of several variables without calculating derivatives" (1964); along a line: R. P. Brent, "Algorithms for Minimization without
 * Derivatives" (1973), chapter 5.
 * @param spread the first step along a direction
 * @param tolerance stops when a round moves no number by more
 */
export function* powell(
  start: ArrayLike<number>,
  options: SearchOptions = {},
): Minimizer {
  const { spread, tolerance } = searchSettings(start, options);
  const n = start.length,
    directions = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => i === j ? spread : 0));
  let x: Float64Array = Float64Array.from(start), { value } = yield x;
  while (true) {
    const before = x, first = value;
    let most = 0, best = 0;
    for (const [i, direction] of directions.entries()) {
      const last = value;
      [x, value] = yield* alongLine(x, value, direction, tolerance);
      if (last - value > most) [most, best] = [last - value, i];
    }
    const way = x.map((xi, i) => xi - before[i]), size = 1 + Math.max(...x.map(Math.abs));
    if (!way.some((d) => Math.abs(d) > tolerance * size)) return { x, value };
    const ahead = x.map((xi, i) => xi + way[i]), beyond = (yield ahead).value;
    // Powell's rule: takes the new direction only if the directions stay independent.
    if (beyond < first && 2 * (first - 2 * value + beyond) * (first - value - most) ** 2 < most * (first - beyond) ** 2) {
      [x, value] = yield* alongLine(x, value, way, tolerance);
      directions.splice(best, 1);
      directions.push(way);
    }
  }
}

type Line = Generator<Float64Array, [Float64Array, number], Found>;

/** The least value on a line through x: three points that bracket it, then parabolas and golden sections. */
function* alongLine(x: Float64Array, value: number, direction: Float64Array, tolerance: number): Line {
  const at = (t: number) => x.map((xi, i) => xi + t * direction[i]), golden = (3 - Math.sqrt(5)) / 2;
  let [a, b, fb] = [0, 1, (yield at(1)).value];
  if (!(fb < value)) {
    [a, b] = [1, -1];
    fb = (yield at(-1)).value;
    // So far, the middle is least.
    if (!(fb < value)) return yield* brent(-1, 0, 1, value);
    a = 0;
  }
  for (let i = 0; i < 60; i++) {
    const c = b + (b - a) / golden * (1 - golden), fc = (yield at(c)).value;
    if (!(fc < fb)) return yield* brent(Math.min(a, c), b, Math.max(a, c), fb);
    [a, b, fb] = [b, c, fc];
  }
  return [at(b), fb];

  function* brent(low: number, middle: number, high: number, least: number): Line {
    let [t, w, v, ft, fw, fv, step, before] = [middle, middle, middle, least, least, least, 0, high - low];
    for (let i = 0; i < 100; i++) {
      const mid = (low + high) / 2, near = Math.sqrt(tolerance) * 1e-2 * Math.abs(t) + 1e-10;
      if (Math.abs(t - mid) <= 2 * near - (high - low) / 2) break;
      // The minimum of the parabola through the three best points, if it is inside and steps get shorter.
      const r = (t - w) * (ft - fv), q = (t - v) * (ft - fw), denominator = 2 * (q - r);
      const parabola = denominator === 0 ? NaN : -((t - v) * q - (t - w) * r) / denominator, next = t + parabola;
      if (Math.abs(parabola) < Math.abs(before) / 2 && next > low && next < high) [before, step] = [step, parabola];
      else {
        before = t < mid ? high - t : low - t;
        step = golden * before;
      }
      const u = t + (Math.abs(step) >= near ? step : Math.sign(step || 1) * near), fu = (yield at(u)).value;
      if (fu <= ft) {
        if (u < t) high = t;
        else low = t;
        [v, fv, w, fw, t, ft] = [w, fw, t, ft, u, fu];
      } else {
        if (u < t) low = u;
        else high = u;
        if (fu <= fw || w === t) [v, fv, w, fw] = [w, fw, u, fu];
        else if (fu <= fv || v === t || v === w) [v, fv] = [u, fu];
      }
    }
    return ft < value ? [at(t), ft] : [x, value];
  }
}
