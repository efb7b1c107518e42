/** The card of WebGPU, or a program in its place, for tests. */
import { type Gpu, openGpu } from "../../autodiff/mod.ts";

const adapter = await (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu?.requestAdapter() ?? null;

/** The card; without one, why tests are skipped. A card that cannot be opened is an error. */
export const card: { gpu: Gpu | null; skip: string | false } = adapter === null
  ? { gpu: null, skip: "WebGPU finds no adapter" }
  : { gpu: await openGpu({ mode: "webgpu" }), skip: false };
