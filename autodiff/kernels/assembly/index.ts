/** The exports of the module. Threads share jobs of (place, part, parts, thread); other functions run in the calling thread. */
export { adam } from "./adam";
export { expEach, log1pEach, logEach, tanhEach } from "./elementary";
export { multiplyPanels, packPanels } from "./matmul";
export { multiplyVector } from "./matrix_vector";

/** Where the constants of the module end. */
export const constantsEnd: usize = __heap_base;
