import { flagged } from "../data/data_error.ts";
import type { ReadOptions } from "../formats/read_options.ts";
import { readTable } from "../formats/read_table.ts";
import type { Table } from "../tables/table.ts";

/** The reading options that a command takes as flags, for a table without a spec. */
export const readFlags: readonly string[] = [...flagged];

/** Reads a table with the options in flags. */
export function tableAt(file: string, bytes: Uint8Array, values: Readonly<Record<string, string | undefined>>): Promise<Table> {
  const said = readFlags.flatMap((name) => values[name] === undefined ? [] : [[name, optionOf(name, values[name])]]);
  return readTable(bytes, { file, ...Object.fromEntries(said) as ReadOptions });
}

/** A tab is written as \t, lists with commas. */
function optionOf(name: string, text: string): string | string[] | number[] {
  if (name === "skipLines") return text.split(",").map(Number);
  if (name === "text" || name === "header") return text.split(",");
  return text === "\\t" ? "\t" : text;
}
