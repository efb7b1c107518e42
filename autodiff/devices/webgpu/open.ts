import { type Adapter, type Api, wantedLimits } from "./api.ts";
import { WebGpu } from "./device.ts";
import { isArmed } from "./reader.ts";
import type { Tile } from "./products.ts";
import { failingTest } from "./self_test.ts";

/**
 * Opens WebGPU's card; `null` if there is none.
 * @param tiles how products are divided, for benchmarks; default: by the tables
 * @throws {Error} if it gives wrong numbers, with its name
 */
export async function openWebGpu(tiles?: readonly Tile[]): Promise<WebGpu | null> {
  const api = (globalThis.navigator as { gpu?: Api } | undefined)?.gpu;
  const adapter = await api?.requestAdapter({ powerPreference: "high-performance" }) ?? null;
  if (adapter === null) return null;
  const card = await adapter.requestDevice({ requiredLimits: limitsOf(adapter) }), name = nameOf(adapter);
  const software = /llvmpipe|swiftshader|software/i.test(name);
  const gpu = new WebGpu(card, name, { software, armed: await isArmed(card), tiles }), wrong = await failingTest(gpu);
  if (wrong === null) return gpu;
  card.destroy();
  throw new Error(`${name} gives wrong numbers: ${wrong}`);
}

function limitsOf({ limits }: Adapter): Record<string, number> {
  return Object.fromEntries(wantedLimits.map((name) => [name, limits[name]]));
}

function nameOf({ info }: Adapter): string {
  return info?.description || [info?.vendor, info?.architecture].filter(Boolean).join(" ") || "an adapter without a name";
}
