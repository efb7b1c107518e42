/** What consoles print. @module */
import type { NdArray } from "./ndarray.ts";
import { sizeOf } from "./shape.ts";

/** The name of the method with which consoles of Deno, Node and Bun print an object. */
export const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** As in NumPy: tensors of more elements are shortened to so many at each end of an axis. */
const most = 1000, ends = 3;
/** The most signs of a line. */
const width = 100;

/** The elements as aligned nested lists, indented by some signs, with "…" in place of the inner elements of a large tensor. */
export function elements({ data, dtype, shape, stride, offset }: NdArray, indent: number): string {
  const shorten = sizeOf(shape) > most;
  const places = (axis: number): number[] =>
    shorten && shape[axis] > 2 * ends
      ? [...Array.from({ length: ends }, (_, i) => i), -1, ...Array.from({ length: ends }, (_, i) => shape[axis] - ends + i)]
      : Array.from({ length: shape[axis] }, (_, i) => i);
  const shown: number[] = [];
  const collect = (axis: number, at: number) => {
    if (axis === shape.length) shown.push(data[at]);
    else for (const i of places(axis)) if (i >= 0) collect(axis + 1, at + i * stride[axis]);
  };
  collect(0, offset);
  const texts = written(shown, dtype === "float64" ? 8 : 4), widest = Math.max(0, ...texts.map(({ length }) => length));
  let next = 0;
  const nest = (axis: number, indent: number): string => {
    if (axis === shape.length) return texts[next++];
    const last = axis === shape.length - 1;
    const parts = places(axis).map((i) => i < 0 ? "…" : last ? nest(axis + 1, 0).padStart(widest) : nest(axis + 1, indent + 1));
    if (!last) return `[${parts.join(`,${"\n".repeat(shape.length - axis - 1)}${" ".repeat(indent + 1)}`)}]`;
    const lines = [""];
    for (const [i, part] of parts.entries()) {
      const line = lines.length - 1, joined = i === 0 ? part : `${lines[line]}, ${part}`;
      if (i === 0 || joined.length + indent <= width) lines[line] = joined;
      else {
        lines[line] += ",";
        lines.push(part);
      }
    }
    return `[${lines.join(`\n${" ".repeat(indent + 1)}`)}]`;
  };
  return nest(0, indent);
}

/** Numbers with the same number of digits: the fewest that show each to `digits` places, with exponents if some are tiny or huge. */
function written(numbers: readonly number[], digits: number): string[] {
  const sizes = numbers.map(Math.abs).filter((size) => size > 0 && size < Infinity);
  const far = sizes.some((size) => size >= 1e8 || size < 1e-4) && !numbers.every(Number.isInteger);
  const write = (x: number, places: number) => !Number.isFinite(x) ? `${x}` : far ? x.toExponential(places) : x.toFixed(places);
  let places = 0;
  for (const x of numbers) {
    const [, fraction = ""] = /\.(\d*?)0*(?:e|$)/.exec(write(x, digits)) ?? [];
    places = Math.max(places, fraction.length);
  }
  return numbers.map((x) => write(x, places));
}

/** The same object, which consoles show as a text; all its properties stay as they are. */
export function shownAs<T extends object>(object: T, text: (object: T) => string): T {
  return Object.defineProperty(object, inspect, { value: () => text(object), configurable: true });
}

/** Lines of texts in columns, flush right, or flush left where `left` says so. */
export function inColumns(rows: readonly (readonly string[])[], left: (column: number) => boolean = () => false): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const padded = (text: string, column: number) => left(column) ? text.padEnd(widths[column]) : text.padStart(widths[column]);
  return rows.map((row) => row.map(padded).join("  ").trimEnd());
}

/** The first numbers of a list of `size`, and the last, for a look at it. */
export function someOf(size: number, first: number, last = first): number[] {
  return Array.from(
    { length: Math.min(size, first + last) },
    (_, i) => i < first || size <= first + last ? i : size - (first + last - i),
  );
}
