import { readFile } from "node:fs/promises";
import { useConvolutions, useRelaxedSimd } from "../../autodiff/mod.ts";
import { repeatedName } from "../../autodiff/repeated_name.ts";
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

/**
 * The object in a JSON file.
 * @throws as {@link bytes} and {@link parsedJson}
 */
export async function jsonFile(file: string): Promise<Record<string, unknown>> {
  return parsedJson(file, await text(file));
}

/**
 * The object in the text of a JSON file.
 * @throws {RangeError} for another text, and for a name that is given twice
 */
export function parsedJson(file: string, text: string): Record<string, unknown> {
  try {
    const found = JSON.parse(text), twice = repeatedName(text);
    if (twice !== undefined) throw new RangeError(`"${twice.name}" is given twice in one object`);
    return Object(found);
  } catch (error) {
    throw new RangeError(printable(`Cannot read ${file}: ${(error as Error).message}`));
  }
}

/** A value as the kit's JSON files have it. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Computes as a certificate's author did, as far as this runtime can. */
export async function useArithmetic(made: unknown): Promise<void> {
  const arithmetic = `${(made as { arithmetic?: unknown } | undefined)?.arithmetic}`;
  if (arithmetic.startsWith("relaxed SIMD")) await useRelaxedSimd();
  if (arithmetic.endsWith("exact convolutions")) useConvolutions("exact");
}
