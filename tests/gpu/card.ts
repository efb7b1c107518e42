/** The card of WebGPU, or a program in its place, for tests. */
import { type Gpu, openGpu } from "../../autodiff/mod.ts";

/** A device, or why tests are skipped. */
interface Opened {
  gpu: Gpu | null;
  skip: string | false;
}

const adapter = await (navigator as { gpu?: { requestAdapter(): Promise<object | null> } }).gpu?.requestAdapter() ?? null;

/** The card. One that cannot be opened is an error. */
export const card: Opened = await opened();

/** The same with a card's kernels, even if a program is in its place. */
export const asCard: Opened = await pretending("a card", opened);

async function opened(): Promise<Opened> {
  return adapter === null
    ? { gpu: null, skip: "WebGPU finds no adapter" }
    : { gpu: await openGpu({ mode: "webgpu" }), skip: false };
}

/** Gives the adapter another name while `compute` runs. */
export async function pretending<T>(description: string, compute: () => Promise<T>): Promise<T> {
  if (adapter === null) return await compute();
  const type = Object.getPrototypeOf(adapter), own = Object.getOwnPropertyDescriptor(type, "info")!;
  Object.defineProperty(type, "info", { configurable: true, get: () => ({ description }) });
  try {
    return await compute();
  } finally {
    Object.defineProperty(type, "info", own);
  }
}
