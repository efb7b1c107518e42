/** Data on the device: a buffer or texture of gpu.js; in its "cpu" mode plain numbers. */
export type Handle = Float32Array | { toArray(): Promise<Float32Array> | Float32Array; delete(): void };

/** A compiled kernel. */
export type Kernel = (...inputs: (Handle | number)[]) => Promise<Handle>;

/** How gpu.js runs kernels: on WebGPU, on WebGL, or, for tests, as JavaScript. */
export type Mode = "webgpu" | "webgl2" | "cpu";

/** What the device needs from gpu.js. */
export interface KernelLibrary {
  /** The mode it runs in. */
  readonly mode: Mode;
  /** The name of the hardware or of its substitute. */
  readonly adapter: string;
  /** Whether a thread can compute four elements. */
  readonly quads: boolean;
  /** Compiles the text of a function to a kernel of `size` elements, one or four per thread. */
  compile(source: string, size: number, each: 1 | 4): Kernel;
  /** Reports errors outside calls, such as a lack of memory. */
  onError(listener: (message: string) => void): void;
}

/** The part of gpu.js that is used here. */
interface GpuConstructor {
  new (options: { mode: Mode }): { createKernel(source: string, options: Record<string, unknown>): Kernel };
  readonly isWebGL2Supported: boolean;
}

interface Adapter {
  info?: { description?: string; vendor?: string; architecture?: string };
}

/** A handle in WebGPU mode, with its device. */
interface DeviceHandle {
  toArray(): Promise<Float32Array>;
  delete(): void;
  context: { device: EventTarget };
  constructor: new (settings: unknown) => DeviceHandle;
}

/**
 * Prepares gpu.js.
 * @param loaded the imported module
 * @param wanted the mode; default: the best available
 * @throws {Error} if `loaded` is not gpu.js, or there is no hardware for it
 */
export async function kernelLibrary(loaded: unknown, wanted?: Mode): Promise<KernelLibrary> {
  const found = loaded as { GPU?: GpuConstructor; default?: { GPU?: GpuConstructor } | GpuConstructor };
  // The browser file of gpu.js has no exports. It replaces the browser's global GPU, which has no createKernel.
  const GPU = [found.GPU, (found.default as { GPU?: GpuConstructor })?.GPU, found.default, (globalThis as { GPU?: unknown }).GPU]
    .find((one) => typeof one === "function" && "createKernel" in one.prototype) as GpuConstructor | undefined;
  if (GPU === undefined) throw new Error("what was loaded is not gpu.js");
  const gpu = (globalThis.navigator as { gpu?: { requestAdapter(): Promise<Adapter | null> } } | undefined)?.gpu;
  const adapter = wanted === undefined || wanted === "webgpu" ? await gpu?.requestAdapter() ?? null : null;
  const mode = wanted ?? (adapter !== null ? "webgpu" : GPU.isWebGL2Supported ? "webgl2" : undefined);
  if (mode === undefined || (mode === "webgpu" && adapter === null)) {
    const webgpu = gpu === undefined ? "this runtime has no WebGPU" : "WebGPU finds no adapter";
    throw new Error(`${webgpu}${wanted === undefined ? ", and there is no WebGL 2" : ""}`);
  }
  const kernels = new GPU({ mode });
  let listener: ((message: string) => void) | null = null, listening = false;
  return {
    mode,
    adapter: mode === "webgpu" ? described(adapter!) : mode,
    quads: mode === "webgpu",
    compile(source, size, each) {
      const kernel = kernels.createKernel(source, {
        output: [size / each],
        pipeline: true,
        immutable: true,
        asyncMode: mode !== "cpu",
      });
      return async (...inputs) => {
        const found = await kernel(...inputs);
        if (mode !== "webgpu") return found;
        const handle = found as unknown as DeviceHandle;
        // gpu.js reveals its device with the first result.
        if (!listening) {
          listening = true;
          handle.context.device.addEventListener("uncapturederror", (event) => {
            listener?.((event as Event & { error: { message: string } }).error.message);
          });
        }
        if (each === 1) return handle;
        // The same memory as single elements, because kernels take those.
        const flat = new handle.constructor({ ...handle, output: [size], componentCount: 1 });
        handle.delete();
        return flat;
      };
    },
    onError: (other) => listener = other,
  };
}

function described({ info }: Adapter): string {
  return info?.description || [info?.vendor, info?.architecture].filter(Boolean).join(" ") || "an adapter without a name";
}
