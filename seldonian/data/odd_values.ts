import { quantileSorted } from "../../deps.ts";

/** Values fewer than this part are few. */
const few = 0.05;

/** Rows from which on a part of them says something. */
const fewest = 40;

/** Numbers of so few different values are levels. */
const fewLevels = 10;

/**
 * What is odd of numbers: a few that lie apart from the rest, as marks for missing values and other units do; a few with another sign;
 * a value at the end that comes again and again among values that seldom do.
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

/** A few values at either end that a gap separates from the rest: [least, greatest, how many]. */
function apart(sorted: readonly number[]): [number, number, number][] {
  const n = sorted.length,
    most = Math.floor(few * n),
    spread = quantileSorted(sorted as number[], 0.9) - quantileSorted(sorted as number[], 0.1);
  const wide = (a: number, b: number) => b - a > 0.75 * spread && b - a > 0 || (a > 0 && b / a > 8 && b - a > 0.2 * spread);
  const found: [number, number, number][] = [];
  for (let i = most - 1; i >= 0; i--) {
    if (!wide(sorted[i], sorted[i + 1])) continue;
    found.push([sorted[0], sorted[i], i + 1]);
    break;
  }
  for (let i = n - most; i < n; i++) {
    if (!wide(sorted[i - 1], sorted[i])) continue;
    found.push([sorted[i], sorted[n - 1], n - i]);
    break;
  }
  return found;
}

/**
 * The medians of both halves of numbers in the order of the file, where their distributions differ by more than chance and by a fifth.
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
