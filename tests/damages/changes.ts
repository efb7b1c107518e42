/** Changes that make up damages, and their possible outcomes. */
import type { Random } from "./good.ts";
import { names } from "./good.ts";
import type { Damage, Table } from "./damage.ts";
import { utf8 } from "../helpers/bytes.ts";
import { grouped } from "../helpers/grouped.ts";

export const refused = ["refused"] as const,
  told = ["told"] as const,
  repaired = ["repaired"] as const,
  harmless = ["harmless"] as const;
export const verdict = ["told in the verdict", "refused"] as const, noticed = ["told", "refused"] as const;
// A single row may be in the candidate part, which no verdict counts.
export const anywhere = [...verdict, "told"] as const;
export const mended = ["repaired", "refused"] as const;

export const at = (name: string) => names.indexOf(name);
export const below = (random: Random, n: number) => Math.floor(random() * n);

/** Changes cells of one column, in a share of the rows and at least in one. */
export function change(column: string, share: number, to: (cell: string, random: Random, row: readonly string[]) => string) {
  return (table: Table, random: Random): Table => {
    const j = table.names.indexOf(column), sure = below(random, table.rows.length);
    const rows = table.rows.map((row, i) => {
      const hit = random() < share;
      return hit || i === sure ? row.with(j, to(row[j], random, row)) : row;
    });
    return { ...table, rows };
  };
}

/** Changes whole rows, a share of them and at least one. */
export function changeRows(share: number, to: (row: readonly string[], random: Random) => readonly string[]) {
  return (table: Table, random: Random): Table => {
    const sure = below(random, table.rows.length);
    return { ...table, rows: table.rows.map((row, i) => random() < share || i === sure ? to(row, random) : row) };
  };
}

/** Changes the rows from about the middle of the file on. */
export function fromTheMiddle(to: (row: readonly string[], i: number, rows: Table["rows"]) => readonly string[]) {
  return (table: Table, random: Random): Table => {
    const from = Math.floor(table.rows.length * (0.45 + 0.1 * random()));
    return { ...table, rows: table.rows.map((row, i) => i < from ? row : to(row, i - from, table.rows.slice(from))) };
  };
}

/** Adds a column before the label. */
export function column(name: string, cell: (row: readonly string[], i: number, random: Random) => string) {
  return (table: Table, random: Random): Table => ({
    names: [...table.names.slice(0, -1), name, table.names.at(-1)!],
    rows: table.rows.map((row, i) => [...row.slice(0, -1), cell(row, i, random), row.at(-1)!]),
  });
}

/** Renames the columns. */
export const renamed = (to: (name: string) => string) => (table: Table): Table => ({ ...table, names: table.names.map(to) });

/** Changes every text of one column. */
export const everywhere = (column: string, to: (cell: string, i: number) => string) => (table: Table): Table => {
  const j = table.names.indexOf(column);
  return { ...table, rows: table.rows.map((row, i) => row.with(j, to(row[j], i))) };
};

/** Changes lines of the text; the first is the header. */
export function lines(to: (lines: string[], random: Random) => string[]) {
  return (text: string, random: Random): string => to(text.trimEnd().split("\n"), random).join("\n") + "\n";
}

/** The position of a line after the header and before the last line. */
export const middle = (lines: readonly string[], random: Random) => 2 + below(random, Math.max(1, lines.length - 4));

/** Changes some lines, and at least one. */
export function changeLines(share: number, to: (line: string, random: Random) => string) {
  return lines((all, random) => {
    const sure = middle(all, random);
    return all.map((line, i) => i > 0 && (random() < share || i === sure) ? to(line, random) : line);
  });
}

export const decoded = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
export const joined = (...parts: (Uint8Array | number[])[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A file that is not a table. */
export const instead = (name: string, content: Uint8Array | string, said = /./): Damage => ({
  name,
  outcome: refused,
  said,
  instead: true,
  bytes: () => typeof content === "string" ? utf8(content) : content,
});

/** Changes texts of the column that the promise compares. */
export const level = (
  name: string,
  share: number,
  to: (cell: string) => string,
  outcome: Damage["outcome"] = verdict,
  said = /\bsex\b/,
) => ({
  name,
  outcome,
  said,
  cells: change("sex", share, to),
});

export function one(table: Table, random: Random, column: string, cell: string): Table["rows"] {
  const i = below(random, table.rows.length);
  return table.rows.with(i, table.rows[i].with(table.names.indexOf(column), cell));
}

export function comma(column: string, share: number) {
  return change(column, share, (cell) => cell.replace(".", ","));
}

export function thousands(share: number, mark: string) {
  return change("income", share, (cell) => grouped(cell, { thousands: mark }));
}

export function numbered(name: string) {
  return (table: Table, _: Random): Table => ({
    names: [name, ...table.names],
    rows: table.rows.map((row, i) => [`${i + 1}`, ...row]),
  });
}
