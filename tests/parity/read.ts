import { readFileSync } from "node:fs";

/** What a JSON file of this folder holds. */
// deno-lint-ignore no-explicit-any
export const read = (name: string): any => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
