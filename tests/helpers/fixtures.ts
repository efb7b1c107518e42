import { readFileSync } from "node:fs";

/** The bytes of a file in tests/fixtures. */
export const fixture = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(`tests/fixtures/${name}`));
