/** What the module exports. Jobs of (place, part) are done by threads, the others by the calling one. */
export { correlateSpectra, multiplySpectra } from "./complex_products";
export { convolve } from "./direct";
export { multiplyRows, multiplyVector, packColumns } from "./matmul";
export { poolImages } from "./quartets";
export { sparseGradients } from "./sparse";
export { correlate, gradients, restoreFilters, restoreImages, restoreOutputs, transformFilters, transformImages } from "./spectra";

/** Where the constants of the module end. */
export const constantsEnd: usize = __heap_base;
