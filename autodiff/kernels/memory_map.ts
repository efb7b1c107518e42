/** Bytes for the thread pool's cells at the start of the kernels' memory; the module's constants follow. */
export const controlBytes = 64;

/** Where a block of float64 numbers begins, and its length; the build checks that the constants end before it. */
export const blockPlace = 1024, blockLength = 512;

/** Where the workspace begins. */
export const firstPlace = blockPlace + 8 * blockLength;
