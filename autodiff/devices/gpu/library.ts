/** Data on the device: a texture of gpu.js; in its "cpu" mode plain numbers. */
export type Handle = Float32Array | { toArray(): Promise<Float32Array> | Float32Array; delete(): void };

/** A compiled kernel. */
export type Kernel = (...inputs: (Handle | number)[]) => Promise<Handle>;

/** How gpu.js runs kernels: on WebGL 2 or, for tests, as JavaScript. */
export type LibraryMode = "webgl2" | "cpu";

/** What the device needs from gpu.js. */
export interface KernelLibrary {
  /** The mode it runs in. */
  readonly mode: LibraryMode;
  /** The name of the hardware or of its substitute. */
  readonly adapter: string;
  /** Compiles the text of a function to a kernel of `size` elements. */
  compile(source: string, size: number): Kernel;
}

/** The part of gpu.js that is used here. */
interface GpuConstructor {
  new (options: { mode: LibraryMode }): { createKernel(source: string, options: Record<string, unknown>): Kernel };
  readonly isWebGL2Supported: boolean;
}

/**
 * Prepares gpu.js.
 * @param loaded the imported module
 * @param wanted the mode; default: WebGL 2
 * @throws {Error} if `loaded` is not gpu.js, or there is no WebGL 2
 */
export function kernelLibrary(loaded: unknown, wanted: LibraryMode = "webgl2"): KernelLibrary {
  const found = loaded as { GPU?: GpuConstructor; default?: { GPU?: GpuConstructor } | GpuConstructor };
  // The browser file of gpu.js has no exports. It replaces the browser's global GPU, which has no createKernel.
  const GPU = [found.GPU, (found.default as { GPU?: GpuConstructor })?.GPU, found.default, (globalThis as { GPU?: unknown }).GPU]
    .find((one) => typeof one === "function" && "createKernel" in one.prototype) as GpuConstructor | undefined;
  if (GPU === undefined) throw new Error("what was loaded is not gpu.js");
  if (wanted === "webgl2" && !GPU.isWebGL2Supported) throw new Error("there is no WebGL 2");
  const kernels = new GPU({ mode: wanted });
  return {
    mode: wanted,
    adapter: wanted,
    compile: (source, size) =>
      kernels.createKernel(source, { output: [size], pipeline: true, immutable: true, asyncMode: wanted !== "cpu" }),
  };
}
