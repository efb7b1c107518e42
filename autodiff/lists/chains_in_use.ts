/** What makes modules of chains is loaded when a recording has long arrays. @module */
import type * as Makers from "./chain_module.ts";

let makers: typeof Makers | null = null;

/** What makes modules; `null` until it is loaded: operations then run one after the other, with the same bits. */
export function chainMakers(): typeof Makers | null {
  return makers;
}

/** Loads it. */
export async function loadChains(): Promise<void> {
  makers ??= await import("./chain_module.ts");
}
