/** Loops over float32 numbers: values and slopes of functions that networks apply to each number, and to each row. */
export * from "./activations";
export * from "./row_softmax";
export * from "./waves";

/** Where the constants of the module end. */
export const constantsEnd: usize = __heap_base;
