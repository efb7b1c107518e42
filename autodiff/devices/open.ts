import { loadGpu } from "../../deps.ts";
import { anything, checkOptions, type Known, oneOf } from "../options.ts";
import type { Gpu } from "./gpu.ts";
import type { Mode } from "./gpu/library.ts";

const known: Known<{ mode?: Mode; library?: unknown }> = { mode: oneOf("webgpu", "webgl2", "cpu"), library: anything };

/**
 * Opens the graphics card: `x.to(await openGpu())`. This call loads gpu.js, which runs on WebGPU (Deno, browsers), else on WebGL
 * 2 (browsers). Deno fetches gpu.js itself; elsewhere install the package, or in a page without a bundler add it to the import
 * map.
 * @param options `mode`: gpu.js' mode, "webgpu", "webgl2", or "cpu" for tests; `library`: gpu.js, if you import it yourself
 * @throws {Error} if there is no GPU, or gpu.js cannot be loaded, with the reason
 */
export async function openGpu(options: { mode?: Mode; library?: unknown } = {}): Promise<Gpu> {
  const { mode, library } = checkOptions("use a GPU", options, known);
  try {
    const [{ Gpu }, { kernelLibrary }] = await Promise.all([import("./gpu.ts"), import("./gpu/library.ts")]);
    return new Gpu(await kernelLibrary(library ?? await loaded(), mode));
  } catch (error) {
    throw new Error(`Cannot use a GPU: ${(error as Error).message}; device: "cpu" works everywhere`, { cause: error });
  }
}

async function loaded(): Promise<unknown> {
  try {
    return await loadGpu();
  } catch (error) {
    throw new Error(
      `gpu.js cannot be loaded (${(error as Error).message}): npm install gpu.js@2.24.1, or add it to the import map`,
    );
  }
}
