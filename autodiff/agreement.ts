/** Whether two recordings compute the same. @module */
import type { TypedArray } from "./dtype.ts";
import type { Operation } from "./entries.ts";
import type { NdArray } from "./ndarray.ts";
import { sameShape } from "./shape.ts";

/** Whether operations agree; `twins` maps the results of one recording to those of the other. */
export function sameOperation(a: Operation, b: Operation, twins: Map<TypedArray, TypedArray>): boolean {
  const same = a.primitive === b.primitive && a.inputs.length === b.inputs.length && sameShape(a.shape, b.shape) &&
    sameOptions(a.options, b.options) && a.made.length === b.made.length &&
    a.inputs.every((x, i) => sameInput(x, b.inputs[i], twins));
  for (const [x, y] of [[a.output, b.output], [a.saved, b.saved], ...a.made.map((x, i) => [x, b.made[i]])]) {
    if (x !== null && y !== null && x !== undefined && y !== undefined) twins.set(x.data, y.data);
  }
  return same;
}

/** Whether inputs are the same storage, results of the same operation, or constants with the same bits. */
function sameInput(x: NdArray, y: NdArray, twins: Map<TypedArray, TypedArray>): boolean {
  if (!sameShape(x.shape, y.shape) || !sameShape(x.stride, y.stride) || x.offset !== y.offset || x.dtype !== y.dtype) {
    return false;
  }
  if (x.data === y.data) return true;
  const twin = twins.get(x.data);
  if (twin !== undefined) return twin === y.data;
  return sameBits(x.data, y.data);
}

function sameOptions(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) || a.constructor !== b.constructor) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length &&
    names.every((name) => sameOptions((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}

/** Whether numbers are equal bit by bit, except that all NaN are. */
export function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (value, i) => Object.is(value, b[i]));
}
