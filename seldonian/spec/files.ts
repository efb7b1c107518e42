import { readFile } from "node:fs/promises";
import { printable } from "../printable.ts";

/**
 * The bytes of a file.
 * @throws {RangeError} with its name, if it cannot be read
 */
export async function bytes(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    throw new RangeError(printable(`Cannot read ${file}: ${code === "ENOENT" ? "there is no such file" : message}`));
  }
}

/**
 * The text of a file.
 * @throws as {@link bytes}
 */
export async function text(file: string): Promise<string> {
  return new TextDecoder().decode(await bytes(file));
}
