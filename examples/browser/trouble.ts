import { type Cure, DataError } from "../../mod.ts";

/** Something that cannot be used, and what would settle it: what can be sent and shown of an error. */
export interface Trouble {
  problem: string;
  cures: readonly Cure[];
}

/** Of any error. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof DataError) return { problem: error.problem, cures: error.cures };
  return { problem: error instanceof Error ? error.message : `${error}`, cures: [] };
}
