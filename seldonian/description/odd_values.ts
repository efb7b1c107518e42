import { quantileSorted } from "../../deps.ts";

/** A smaller fraction of values is few. */
const few = 0.05;

/** The fewest rows for which a fraction is meaningful. */
const fewest = 40;

/** Numbers with at most this many distinct values are levels. */
const fewLevels = 10;

/**
 * Oddities of numbers: a few that lie apart from the rest, like marks for missing values or other units; a few with another sign;
 * a value at the end that repeats among values that seldom do.
 */
export function oddValues(values: ArrayLike<number>): string[] {
  const known = Array.from(values).filter((x) => x === x), n = known.length, found: string[] = [];
  if (n < fewest) return found;
  const sorted = Float64Array.from(known).sort() as unknown as number[], low = sorted[0], high = sorted[n - 1];
  if (low === high) return found;
  const distinct = new Set(known).size;
  if (distinct <= fewLevels) {
    const middle = sorted[n >> 1], others = known.filter((x) => x !== middle).length;
    if (others <= Math.max(1, 0.002 * n)) found.push(`all but ${share(others, n)} values are ${short(middle)}`);
    return found;
  }
  const ends = apart(sorted);
  for (const [from, to, count] of ends) {
    const which = from === to ? `${short(from)}` : `${short(from)} to ${short(to)}`;
    found.push(`${share(count, n)} values, ${which}, lie apart from the rest`);
  }
  const negative = sorted.findIndex((x) => x >= 0);
  if (ends.length === 0 && negative > 0 && negative < few * n) found.push(`${share(negative, n)} values are below 0`);
  if (ends.length === 0) {
    for (const end of new Set([low, high])) {
      const count = known.filter((x) => x === end).length;
      if (count >= 5 && count >= 0.005 * n && distinct > 0.3 * n) {
        found.push(`${short(end)} comes ${count} times, where other values seldom come again`);
      }
    }
  }
  return found;
}

/** Values at either end that a gap separates from the rest: a few, or one that repeats: [least, greatest, count]. */
function apart(sorted: readonly number[]): [number, number, number][] {
  const n = sorted.length, found: [number, number, number][] = [];
  const below = beforeGap(sorted), above = beforeGap(sorted.map((x) => -x).reverse());
  if (below > 0) found.push([sorted[0], sorted[below - 1], below]);
  if (above > 0) found.push([sorted[n - above], sorted[n - 1], above]);
  return found;
}

/** The number of least values that lie apart from the rest. */
function beforeGap(sorted: readonly number[]): number {
  const [low] = sorted, times = sorted.findIndex((x) => x !== low), spread = spreadOf(sorted);
  for (let count = spread > 0 ? Math.floor(few * sorted.length) : 0; count > 0; count--) {
    const a = sorted[count - 1], b = sorted[count], ratio = a > 0 ? b / a : b < 0 ? a / b : 1;
    if (b - a > (ratio > 8 ? 0.2 : 0.75) * spread) return count;
  }
  return isMark(low, times, sorted.slice(times)) ? times : 0;
}

/** Whether a repeated number lies apart from many other values, as 0 or 999 does from ages. */
function isMark(low: number, times: number, rest: readonly number[]): boolean {
  if (times < 5 || rest.length < fewest / 2) return false;
  const different = [...new Set(rest)], gap = rest[0] - low;
  if (different.length <= fewLevels) return false;
  const near = different.slice(0, fewLevels), gaps = near.slice(1).map((x, i) => x - near[i]);
  return gap > 0.75 * spreadOf(rest) || gap > 5 * Math.max(...gaps);
}

/** The distance from the first decile to the last. */
function spreadOf(sorted: readonly number[]): number {
  return quantileSorted(sorted as number[], 0.9) - quantileSorted(sorted as number[], 0.1);
}

/**
 * The medians of both halves of numbers in file order, if their distributions differ by more than chance and by a fifth.
 * Source: the two-sample test of N. V. Smirnov (1939), at one in ten million.
 */
export function differentHalves(values: ArrayLike<number>): [number, number] | undefined {
  const known = Array.from(values).filter((x) => x === x), n = known.length, middle = n >> 1;
  if (n < fewest) return undefined;
  const order = known.map((value, i) => ({ value, second: i >= middle })).sort((a, b) => a.value - b.value);
  let first = 0, second = 0, distance = 0;
  order.forEach(({ value, second: isSecond }, i) => {
    if (isSecond) second++;
    else first++;
    if (order[i + 1]?.value !== value) distance = Math.max(distance, Math.abs(first / middle - second / (n - middle)));
  });
  if (distance <= Math.max(0.2, 2 * Math.sqrt(Math.log(2 / 1e-7) / 2 / n))) return undefined;
  return [known.slice(0, middle), known.slice(middle)].map((half) => quantileSorted(half.sort((a, b) => a - b), 0.5)) as [
    number,
    number,
  ];
}

function share(count: number, n: number): string {
  return `${count.toLocaleString("en")} of ${n.toLocaleString("en")}`;
}

export function short(x: number): string {
  return `${Number(x.toPrecision(6))}`;
}
