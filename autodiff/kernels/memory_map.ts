/** Bytes for the cells of the thread pool, at the beginning of the kernels' memory; the module's constants follow. */
export const controlBytes = 64;

/** Where the workspace begins; the build sees to it that the constants end before. */
export const firstPlace = 1024;
