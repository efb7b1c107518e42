/** What a damage to a table is, what may come of it, and how it is done. */
import type { Random } from "./good.ts";

/** Names of columns, and rows of as many cells. */
export interface Table {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * What must come of a damage.
 * - repaired: the verdict has the same bits as for the undamaged table, and where anything was changed a line says so;
 * - refused: exit code 2, and the message names the file, the place and a cure;
 * - told: exit code 0 or 1, and a line says so that names the column or the rows;
 * - told in the verdict: the same, but the line stands with the verdict, because the damage changes what a verdict means;
 * - harmless: the same verdict, and nothing needs to be said.
 */
export type Outcome = "repaired" | "refused" | "told" | "told in the verdict" | "harmless";

/** A damage. */
export interface Damage {
  /** In words. */
  readonly name: string;
  /** What may come of it; one, or those between which the kit is free. */
  readonly outcome: readonly Outcome[];
  /** What the line that says so must match; of what is harmless there is none. */
  readonly said?: RegExp;
  /** Fields of the spec's `data` besides the file and the label. */
  readonly data?: Record<string, unknown>;
  /** The undamaged table that the verdict is compared with, where the damage adds or renames columns. */
  readonly like?: (table: Table, random: Random) => Table;
  /** The rows are the same in another order, so that a verdict has other figures and is as good. */
  readonly sameRows?: true;
  /** The file is another altogether. */
  readonly instead?: true;
  /** A text strays into a column; where exactly matters little. */
  readonly stray?: true;
  /** One of the three says what is done. */
  readonly cells?: (table: Table, random: Random) => Table;
  readonly text?: (text: string, random: Random) => string;
  readonly bytes?: (bytes: Uint8Array, random: Random) => Uint8Array | Promise<Uint8Array>;
}

/** A table as CSV; cells are quoted where they must be. */
export function csvOf({ names, rows }: Table): string {
  const cell = (text: string) => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return [names, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

/** The bytes of a table with some damages, which are done in turn: those of cells first, then those of the text, then of bytes. */
export async function damaged(table: Table, damages: readonly Damage[], random: Random): Promise<Uint8Array> {
  for (const { cells } of damages) if (cells) table = cells(table, random);
  let text = csvOf(table);
  for (const damage of damages) if (damage.text) text = damage.text(text, random);
  let bytes: Uint8Array = new TextEncoder().encode(text);
  for (const damage of damages) if (damage.bytes) bytes = await damage.bytes(bytes, random);
  return bytes;
}
