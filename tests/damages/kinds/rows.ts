import { label } from "../good.ts";
import type { Damage, Table } from "../damage.ts";
import { at, below, harmless, numbered, verdict } from "../changes.ts";

/** Damages to rows. */
export const ofRows: readonly Damage[] = [
  {
    name: "10 % of the rows twice",
    outcome: verdict,
    said:
      /\b\d+ .*rows.*(twice|double|duplicate|same|equal|copies|repeat|alike)|(twice|double|duplicate|same|equal|copies|repeat|alike).*rows/i,
    cells: (table, random) => ({ ...table, rows: [...table.rows, ...table.rows.filter(() => random() < 0.1)] }),
  },
  {
    name: "all rows twice",
    outcome: verdict,
    said: /(twice|double|duplicate|same|equal|copies|repeat|alike)/i,
    cells: (table) => ({ ...table, rows: [...table.rows, ...table.rows] }),
  },
  {
    name: "all rows twice, with row numbers",
    outcome: verdict,
    said: /(twice|double|duplicate|same|equal|copies|repeat|alike)/i,
    data: { exclude: ["row"] },
    cells: (table, random) => numbered("row")({ ...table, rows: table.rows.flatMap((row) => [row, row]) }, random),
  },
  {
    name: "one row a hundred times",
    outcome: verdict,
    said: /(double|duplicate|same|equal|copies|repeat|alike|times)/i,
    cells: (table, random) => {
      const row = table.rows[below(random, 1200)];
      return { ...table, rows: [...table.rows, ...Array(100).fill(row)] };
    },
  },
  // The report may say that halves of the file differ.
  { name: "rows sorted by label", outcome: ["harmless", "told"], said: /halves|half/, sameRows: true, cells: sorted(label) },
  { name: "rows sorted by group", outcome: ["harmless", "told"], said: /halves|half/, sameRows: true, cells: sorted(at("sex")) },
  { name: "rows in reverse", outcome: harmless, sameRows: true, cells: (table) => ({ ...table, rows: table.rows.toReversed() }) },
];

function sorted(j: number) {
  return (table: Table): Table => ({ ...table, rows: table.rows.toSorted((a, b) => a[j] < b[j] ? -1 : a[j] > b[j] ? 1 : 0) });
}
