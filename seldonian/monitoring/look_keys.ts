import type { Source } from "../data/data_set.ts";
import { wholeKeys } from "../data/row_keys.ts";
import { keysOf } from "../data/units.ts";
import type { SeenRows } from "./retest_kinds.ts";

const piece = 8190;

/** The keys of rows in base64: the words of each as they lie in memory, the lower byte first. */
export async function keysText(data: Source): Promise<string> {
  const { buffer, byteOffset, byteLength } = await keysOf([data]), bytes = new Uint8Array(buffer, byteOffset, byteLength);
  // Pieces of whole threes of bytes have no padding between them.
  let text = "";
  for (let i = 0; i < bytes.length; i += piece) text += btoa(String.fromCharCode(...bytes.subarray(i, i + piece)));
  return text;
}

/** Whether rows are the same, in whatever order, by their keys. */
export function areSame(some: BigUint64Array, others: BigUint64Array): boolean {
  if (some.length !== others.length || some.length === 0) return false;
  const sorted = others.slice().sort();
  return some.slice().sort().every((key, i) => key === sorted[i]);
}

/** The keys of rows that were looked at; none, if they are not known. */
export function keysIn({ keys }: Pick<SeenRows, "keys">): BigUint64Array {
  const bytes = Uint8Array.from(atob(keys ?? ""), (char) => char.charCodeAt(0));
  return wholeKeys(new Uint32Array(bytes.buffer, 0, 2 * Math.floor(bytes.length / 8)));
}
