/** What stays on the device: a buffer or texture of gpu.js; in its "cpu" mode plain numbers. */
export type Handle = Float32Array | { toArray(): Promise<Float32Array> | Float32Array; delete(): void };

/** A compiled kernel. */
export type Kernel = (...inputs: (Handle | number)[]) => Promise<Handle>;

/** How gpu.js runs kernels: on WebGPU, on WebGL, or as JavaScript, for tests. */
export type Mode = "webgpu" | "webgl2" | "cpu";

/** What the device needs of gpu.js. */
export interface KernelLibrary {
  /** Which mode it runs in. */
  readonly mode: Mode;
  /** What the hardware, or what stands for it, calls itself. */
  readonly adapter: string;
  /** Whether a thread may make four elements, which kernels read as any others. */
  readonly quads: boolean;
  /** A kernel of so many elements, one or four a thread, from the text of a function. */
  compile(source: string, size: number, each: 1 | 4): Kernel;
  /** Tells what goes wrong outside of calls, such as a lack of memory. */
  onError(listener: (message: string) => void): void;
}

/** What of gpu.js is used here. */
interface GpuConstructor {
  new (options: { mode: Mode }): { createKernel(source: string, options: Record<string, unknown>): Kernel };
  readonly isWebGL2Supported: boolean;
}

interface Adapter {
  info?: { description?: string; vendor?: string; architecture?: string };
}

/** A handle in WebGPU's mode, which knows its device, and of how many elements a thread it is. */
interface DeviceHandle {
  toArray(): Promise<Float32Array>;
  delete(): void;
  context: { device: EventTarget };
  constructor: new (settings: unknown) => DeviceHandle;
}

/**
 * gpu.js, ready to run.
 * @param loaded what importing it gave
 * @param wanted a mode, or the best there is
 * @throws {Error} if it is something else, or there is nothing to run on: what was found
 */
export async function kernelLibrary(loaded: unknown, wanted?: Mode): Promise<KernelLibrary> {
  const found = loaded as { GPU?: GpuConstructor; default?: { GPU?: GpuConstructor } | GpuConstructor };
  // Its file for browsers names no exports, and puts itself in the place of the browser's own GPU, which makes no kernels.
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
        // The device is known by its first result.
        if (!listening) {
          listening = true;
          handle.context.device.addEventListener("uncapturederror", (event) => {
            listener?.((event as Event & { error: { message: string } }).error.message);
          });
        }
        if (each === 1) return handle;
        // The same memory as elements one by one, which kernels take.
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
