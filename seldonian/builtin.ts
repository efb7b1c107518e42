/** Modules of Node.js that the kit uses, by name. */
interface Builtins {
  "node:child_process": typeof import("node:child_process");
  "node:crypto": typeof import("node:crypto");
  "node:fs": typeof import("node:fs");
  "node:fs/promises": typeof import("node:fs/promises");
  "node:os": typeof import("node:os");
  "node:path": typeof import("node:path");
  "node:process": typeof import("node:process");
  "node:sqlite": typeof import("node:sqlite");
  "node:worker_threads": typeof import("node:worker_threads");
}

/**
 * A module of Node.js, which Bun and Deno have too. It is not imported, because a bundler for web pages stops at an import of a
 * module that no browser has.
 * @throws {Error} where it does not exist, as in a browser
 */
export function builtin<Name extends keyof Builtins>(name: Name): Promise<Builtins[Name]> {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): Builtins[Name] | undefined } };
  const found = process?.getBuiltinModule?.(name);
  if (found !== undefined) return Promise.resolve(found);
  return Promise.reject(
    new Error(`Cannot use ${name}: wanted a runtime that has it, such as Deno, Bun, or Node.js 20.16 and later`),
  );
}
