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
export const asCard: Opened = await named("a card");

async function opened(): Promise<Opened> {
  return adapter === null
    ? { gpu: null, skip: "WebGPU finds no adapter" }
    : { gpu: await openGpu({ mode: "webgpu" }), skip: false };
}

async function named(description: string): Promise<Opened> {
  if (adapter === null) return await opened();
  const type = Object.getPrototypeOf(adapter), own = Object.getOwnPropertyDescriptor(type, "info")!;
  Object.defineProperty(type, "info", { configurable: true, get: () => ({ description }) });
  try {
    return await opened();
  } finally {
    Object.defineProperty(type, "info", own);
  }
}
