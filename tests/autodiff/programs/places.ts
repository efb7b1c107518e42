/** Elements of arrays by their coordinates. */
import { sizeOf } from "../../helpers/tensors.ts";

/** An element's coordinates, in row-major order. */
function placeOf(index: number, shape: readonly number[]): number[] {
  const place = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place[axis] = index % shape[axis];
    index = Math.floor(index / shape[axis]);
  }
  return place;
}

export function indexOf(place: readonly number[], shape: readonly number[]): number {
  return place.reduce((index, at, axis) => index * shape[axis] + at, 0);
}

export const places = (shape: readonly number[]) => Array.from({ length: sizeOf(shape) }, (_, i) => placeOf(i, shape));

/** For every element of the larger shape, the element of the smaller shape that repeats there. */
export function repeats(from: readonly number[], to: readonly number[]): number[] {
  const missing = to.length - from.length;
  return places(to).map((place) => indexOf(from.map((length, axis) => length === 1 ? 0 : place[axis + missing]), from));
}

export function broadcast(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length), shape: number[] = [];
  for (let i = rank; i >= 1; i--) {
    const p = a[a.length - i] ?? 1, q = b[b.length - i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) return null;
    shape.push(p === 1 ? q : p);
  }
  return shape;
}
