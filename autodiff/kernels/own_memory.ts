/** The import of a memory that is shared: its name, its kind, and a flag for "shared, with a maximum". */
const shared = "066d656d6f7279" + "0203";

/** The same import, not shared. */
const own = "066d656d6f7279" + "0201";

/** Turns the digits of a module for shared memory into those of a module for private memory. */
export function withOwnMemory(module: string): string {
  return module.replace(shared, own);
}
