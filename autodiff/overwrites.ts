import type { TypedArray } from "./dtype.ts";
import type { Strided } from "./ndarray.ts";

/** When tensors were overwritten, so that a gradient rule does not take new numbers for those that it was recorded with. */

/** A write to bytes of a buffer, and when: a number in the order in which tensors are made. */
interface Write {
  start: number;
  end: number;
  order: number;
}

/** The last writes to parts of a buffer, by their ends; on a device, where a write replaces the array, to a tensor. */
const writes = new WeakMap<object, Map<string, Write>>();
/** When the last write was. A node after it, as nearly all are, needs no search. */
let latest = -1;

/** The number that the next tensor gets: the time, as gradients know it. */
let next = 0;

/** Counts a tensor. */
export function counted(): number {
  return next++;
}

/** Notes a write to an array, or with nothing but a key, to an object as a whole. */
export function noteOverwrite(key: object, start = 0, end = Infinity): void {
  let own = writes.get(key);
  if (own === undefined) writes.set(key, own = new Map());
  own.set(`${start} ${end}`, { start, end, order: latest = next++ });
}

/** Notes that a program wrote to flat numbers, such as parameters, in place. */
export function noteOverwritten({ buffer, byteOffset, byteLength }: TypedArray): void {
  noteOverwrite(buffer, byteOffset, byteOffset + byteLength);
}

/** Notes that numbers were copied, with what is known of their writes. */
export function noteCopy(from: TypedArray, to: TypedArray): void {
  const known = writes.get(from.buffer);
  if (known === undefined) return;
  let own = writes.get(to.buffer);
  if (own === undefined) writes.set(to.buffer, own = new Map());
  const by = to.byteOffset - from.byteOffset;
  for (const { start, end, order } of known.values()) {
    if (start >= from.byteOffset + from.byteLength || end <= from.byteOffset) continue;
    own.set(`${start + by} ${end + by}`, { start: start + by, end: end + by, order });
  }
}

/** The bytes of an array in its buffer. */
export function bytesOf({ data, shape, stride, offset }: Strided & { data: TypedArray }): [start: number, end: number] {
  let last = offset;
  for (let axis = 0; axis < shape.length; axis++) last += (shape[axis] - 1) * stride[axis];
  const at = (place: number) => data.byteOffset + place * data.BYTES_PER_ELEMENT;
  return [at(offset), at(last + 1)];
}

/** Whether anything was overwritten after the tensor with this number was made. */
export function anySince(order: number): boolean {
  return order < latest;
}

/** Whether these bytes were overwritten after the tensor with this number was made. */
export function overwrittenSince(order: number, key: object, start = 0, end = Infinity): boolean {
  for (const write of writes.get(key)?.values() ?? []) {
    if (write.order > order && write.start < end && start < write.end) return true;
  }
  return false;
}
