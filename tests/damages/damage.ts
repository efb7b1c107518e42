/** The type of a damage to a table, its possible outcomes, and how it is applied. */
import type { Random } from "./good.ts";

/** Column names, and rows with one cell per name. */
export interface Table {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * The required outcome of a damage.
 * - repaired: the verdict has the same bits as for the undamaged table, and a line reports every change;
 * - refused: exit code 2, and the message names the file, the place and a cure;
 * - told: exit code 0 or 1, and a line reports the damage with the column or the rows;
 * - told in the verdict: the same, but the line is in the verdict, because the damage changes the meaning of the verdict;
 * - harmless: the same verdict, and no report is needed.
 */
export type Outcome = "repaired" | "refused" | "told" | "told in the verdict" | "harmless";

/** A damage. */
export interface Damage {
  /** A description in words. */
  readonly name: string;
  /** The allowed outcome, or several between which the kit may choose. */
  readonly outcome: readonly Outcome[];
  /** A pattern for the line that reports the damage; absent if the damage is harmless. */
  readonly said?: RegExp;
  /** Further fields of the spec's `data`, in addition to file and label. */
  readonly data?: Record<string, unknown>;
  /** The undamaged table to compare the verdict with, if the damage adds or renames columns. */
  readonly like?: (table: Table, random: Random) => Table;
  /** The same rows in another order: the verdict has other figures and is equally valid. */
  readonly sameRows?: true;
  /** The file is replaced by another one. */
  readonly instead?: true;
  /** A stray text in a column; its exact position matters little. */
  readonly stray?: true;
  /** One of the following three applies the damage. */
  readonly cells?: (table: Table, random: Random) => Table;
  readonly text?: (text: string, random: Random) => string;
  readonly bytes?: (bytes: Uint8Array, random: Random) => Uint8Array | Promise<Uint8Array>;
}

/** A table as CSV, with quotes where needed. */
export function csvOf({ names, rows }: Table): string {
  const cell = (text: string) => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return [names, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

/** The bytes of a table with some damages, applied in this order: damages to cells, to the text, and to bytes. */
export async function damaged(table: Table, damages: readonly Damage[], random: Random): Promise<Uint8Array> {
  for (const { cells } of damages) if (cells) table = cells(table, random);
  let text = csvOf(table);
  for (const damage of damages) if (damage.text) text = damage.text(text, random);
  let bytes: Uint8Array = new TextEncoder().encode(text);
  for (const damage of damages) if (damage.bytes) bytes = await damage.bytes(bytes, random);
  return bytes;
}
