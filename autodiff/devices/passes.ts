import { type Shape, sizeOf } from "../ndarray.ts";

/** A reduction of the middle of [outer, length, inner]. */
export interface Pass {
  outer: number;
  length: number;
  inner: number;
}

/** A reduction over some axes as passes, one after the other: neighbouring axes are reduced together, the last ones first. */
export function passesOf(x: Shape, axes: readonly number[]): Pass[] {
  const shape = [...x], pending = axes.filter((axis) => shape[axis] !== 1).sort((a, b) => b - a), passes: Pass[] = [];
  for (let at = 0; at < pending.length; at++) {
    const last = pending[at];
    let first = last;
    while (pending[at + 1] === first - 1) first = pending[++at];
    const [outer, length, inner] = [shape.slice(0, first), shape.slice(first, last + 1), shape.slice(last + 1)].map(sizeOf);
    passes.push({ outer, length, inner });
    shape.fill(1, first, last + 1);
  }
  return passes;
}

/** The shape of a reduction over axes that stay with length 1. */
export function keptShape(x: Shape, axes: readonly number[]): number[] {
  return x.map((length, axis) => axes.includes(axis) ? 1 : length);
}
