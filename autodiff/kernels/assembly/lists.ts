/** The exports of the module of lists, which imports the functions of the first module. */
export { runList } from "./list";

/** Where the constants of the module end. */
export const constantsEnd: usize = __heap_base;
