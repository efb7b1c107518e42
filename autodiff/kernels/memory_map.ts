/** Bytes for the thread pools' cells at the start of the kernels' memory; the constants of the modules follow. */
export const controlBytes = 64;

/** Where the constants of the module of convolutions begin. */
export const convolutionConstants = 512;

/** Where the constants of the module of functions of numbers begin. */
export const numberConstants = 1024;

/** Where a block of float64 numbers begins, and its length; the build checks that the constants end before it. */
export const blockPlace = 2048, blockLength = 512;

/** Where the workspace begins. */
export const firstPlace = blockPlace + 8 * blockLength;
