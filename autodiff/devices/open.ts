import type { Gpu, Mode } from "./gpu_device.ts";

/**
 * Opens the graphics card: `x.to(await openGpu())`. On WebGPU (Deno, browsers; Node and Bun where a package gives
 * `navigator.gpu`) it runs the kit's own kernels, after a test of a product and a convolution. Where there is none it loads
 * gpu.js, which runs on WebGL 2 (browsers): install the package, or in a page without a bundler add it to the import map.
 * @param options `mode`: "webgpu", "webgl2", or for tests "cpu", gpu.js' kernels as JavaScript; default: the first that is there.
 * `library`: gpu.js, if you import it yourself
 * @throws {Error} if there is no GPU, it gives wrong numbers, or gpu.js cannot be loaded, with the reason
 */
export async function openGpu(options: { mode?: Mode; library?: unknown } = {}): Promise<Gpu> {
  return await (await import("./opening.ts")).opened(options);
}
