import { type Gpu, openGpu } from "../../autodiff/mod.ts";
import type { Asked } from "./auto_device.ts";

/**
 * The chosen GPU; `null` for none. "auto" prints in one line what it chose, and why.
 * @throws {Error} for "gpu" if there is none, with the reason
 */
export async function gpuFor(device: "cpu" | "gpu" | "auto" | Gpu, asked: Asked): Promise<Gpu | null> {
  if (typeof device !== "string") return device;
  if (device === "cpu") return null;
  if (device === "gpu") return await openGpu();
  const { gpu, why } = await (await import("./auto_device.ts")).expectedFaster(asked);
  console.error(`Training on the ${gpu === null ? "CPU" : `GPU (${gpu.adapter})`}: ${why}`);
  return gpu;
}
