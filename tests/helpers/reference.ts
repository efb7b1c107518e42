import { readFileSync } from "node:fs";
import process from "node:process";

/** The folder of the Python toolkit's figures, which may not exist. */
export const referenceDir: string = process.env.REFERENCE_DIR ?? "../shared/reference";

/** Figures from real runs of the Python toolkit, or `null` if the folder does not exist. */
export function reference<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(`${referenceDir}/${file}`, "utf8"), (_, value) => infinite[value] ?? value);
  } catch (cause) {
    if ((cause as { code?: string }).code === "ENOENT" && process.env.REFERENCE_DIR === undefined) return null;
    throw cause;
  }
}

/** Whether two numbers agree to 1e-9 relative; infinities and NaN must be equal. */
export function agrees(found: number, wanted: number): boolean {
  return Object.is(found, wanted) || found === wanted || Math.abs(found - wanted) <= 1e-9 * Math.abs(wanted);
}

const infinite: Record<string, number> = { Infinity: Infinity, "-Infinity": -Infinity, NaN: NaN };
