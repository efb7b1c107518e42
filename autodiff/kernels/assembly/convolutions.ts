/** The exports of the module of convolutions, which programs without them do not load. Threads share jobs, as in `index.ts`. */
export { correlateSpectra, multiplySpectra } from "./complex_products";
export { convolve } from "./direct";
export { poolImages } from "./quartets";
export { sparseGradients } from "./sparse";
export { correlate, gradients, restoreFilters, restoreImages, restoreOutputs, transformFilters, transformImages } from "./spectra";

/** Where the constants of the module end. */
export const constantsEnd: usize = __heap_base;
