import { type Gpu, openGpu } from "../../autodiff/mod.ts";

/**
 * The chosen GPU; `null` for none.
 * @throws {Error} for "gpu" if there is none, with the reason; "auto" prints it in one line instead
 */
export async function gpuFor(device: "cpu" | "gpu" | "auto" | Gpu): Promise<Gpu | null> {
  if (typeof device !== "string") return device;
  if (device === "cpu") return null;
  try {
    return await openGpu();
  } catch (error) {
    if (device === "gpu") throw error;
    console.error(`Training on the CPU: ${(error as Error).message}`);
    return null;
  }
}
