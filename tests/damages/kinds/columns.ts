import { label } from "../good.ts";
import type { Damage, Table } from "../damage.ts";
import { at, below, changeRows, column, fromTheMiddle, noticed, numbered, refused, verdict } from "../changes.ts";

/** Damages to whole columns. */
export const ofColumns: readonly Damage[] = [
  { name: "a constant column", outcome: noticed, said: /\bsite\b/, cells: column("site", () => "7") },
  { name: "a constant column of text", outcome: noticed, said: /\bsite\b/, cells: column("site", () => "Leeds") },
  {
    name: "a column that is constant but for one row",
    outcome: noticed,
    said: /\bsite\b/,
    cells: (table, random) => {
      const odd = below(random, table.rows.length);
      return column("site", (_, i) => i === odd ? "8" : "7")(table, random);
    },
  },
  {
    name: "a sensor that is stuck from the middle on",
    outcome: noticed,
    said: /\bscore\b/,
    cells: fromTheMiddle((row, _, rows) => row.with(at("score"), rows[0][at("score")])),
  },
  {
    name: "a column of zeros from the middle on",
    outcome: noticed,
    said: /\bage\b/,
    cells: fromTheMiddle((row) => row.with(at("age"), "0")),
  },
  { name: "a column that is empty", outcome: refused, said: /\bnotes\b/, cells: column("notes", () => "") },
  {
    name: "a column that is empty from the middle on",
    outcome: refused,
    said: /\bage\b/,
    cells: fromTheMiddle((row) => row.with(at("age"), "")),
  },
  { name: "a column sorted by itself", outcome: noticed, said: /\bscore\b/, cells: sortedAlone("score") },
  {
    name: "a row number without a name",
    outcome: noticed,
    said: /column 1\b|without a name|""|row number|counts/,
    cells: numbered(""),
  },
  { name: "a row number", outcome: noticed, said: /\brow\b/, cells: numbered("row") },
  {
    name: "a number that names each person",
    outcome: noticed,
    said: /\bperson\b/,
    cells: column("person", (_, i) => `${(i * 7919) % 9973 + 100000}`),
  },
  {
    name: "a text that names each person",
    outcome: refused,
    said: /\bperson\b/,
    cells: column("person", (_, i) => `u-${(i * 7919) % 9973}`),
  },
  {
    name: "numbers beyond 2^53",
    outcome: noticed,
    said: /\baccount\b/,
    cells: column("account", (_, i) => `12345678901234567${String((i * 37) % 1200).padStart(4, "0")}`),
  },
  {
    name: "codes with leading zeros",
    outcome: noticed,
    said: /\bzip\b/,
    cells: column("zip", (_, i, random) => `0${1000 + below(random, 40) + 0 * i}`),
  },
  {
    name: "codes with leading zeros, which are lost in half of the rows",
    outcome: noticed,
    said: /\bzip\b/,
    cells: column("zip", (_, i, random) => `${i % 2 ? "0" : ""}${1000 + below(random, 40)}`),
  },
  {
    name: "dates",
    outcome: noticed,
    said: /\bday\b/,
    cells: column("day", (_, i) => new Date(1.7e12 + 864e5 * i).toISOString().slice(0, 10)),
  },
  {
    name: "dates of which some have the day first",
    outcome: noticed,
    said: /\bday\b/,
    cells: column("day", (_, i) => i % 3 ? `2024-0${1 + i % 9}-1${i % 9}` : `1${i % 9}/0${1 + i % 9}/2024`),
  },
  { name: "the label as a feature", outcome: noticed, said: /\btarget\b/, cells: column("target", (row) => row[label]) },
  {
    name: "the label as a feature, the other way round",
    outcome: noticed,
    said: /\brejected\b/,
    cells: column("rejected", (row) => `${1 - Number(row[label])}`),
  },
  {
    name: "the label as a feature, scaled",
    outcome: noticed,
    said: /\bpaid\b/,
    cells: column("paid", (row) => `${7 + 3.5 * Number(row[label])}`),
  },
  {
    name: "the label as a feature of text",
    outcome: noticed,
    said: /\brisk\b/,
    cells: column("risk", (row) => row[label] === "1" ? "good" : "bad"),
  },
  {
    name: "the label as a feature, with noise that hides nothing",
    outcome: noticed,
    said: /\brisk\b/,
    cells: column("risk", (row, _, random) => (Number(row[label]) + 0.8 * random() - 0.4).toFixed(3)),
  },
  {
    name: "the label as a feature of eight texts",
    outcome: noticed,
    said: /\bstage\b/,
    cells: column("stage", (row, _, random) => `${row[label] === "1" ? "closed" : "open"}-${below(random, 4)}`),
  },
  {
    name: "the label as a feature, one in a hundred otherwise",
    outcome: noticed,
    said: /\btarget\b/,
    cells: column("target", (row, _, random) => random() < 0.01 ? `${1 - Number(row[label])}` : row[label]),
  },
  {
    name: "a column twice, under two names, as joins make them",
    outcome: noticed,
    said: /\bscore_y\b/,
    cells: column("score_y", (row) => row[at("score")]),
  },
  {
    name: "a column twice, in other units",
    outcome: noticed,
    said: /\bincome_k\b/,
    cells: column("income_k", (row) => (Number(row[at("income")]) / 1000).toFixed(5)),
  },
  {
    name: "two columns of numbers swapped from the middle on",
    outcome: noticed,
    said: /\bage\b|\bscore\b/,
    cells: fromTheMiddle((row) => row.with(at("age"), row[at("score")]).with(at("score"), row[at("age")])),
  },
  {
    name: "two columns of text swapped from the middle on",
    outcome: verdict,
    said: /\bsex\b/,
    cells: fromTheMiddle((row) => row.with(at("sex"), row[at("race")]).with(at("race"), row[at("sex")])),
  },
  {
    name: "all columns in another order from the middle on",
    outcome: refused,
    said: /column "/,
    cells: fromTheMiddle((row) => row.toReversed()),
  },
  {
    name: "numbers one column too far right in 1 % of the rows",
    outcome: noticed,
    said: /\bx\b|\bage\b|\bscore\b|\bincome\b/,
    cells: changeRows(0.01, ([x, z, age, score, income, ...more]) => [income, x, z, age, score, ...more]),
  },
];

function sortedAlone(column: string) {
  return (table: Table): Table => {
    const j = table.names.indexOf(column), cells = table.rows.map((row) => row[j]).sort((a, b) => Number(a) - Number(b));
    return { ...table, rows: table.rows.map((row, i) => row.with(j, cells[i])) };
  };
}
