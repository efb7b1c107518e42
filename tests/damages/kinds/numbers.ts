import { change, comma, everywhere, harmless, lines, mended, noticed, one, refused, thousands } from "../changes.ts";
import type { Damage } from "../damage.ts";
import { grouped } from "../../helpers/grouped.ts";

/** Stray texts in columns of numbers, in 2 % of the cells. */
function stray(column: string, text: string, outcome: Damage["outcome"] = refused, said?: RegExp): Damage {
  return {
    name: `${JSON.stringify(text)} in 2 % of the numbers ${column}`,
    outcome,
    said: said ?? new RegExp(`\\b${column}\\b`),
    stray: true,
    cells: change(column, 0.02, () => text),
  };
}

/** Numbers in another notation, in 2 % of the cells. */
const written = (name: string, column: string, to: (cell: string) => string, outcome: Damage["outcome"] = refused): Damage => ({
  name: `${name} in 2 % of the numbers ${column}`,
  outcome,
  said: new RegExp(`\\b${column}\\b`),
  cells: change(column, 0.02, to),
});

const missing = [
  "nan",
  "NaN",
  "N/A",
  "NA",
  "-",
  "--",
  "None",
  "NULL",
  "\\N",
  "(null)",
  "<NA>",
  "NaT",
  "?",
  "n.a.",
  "k.A.",
  ".",
  "*",
];
const nonsense = [
  "unknown",
  "inf",
  "-Infinity",
  "1e400",
  "1.#IND",
  "#REF!",
  "#DIV/0!",
  "########",
  "=1+1",
  "TRUE",
  "[1, 2]",
  "x",
];
const amounts = [
  "$12.30",
  "12,30 €",
  "1,234",
  "12,34,567",
  "1'234",
  "1 234",
  "1\u00a0234",
  "1_234",
  "1.234.567",
  "12 kg",
  "12%",
  "~12",
];
const forms = [
  "<5",
  ">90",
  "10-20",
  "1/2",
  "½",
  "12:30",
  "2024-01-05",
  "1-Mar",
  "0x1F",
  "0b11",
  "1.2D+01",
  "1,2E+3",
  "(12.5)",
  "12.5-",
];
const typed = ["'12", "12.3.4", "l2", "1O", "1２", "١٢", "−12", "12 \u00b1 3", "1 2", "+-3", "1e", "12f", "12L"];

/** Damages to numbers. */
export const ofNumbers: readonly Damage[] = [
  ...["nan", "-", "None", "NULL", "\\N", ".", "?", "", "  "].map((text) => stray("x", text)),
  ...missing.filter((_, i) => i % 2).map((text) => stray("score", text)),
  ...[...nonsense, ...amounts, ...forms, ...typed].map((text, i) =>
    // A word processor's minus sign is accepted: the number is read and reported.
    stray(["x", "age", "score", "income"][i % 4], text, text.startsWith("\u2212") ? ["refused", "told"] : refused)
  ),
  stray("age", "-999", noticed, /\bage\b.*-999|-999.*\bage\b/),
  stray("age", "999", noticed, /\bage\b.*999|999.*\bage\b/),
  stray("x", "99999", noticed, /\bx\b.*99,?999|99,?999.*\bx\b/),
  stray("income", "-1", noticed, /\bincome\b.*-1|-1.*\bincome\b/),
  stray("income", "0", noticed, /\bincome\b.*\b0\b|\b0\b.*\bincome\b/),
  { ...stray("age", "1e999", refused), cells: (table, random) => ({ ...table, rows: one(table, random, "age", "1e999") }) },
  {
    name: "one missing number",
    outcome: refused,
    said: /\bage\b/,
    cells: (table, random) => ({ ...table, rows: one(table, random, "age", "") }),
  },
  { name: "decimal commas in all scores", outcome: refused, said: /score.*decimal|decimal.*score/s, cells: comma("score", 1) },
  { name: "decimal commas in 2 % of the scores", outcome: refused, said: /score/, cells: comma("score", 0.02) },
  { name: "decimal commas in 2 % of x, which has three decimals", outcome: refused, said: /\bx\b/, cells: comma("x", 0.02) },
  {
    name: "decimal commas in all numbers, semicolons between cells",
    outcome: refused,
    said: /decimal/,
    text: (text) => text.replaceAll(",", ";").replaceAll(".", ","),
  },
  {
    name: "decimal commas in the second half, semicolons between cells",
    outcome: refused,
    said: /score|\bx\b/,
    text: lines((all) =>
      all.map((line, i) => i < 600 ? line.replaceAll(",", ";") : line.replaceAll(",", ";").replaceAll(".", ","))
    ),
  },
  {
    name: "thousands commas in all incomes",
    outcome: refused,
    said: /income.*thousands|thousands.*income/s,
    cells: thousands(1, ","),
  },
  { name: "thousands commas in 2 % of the incomes", outcome: refused, said: /income/, cells: thousands(0.02, ",") },
  { name: "thousands apostrophes in all incomes", outcome: refused, said: /income/, cells: thousands(1, "'") },
  { name: "thousands narrow blanks in all incomes", outcome: refused, said: /income/, cells: thousands(1, "\u202f") },
  {
    name: "thousands points instead of decimals in 2 % of the incomes, as 20.290 for 20290",
    outcome: noticed,
    said: /income/,
    cells: change("income", 0.02, (cell) => grouped(cell.split(".")[0], { thousands: "." })),
  },
  {
    name: "dollar signs before all incomes",
    outcome: refused,
    said: /income/,
    cells: everywhere("income", (cell) => `$${cell}`),
  },
  { name: "percent signs after all scores", outcome: refused, said: /score/, cells: everywhere("score", (cell) => `${cell}%`) },
  written("percent signs", "score", (cell) => `${cell} %`),
  written("units", "score", (cell) => `${cell} pts`),
  written("footnote marks", "score", (cell) => `${cell}*`),
  written("a thousand times too large", "score", (cell) => `${Number(cell) * 1000}`, noticed),
  written("in months instead of years", "age", (cell) => `${Number(cell) * 12}`, noticed),
  written("the sign flipped", "age", (cell) => `-${cell}`, noticed),
  written("the decimal point lost", "x", (cell) => cell.replace(".", ""), noticed),
  written("minus signs of word processors", "x", (cell) => `\u2212${cell.replace("-", "")}`, ["told", "refused"]),
  written("soft hyphens and zero-width blanks", "x", (cell) => `${cell}\u200b`, mended),
  {
    name: "a plus sign before all positive numbers",
    outcome: harmless,
    cells: everywhere("x", (cell) => /^-/.test(cell) ? cell : `+${cell}`),
  },
  { name: "zeros after all decimals", outcome: harmless, cells: everywhere("x", (cell) => `${cell}00`) },
  { name: "exponents", outcome: harmless, cells: everywhere("score", (cell) => `${cell.replace(".", "")}E-1`) },
  { name: "no-break blanks around numbers", outcome: harmless, cells: change("x", 0.1, (cell) => `\u00a0${cell}\u00a0`) },
  {
    name: "one number with an impossible exponent, from 1.2 to 1.2e30",
    outcome: noticed,
    said: /\bscore\b/,
    cells: (table, random) => ({ ...table, rows: one(table, random, "score", "1.2e30") }),
  },
];
