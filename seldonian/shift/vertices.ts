/** The most vertices; each is tested. */
const most = 256;

/** Pieces of a set with two vertices. */
const pieces = 8;

/** The rounding of a sum of proportions. */
const slack = 2 ** -49;

/**
 * The vertices of the distributions within limits, {p: low <= p <= high, Σ p = 1}: all but one proportion are at a limit.
 * @throws {RangeError} for more than 256
 */
export function vertices(limits: readonly { low: number; high: number }[]): number[][] {
  const found = new Map<string, number[]>(), known = limits.map(({ low }) => low);
  const open = limits.flatMap(({ low, high }, i) => high > low ? [i] : []);
  const tooMany = () =>
    new RangeError(
      `Cannot shift ${open.length} groups by intervals: the worst case is one of more than ${most}; ` +
        "wanted known proportions for some, or fewer groups",
    );
  // Numbers that sum to 1 but for rounding.
  if (open.length === 0) return [scaled(known)];
  if (open.length > 16) throw tooMany();
  // Decimals such as 0.333 that should sum to 1, and do not quite, have a population all the same.
  for (const room of [slack, 1e-9]) {
    for (let code = 0; code < 2 ** open.length; code++) {
      const p = known.slice();
      open.forEach((group, bit) => p[group] = code >> bit & 1 ? limits[group].high : limits[group].low);
      const sum = p.reduce((total, part) => total + part, 0);
      for (const [bit, group] of open.entries()) {
        // The free proportion starts at its lower limit, so that no vertex is found twice by it.
        if (code >> bit & 1) continue;
        const { low, high } = limits[group], free = low + 1 - sum;
        if (free < low - room || free > high + room) continue;
        // Rounding must not make two vertices of one, nor one of two that are close.
        const part = free < low + slack ? low : free > high - slack ? high : free, vertex = scaled(p.with(group, part));
        found.set(`${vertex}`, vertex);
        if (found.size > most) throw tooMany();
      }
    }
    if (found.size > 0) break;
  }
  return [...found.values()];
}

/** The numbers over their sum. */
export function scaled(p: readonly number[]): number[] {
  const sum = p.reduce((total, part) => total + part, 0);
  return p.map((part) => part / sum);
}

/** The ends of the pieces of a set with two vertices, in order; otherwise the vertices. */
export function pointsOf(corners: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const [first, last] = corners;
  if (corners.length !== 2) return corners;
  return Array.from({ length: pieces + 1 }, (_, k) => first.map((p, d) => p + (last[d] - p) * k / pieces));
}
