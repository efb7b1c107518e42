import { loadGpu } from "../../deps.ts";
import { anything, checkOptions, type Known, oneOf } from "../options.ts";
import type { Gpu } from "./gpu.ts";
import type { Mode } from "./gpu/library.ts";

const known: Known<{ mode?: Mode; library?: unknown }> = { mode: oneOf("webgpu", "webgl2", "cpu"), library: anything };

/**
 * The graphics card, ready to bring tensors to: `x.to(await openGpu())`. gpu.js is loaded here, and not before: it runs on WebGPU
 * (Deno, browsers), else on WebGL 2 (browsers). Deno fetches it by itself; elsewhere it is a package to install, or in a page without
 * a bundler a name in its import map.
 * @param options `mode`: one of gpu.js' own, "webgpu", "webgl2" or "cpu", which is for tests; `library`: gpu.js, if you import it
 * @throws {Error} if there is none, or gpu.js cannot be loaded: what was found
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
      `gpu.js cannot be loaded (${(error as Error).message}): npm install gpu.js@2.24.1, or name it in the import map`,
    );
  }
}
