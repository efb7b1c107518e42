/** Snapshots of tensors. */
import type { Tensor } from "../../../autodiff/mod.ts";

/** A snapshot of a tensor, or the message of the error thrown instead. */
export type Seen = { dtype: string; shape: readonly number[]; requiresGrad: boolean; data: ArrayLike<number> } | string;

export function seen(x: Tensor): Seen {
  return { dtype: x.dtype, shape: x.shape.slice(), requiresGrad: x.requiresGrad, data: x.data.slice() };
}

export function same(a: Seen, b: Seen): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  if (a.dtype !== b.dtype || a.requiresGrad !== b.requiresGrad || a.data.length !== b.data.length) return false;
  if (a.shape.length !== b.shape.length || a.shape.some((length, axis) => length !== b.shape[axis])) return false;
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return false;
  return true;
}

export const show = (x: Seen | undefined) =>
  x === undefined || typeof x === "string" ? `${x}` : JSON.stringify({ ...x, data: [...x.data as number[]] });
