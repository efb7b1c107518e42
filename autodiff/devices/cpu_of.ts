import type { Device } from "../device.ts";
import type { NdArray } from "../ndarray.ts";
import type { AnyArray } from "../remote_array.ts";
import { cpu } from "./cpu.ts";

/** The CPU with what a primitive brings along. */
export function cpuOf(primitive: { cpu?: Partial<Device<NdArray>> }): Device<AnyArray> {
  return (primitive.cpu ?? cpu) as Device<AnyArray>;
}
