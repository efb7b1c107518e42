import { inColumns, someOf } from "../../autodiff/show.ts";
import { printable } from "../printable.ts";
import type { Table } from "./table.ts";

/** The first and last rows of a table and of its columns, as a console shows them. */
export function tableText(table: Table): string {
  const { size, names } = table, rows = someOf(size, 5), places = someOf(names.length, 5);
  const withGap = <T>(list: readonly T[], all: number, gap: T) =>
    list.length < all ? [...list.slice(0, list.length / 2), gap, ...list.slice(list.length / 2)] : list;
  const cells = (cells: readonly string[]) => withGap(cells, names.length, "…");
  const records = rows.map((row) => Object.values(table.row(row)));
  const lines = records.map((values, i) => [`${rows[i]}`, ...cells(places.map((place) => shortly(values[place])))]);
  const head = ["", ...cells(places.map((place) => shortly(names[place])))];
  const types = ["number", ...withGap(places.map((place) => typeof records[0]?.[place]), names.length, "string")];
  const gap = head.map(() => "…");
  const grid = inColumns([head, ...withGap(lines, size, gap)], (column) => types[column] !== "number");
  const count = (n: number, what: string) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
  return `Table of ${count(size, "row")} and ${count(names.length, "column")}\n${grid.join("\n")}`;
}

function shortly(cell: unknown): string {
  if (typeof cell === "number") return `${Number(cell.toPrecision(6))}`;
  const text = printable(`${cell}`);
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}
