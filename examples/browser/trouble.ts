import { type Cure, DataError } from "../../mod.ts";

/** A problem and its cures: the part of an error that can be sent to the page and shown. */
export interface Trouble {
  problem: string;
  cures: readonly Cure[];
}

/** The trouble of any error. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof DataError) return { problem: error.problem, cures: error.cures };
  return { problem: error instanceof Error ? error.message : `${error}`, cures: [] };
}
