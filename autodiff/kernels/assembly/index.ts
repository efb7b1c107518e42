/** What the module exports. Jobs of (place, part) are done by threads, the others by the calling one. */
export { convolve, product } from "./direct";
export { poolImages } from "./planes";
export { correlate, gatherFilterGradient, gradients, transformFilters } from "./winograd";
