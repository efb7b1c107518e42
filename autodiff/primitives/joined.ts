import type { Device } from "../device.ts";
import type { AnyArray } from "../remote_array.ts";
import { contiguous, viewOf } from "../views.ts";

/** Concatenates the elements of arrays. */
export function joined(device: Device<AnyArray>, arrays: readonly AnyArray[]): AnyArray {
  const size = arrays.reduce((sum, x) => sum + x.size, 0);
  return device.concatenate(arrays.map((x) => viewOf(contiguous(x), [x.size])), 0, [size]);
}
