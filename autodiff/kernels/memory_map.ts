/** Bytes for the thread pool's cells at the start of the kernels' memory; the module's constants follow. */
export const controlBytes = 64;

/** Where the workspace begins; the build checks that the constants end before it. */
export const firstPlace = 1024;
