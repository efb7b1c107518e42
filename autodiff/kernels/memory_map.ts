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

/** Bytes of a page, and the fewest pages that the kernels need. */
const page = 65536, fewestPages = 16;

/** Memory for kernels, of so many bytes or a little more, that never grows. */
export function fixedMemory(bytes: number, shared: boolean): WebAssembly.Memory {
  const pages = Math.max(fewestPages, Math.ceil(bytes / page));
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
}
