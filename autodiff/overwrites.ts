/** When tensors were overwritten, so that a gradient rule does not take new numbers for those that it was recorded with. @module */
import type { TypedArray } from "./dtype.ts";
import type { Strided } from "./ndarray.ts";

/** A write to bytes of a buffer, and when: a number in the order in which tensors are made. */
interface Write {
  readonly start: number;
  readonly end: number;
  order: number;
}

/** The last write to each part of a buffer, and when the last of all was. */
interface Writes {
  readonly parts: Write[];
  latest: number;
}

/** Writes by buffer; on a device, where a write replaces the array, by tensor. */
const writes = new WeakMap<object, Writes>();
/** When the last write was. A node after it, as nearly all are, needs no search. */
let latest = -1;

/** The number that the next tensor gets: the time, as gradients know it. */
let next = 0;

/** Counts a tensor. */
export function counted(): number {
  return next++;
}

/** Notes a write to bytes of a buffer, or with nothing but a key, to an object as a whole. */
export function noteOverwrite(key: object, start = 0, end = Infinity): void {
  note(key, start, end, latest = next++);
}

function note(key: object, start: number, end: number, order: number): void {
  let own = writes.get(key);
  if (own === undefined) writes.set(key, own = { parts: [], latest: order });
  own.latest = Math.max(own.latest, order);
  const known = own.parts.find((part) => part.start === start && part.end === end);
  if (known === undefined) own.parts.push({ start, end, order });
  else known.order = order;
}

/** Notes that a program wrote to flat numbers, such as parameters, in place. */
export function noteOverwritten({ buffer, byteOffset, byteLength }: TypedArray): void {
  noteOverwrite(buffer, byteOffset, byteOffset + byteLength);
}

/** Notes that numbers were copied, with what is known of their writes. */
export function noteCopy(from: TypedArray, to: TypedArray): void {
  const by = to.byteOffset - from.byteOffset;
  for (const { start, end, order } of writes.get(from.buffer)?.parts ?? []) {
    if (start < from.byteOffset + from.byteLength && end > from.byteOffset) note(to.buffer, start + by, end + by, order);
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

/** Whether a tensor, if it is on a device, was assigned after the tensor with this number was made. */
export function replacedSince(order: number, tensor: object): boolean {
  return (writes.get(tensor)?.latest ?? -1) > order;
}

/** Whether an array was overwritten after the tensor with this number was made. */
export function overwrittenSince(order: number, array: Strided & { data: TypedArray }): boolean {
  const known = writes.get(array.data.buffer);
  if (known === undefined || known.latest <= order) return false;
  const [first, last] = bytesOf(array);
  return known.parts.some(({ start, end, order: when }) => when > order && start < last && first < end);
}
