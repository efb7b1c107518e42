/** The exports of the module. Threads share jobs of (place, part, parts, thread); other functions run in the calling thread. */
export { correlateSpectra, multiplySpectra } from "./complex_products";
export { convolve } from "./direct";
export { expEach, log1pEach, logEach, tanhEach } from "./elementary";
export { runList } from "./list";
export { multiplyPanels, multiplyVector, packPanels } from "./matmul";
export { poolImages } from "./quartets";
export { sparseGradients } from "./sparse";
export { correlate, gradients, restoreFilters, restoreImages, restoreOutputs, transformFilters, transformImages } from "./spectra";

/** Where the constants of the module end. */
export const constantsEnd: usize = __heap_base;
