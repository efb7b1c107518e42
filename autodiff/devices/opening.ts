import { loadGpu } from "../../deps.ts";
import { anything, checkOptions, type Known, oneOf } from "../options.ts";
import type { Gpu, Mode } from "./gpu_device.ts";

const known: Known<{ mode?: Mode; library?: unknown }> = { mode: oneOf("webgpu", "webgl2", "cpu"), library: anything };

/** See {@link openGpu}. */
export async function opened(options: { mode?: Mode; library?: unknown }): Promise<Gpu> {
  const { mode, library } = checkOptions("use a GPU", options, known);
  try {
    const own = mode === undefined || mode === "webgpu" ? await (await import("./webgpu/open.ts")).openWebGpu() : null;
    if (own !== null) return own;
    const none = (globalThis.navigator as { gpu?: unknown } | undefined)?.gpu === undefined
      ? "this runtime has no WebGPU"
      : "WebGPU finds no adapter";
    if (mode === "webgpu") throw new Error(none);
    if (mode === undefined && !hasWebGl2()) throw new Error(`${none}, and there is no WebGL 2`);
    const [{ GpuJs }, { kernelLibrary }] = await Promise.all([import("./gpu.ts"), import("./gpu/library.ts")]);
    return new GpuJs(kernelLibrary(library ?? await loadedGpuJs(), mode));
  } catch (error) {
    throw new Error(`Cannot use a GPU: ${(error as Error).message}; device: "cpu" works everywhere`, { cause: error });
  }
}

async function loadedGpuJs(): Promise<unknown> {
  try {
    return await loadGpu();
  } catch (error) {
    throw new Error(
      `gpu.js cannot be loaded (${(error as Error).message}): npm install gpu.js@2.24.1, or add it to the import map`,
    );
  }
}

/** Whether gpu.js is worth its loading. */
function hasWebGl2(): boolean {
  type Canvas = { getContext(kind: "webgl2"): unknown };
  const { document, OffscreenCanvas } = globalThis as unknown as {
    document?: { createElement(name: "canvas"): Canvas };
    OffscreenCanvas?: new (width: number, height: number) => Canvas;
  };
  try {
    return Boolean((document?.createElement("canvas") ?? (OffscreenCanvas && new OffscreenCanvas(1, 1)))?.getContext("webgl2"));
  } catch {
    return false;
  }
}
