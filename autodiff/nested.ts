import { shown } from "./options.ts";
import { type Shape, showShape, sizeOf } from "./shape.ts";

/** Numbers, nested as deep as the tensor has axes. */
export type Nested = number | readonly Nested[];

/** The lengths of nested arrays, by the first element of each level. */
export function shapeOf(data: Nested): number[] {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

/**
 * The numbers of nested arrays in row-major order.
 * @throws {RangeError} for ragged arrays, and {TypeError} for what is neither a number nor an array, both with the place
 */
export function flatNumbers(data: Nested, shape: Shape): ArrayLike<number> {
  const last = shape.length - 1;
  const fits = (level: Nested, axis: number): boolean => {
    if (!Array.isArray(level) || level.length !== shape[axis]) return false;
    if (axis < last) { for (const item of level) if (!fits(item, axis + 1)) return false; }
    return true;
  };
  if (!fits(data, 0)) return flatOrRefused(data, shape);
  // A list of numbers is copied whenever it grows.
  const flat = new Float64Array(sizeOf(shape));
  let end = 0;
  const fills = (level: readonly Nested[], axis: number): boolean => {
    for (let i = 0; i < level.length; i++) {
      const item = level[i];
      if (axis < last) {
        if (!fills(item as readonly Nested[], axis + 1)) return false;
      } else if (typeof item === "number") flat[end++] = item;
      else return false;
    }
    return true;
  };
  return fills(data as readonly Nested[], 0) ? flat : flatOrRefused(data, shape);
}

/** The same, in an array that grows, with the place of what is no number. */
function flatOrRefused(data: Nested, shape: Shape): number[] {
  const flat: number[] = [];
  const visit = (level: Nested, axis: number, place: string) => {
    if (typeof level === "number" && axis === shape.length) return flat.push(level);
    if (typeof level !== "number" && !Array.isArray(level)) {
      throw new TypeError(
        `Cannot make a tensor of ${shown(level)}${place && ` at ${place}`}: wanted numbers, or arrays of numbers`,
      );
    }
    if (typeof level === "number" || axis === shape.length || level.length !== shape[axis]) {
      throw new RangeError(
        `Cannot make a tensor of ragged arrays: ${place || "the data"} should have shape ${showShape(shape.slice(axis))}`,
      );
    }
    level.forEach((item, i) => visit(item, axis + 1, `${place}[${i}]`));
  };
  visit(data, 0, "");
  return flat;
}
