/** Primitives of programs, which may do more than call a device. */
export const foreign: WeakSet<object> = new WeakSet();
