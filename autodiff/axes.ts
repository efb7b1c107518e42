import { rowMajor, type Shape, sizeOf } from "./shape.ts";
import type { AnyArray } from "./remote_array.ts";
import { contiguous, viewOf } from "./views.ts";

/** A reduction of the middle of [outer, length, inner]. */
export interface Fold {
  outer: number;
  length: number;
  inner: number;
}

/** A reduction over axes as a sequence of folds, last axes first. Neighbouring axes form one fold. */
export function foldsOf(x: Shape, axes: readonly number[]): Fold[] {
  const shape = [...x], pending = axes.filter((axis) => shape[axis] !== 1).sort((a, b) => b - a), folds: Fold[] = [];
  for (let at = 0; at < pending.length; at++) {
    const last = pending[at];
    let first = last;
    while (pending[at + 1] === first - 1) first = pending[++at];
    const [outer, length, inner] = [shape.slice(0, first), shape.slice(first, last + 1), shape.slice(last + 1)].map(sizeOf);
    folds.push({ outer, length, inner });
    shape.fill(1, first, last + 1);
  }
  return folds;
}

/** The result shape of a reduction that keeps the reduced axes with length 1. */
export function keptShape(x: Shape, axes: readonly number[]): number[] {
  return x.map((length, axis) => axes.includes(axis) ? 1 : length);
}

/** A view of an array as [before, groups, after]: each index of the middle axis is a group. */
export interface Grouping {
  /** [before, groups, after]. */
  shape: readonly [number, number, number];
  /** The axis order for the copy that this view needs; `null` if it needs none. */
  order: readonly number[] | null;
}

/**
 * Groups the elements that differ only in their positions along `axes`: the rows of [rows, columns] for axis 1, the channels of
 * images for [0, 2, 3].
 * @param together whether each group must be contiguous (before = 1)
 */
export function groupingOf(shape: Shape, axes: readonly number[], together = false): Grouping {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis)),
    long = kept.filter((axis) => shape[axis] !== 1);
  const first = long[0] ?? 0, end = long.length === 0 ? 0 : long[long.length - 1] + 1;
  const [before, groups, after] = [shape.slice(0, first), shape.slice(first, end), shape.slice(end)].map(sizeOf);
  const apart = axes.some((axis) => axis > first && axis < end && shape[axis] !== 1);
  if (!apart && (!together || before === 1)) return { shape: [before, groups, after], order: null };
  const some = [kept, axes].map((axes) => sizeOf(axes.map((axis) => shape[axis])));
  return { shape: [1, some[0], some[1]], order: [...kept, ...axes] };
}

/** The array as [before, groups, after], in row-major order. */
export function grouped<A extends AnyArray>(x: A, { shape, order }: Grouping): A {
  const ordered = order === null ? x : viewOf(x, order.map((axis) => x.shape[axis]), order.map((axis) => x.stride[axis]));
  return viewOf(contiguous(ordered), shape);
}

/** The inverse of {@link grouped}: views an array [before, groups, after] in its original shape. */
export function ungrouped<A extends AnyArray>(z: A, { order }: Grouping, shape: Shape): A {
  if (order === null) return viewOf(z, shape);
  const stride = rowMajor(order.map((axis) => shape[axis]));
  return viewOf(z, shape, shape.map((_, axis) => stride[order.indexOf(axis)]));
}

/** Splits moments [2, groups] into two arrays [1, groups, 1]. */
export function rowsOf<A extends AnyArray>(moments: A): [mean: A, variance: A] {
  const groups = moments.shape[1];
  const row = (start: number) =>
    viewOf(moments, [1, groups, 1], [0, moments.stride[1], 0], moments.offset + start * moments.stride[0]);
  return [row(0), row(1)];
}
