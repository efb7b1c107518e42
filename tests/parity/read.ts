import { readFileSync } from "node:fs";

/** The contents of a JSON file, by its path from this folder. */
// deno-lint-ignore no-explicit-any
export const read = (name: string): any => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
