/** What plans long arrays, and makes modules of chains, is loaded when a recording has long arrays. @module */
import type * as Makers from "./shared_room.ts";

let makers: typeof Makers | null = null;

/** What plans them; `null` until it is loaded: operations then run one after the other, with the same bits. */
export function chainMakers(): typeof Makers | null {
  return makers;
}

/** Loads it. */
export async function loadChains(): Promise<void> {
  makers = await import("./shared_room.ts");
}
