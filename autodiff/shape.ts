import { shown } from "./options.ts";

/** Lengths of the axes; `[]` is a scalar. */
export type Shape = readonly number[];

/** The elements start, start + step, … of an axis, `length` in all. */
export interface AxisRange {
  /** Index of the axis, from 0. */
  axis: number;
  /** Index of the first element. */
  start: number;
  /** Number of elements. */
  length: number;
  /** Distance from one to the next. */
  step: number;
  /** Length of the whole axis. */
  whole: number;
}

/**
 * Checks a shape.
 * @param least -1 if one length may be left open
 * @throws {TypeError} unless it is a list of whole numbers
 */
export function requireShape(action: string, shape: unknown, least: 0 | -1 = 0): void {
  let good = Array.isArray(shape);
  for (let axis = 0; good && axis < (shape as Shape).length; axis++) {
    const length = (shape as Shape)[axis];
    good = Number.isInteger(length) && length >= least;
  }
  if (good) return;
  const found = Array.isArray(shape) ? `[${shape.map(shown).join(", ")}]` : shown(shape);
  throw new TypeError(`Cannot ${action} shape ${found}: wanted whole numbers, as in [2, 3]`);
}

/** The shape and strides of every scalar. */
export const none: number[] = Object.freeze<number[]>([]) as number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) size *= shape[axis];
  return size;
}

/** The most axes of an array in a file, as in NumPy. */
const mostAxes = 64;

/**
 * The number of elements of a shape that a file claims.
 * @throws what `fail` makes of a shape that no array has
 */
export function claimedSize(shape: Shape, fail: (why: string) => Error): number {
  if (shape.length > mostAxes) throw fail(`it has ${shape.length} axes, and the limit is ${mostAxes}`);
  // Lengths beside one of 0 count too: strides are products of them.
  if (!Number.isSafeInteger(sizeOf(shape.filter((length) => length > 0)))) {
    throw fail(`it has the shape ${showShape(shape)}, more than fits in memory`);
  }
  return sizeOf(shape);
}

/** Row-major strides in elements. */
export function rowMajor(shape: Shape): number[] {
  if (shape.length === 0) return none;
  const stride = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    stride[axis] = step;
    step *= shape[axis];
  }
  return stride;
}

let rowsNow: number | null = null;

/** Runs `compute`, in which broadcasting [rows, 1] with [rows] is an error: the result would have every pair of rows. */
export function withoutPairs<T>(rows: number, compute: () => T): T {
  const before = rowsNow;
  rowsNow = rows;
  try {
    return compute();
  } finally {
    rowsNow = before;
  }
}

/** The common shape of two arrays, broadcast as in NumPy: aligned at the last axis, lengths equal or one of them 1. */
export function broadcastShapes(a: Shape, b: Shape, action: string): number[] {
  const rank = Math.max(a.length, b.length);
  if (rowsNow !== null && a.length + b.length === 3 && rowsNow > 1) {
    const [column, row] = a.length === 2 ? [a, b] : [b, a];
    if (column[0] === rowsNow && column[1] === 1 && row[0] === rowsNow) {
      throw new RangeError(
        `Cannot ${action} ${showShape(a)} and ${
          showShape(b)
        } in an objective: the result would have every pair of rows. For one number per ` +
          "row, reshape one, as in p.reshape(-1); for every pair, write p.reshape(1, -1)",
      );
    }
  }
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const p = a[a.length - i] ?? 1, q = b[b.length - i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) {
      throw new RangeError(
        `Cannot ${action} ${showShape(a)} and ${showShape(b)}: axis ${rank - i} has lengths ${p} and ${q}, and only ` +
          `equal lengths or 1 broadcast`,
      );
    }
    shape[rank - i] = p === 1 ? q : p;
  }
  return shape;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** A shape in an error message, such as `[2, 3]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}
