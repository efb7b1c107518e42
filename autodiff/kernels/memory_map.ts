/** Bytes for the thread pools' cells at the start of the kernels' memory; the constants of the two modules follow. */
export const controlBytes = 64;

/** Where the constants of the module of convolutions begin. */
export const convolutionConstants = 512;

/** Where a block of float64 numbers begins, and its length; the build checks that the constants end before it. */
export const blockPlace = 1024, blockLength = 512;

/** Where the workspace begins. */
export const firstPlace = blockPlace + 8 * blockLength;
