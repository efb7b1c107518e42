import type { Random } from "../good.ts";
import { label } from "../good.ts";
import type { Damage, Table } from "../damage.ts";
import { below, change, everywhere, harmless, noticed, refused, repaired } from "../changes.ts";

/** Damages to the label. */
export const ofLabels: readonly Damage[] = [
  {
    name: "labels 1 and 2",
    outcome: noticed,
    said: /\by\b|label .* in line/,
    cells: everywhere("y", (cell) => `${Number(cell) + 1}`),
  },
  {
    name: "labels -1 and 1",
    outcome: noticed,
    said: /\by\b|label .* in line/,
    cells: everywhere("y", (cell) => `${2 * Number(cell) - 1}`),
  },
  { name: "labels yes and no", outcome: noticed, said: /\by\b/, cells: everywhere("y", (cell) => cell === "1" ? "yes" : "no") },
  {
    name: "labels TRUE and FALSE",
    outcome: [...noticed, "repaired"],
    said: /\by\b/,
    cells: everywhere("y", (cell) => cell === "1" ? "TRUE" : "FALSE"),
  },
  {
    name: "labels 0 and 100",
    outcome: noticed,
    said: /\by\b|label .* in line/,
    cells: everywhere("y", (cell) => `${100 * Number(cell)}`),
  },
  { name: "labels 0.0 and 1.0", outcome: harmless, cells: everywhere("y", (cell) => `${cell}.0`) },
  { name: "one label is 2", outcome: noticed, said: /\by\b|label .* in line/, cells: change("y", 0, () => "2") },
  { name: "one label is 0.5", outcome: noticed, said: /\by\b|label .* in line/, cells: change("y", 0, () => "0.5") },
  { name: "one label is the letter O", outcome: refused, said: /\by\b/, cells: change("y", 0, () => "O") },
  { name: "one label is missing", outcome: refused, said: /\by\b/, cells: change("y", 0, () => "") },
  { name: "3 % of the labels are -9", outcome: noticed, said: /\by\b|label .* in line|-9/, cells: change("y", 0.03, () => "-9") },
  { name: "5 % of the labels are missing", outcome: refused, said: /\by\b/, cells: change("y", 0.05, () => "") },
  {
    name: "5 % of the labels are missing, and dropped as the spec says",
    outcome: ["told in the verdict"],
    said: /rows/,
    data: { missing: "drop" },
    cells: change("y", 0.05, () => ""),
  },
  { name: "all labels alike", outcome: noticed, said: /\by\b/, cells: everywhere("y", () => "1") },
  {
    name: "labels yes and no, with classes, and one yse",
    outcome: refused,
    said: /yse/,
    data: classes(),
    cells: words((cell, hit) => hit ? "yse" : cell, 0),
  },
  {
    name: "labels yes and no, with classes, and some Yes",
    outcome: refused,
    said: /Yes|No/,
    data: classes(),
    cells: words((cell, hit) => hit ? cell[0].toUpperCase() + cell.slice(1) : cell, 0.1),
  },
  {
    name: "labels yes and no, with classes, half of them with a full stop",
    outcome: refused,
    said: /yes\.|no\./,
    data: classes(),
    cells: words((cell, hit) => hit ? `${cell}.` : cell, 0.5),
  },
  {
    name: "labels yes and no, with classes, and blanks after some",
    outcome: repaired,
    said: /blank|space/,
    data: classes(),
    like: words((cell) => cell, 0),
    cells: words((cell, hit) => hit ? `${cell} ` : cell, 0.1),
  },
  {
    name: "labels yes and no, with classes, and the last one cut",
    outcome: refused,
    said: /\by\b/,
    data: classes(),
    cells: (table, random) => {
      const all = words((cell) => cell, 0)(table, random);
      return { ...all, rows: all.rows.with(-1, all.rows.at(-1)!.with(label, "y")) };
    },
  },
];

function classes() {
  return { label: { column: "y", classes: ["no", "yes"] } };
}

/** Labels yes and no, with some changed. */
function words(to: (cell: string, hit: boolean) => string, share: number) {
  return (table: Table, random: Random): Table => {
    const sure = below(random, table.rows.length);
    return everywhere("y", (cell, i) => to(cell === "1" ? "yes" : "no", random() < share || i === sure))(table);
  };
}
