/**
 * What happens to tables in the world: each damage is a pure function of a good table, its text or its bytes, and a source of random
 * places. What must come of each was declared before the kit was asked; see `outcomes.ts` for what the words mean.
 */
import type { Random } from "./good.ts";
import { label, names } from "./good.ts";

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

const refused = ["refused"] as const,
  told = ["told"] as const,
  repaired = ["repaired"] as const,
  harmless = ["harmless"] as const;
const verdict = ["told in the verdict", "refused"] as const, noticed = ["told", "refused"] as const;
// One row may be of the candidate part, which no verdict counts.
const anywhere = [...verdict, "told"] as const;
const mended = ["repaired", "refused"] as const;

const at = (name: string) => names.indexOf(name);
const below = (random: Random, n: number) => Math.floor(random() * n);

/** Changes cells of one column, in a share of the rows but in one at least. */
function change(column: string, share: number, to: (cell: string, random: Random, row: readonly string[]) => string) {
  return (table: Table, random: Random): Table => {
    const j = table.names.indexOf(column), sure = below(random, table.rows.length);
    const rows = table.rows.map((row, i) => {
      const hit = random() < share;
      return hit || i === sure ? row.with(j, to(row[j], random, row)) : row;
    });
    return { ...table, rows };
  };
}

/** Changes whole rows, a share of them but one at least. */
function changeRows(share: number, to: (row: readonly string[], random: Random) => readonly string[]) {
  return (table: Table, random: Random): Table => {
    const sure = below(random, table.rows.length);
    return { ...table, rows: table.rows.map((row, i) => random() < share || i === sure ? to(row, random) : row) };
  };
}

/** Changes the second part of the file, from about the middle on. */
function fromTheMiddle(to: (row: readonly string[], i: number, rows: Table["rows"]) => readonly string[]) {
  return (table: Table, random: Random): Table => {
    const from = Math.floor(table.rows.length * (0.45 + 0.1 * random()));
    return { ...table, rows: table.rows.map((row, i) => i < from ? row : to(row, i - from, table.rows.slice(from))) };
  };
}

/** Adds a column before the label. */
function column(name: string, cell: (row: readonly string[], i: number, random: Random) => string) {
  return (table: Table, random: Random): Table => ({
    names: [...table.names.slice(0, -1), name, table.names.at(-1)!],
    rows: table.rows.map((row, i) => [...row.slice(0, -1), cell(row, i, random), row.at(-1)!]),
  });
}

/** The same with other names. */
const renamed = (to: (name: string) => string) => (table: Table): Table => ({ ...table, names: table.names.map(to) });

/** The same with other texts in one column. */
const everywhere = (column: string, to: (cell: string, i: number) => string) => (table: Table): Table => {
  const j = table.names.indexOf(column);
  return { ...table, rows: table.rows.map((row, i) => row.with(j, to(row[j], i))) };
};

/** Changes lines of the text, the head line being the first. */
function lines(to: (lines: string[], random: Random) => string[]) {
  return (text: string, random: Random): string => to(text.trimEnd().split("\n"), random).join("\n") + "\n";
}

/** A line somewhere after the head line, and not the last. */
const middle = (lines: readonly string[], random: Random) => 2 + below(random, Math.max(1, lines.length - 4));

/** Changes some lines, one at least. */
function changeLines(share: number, to: (line: string, random: Random) => string) {
  return lines((all, random) => {
    const sure = middle(all, random);
    return all.map((line, i) => i > 0 && (random() < share || i === sure) ? to(line, random) : line);
  });
}

async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function utf16(text: string, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), little);
  return new Uint8Array(view.buffer);
}

const decoded = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
const encoded = (text: string) => new TextEncoder().encode(text);
const joined = (...parts: (Uint8Array | number[])[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A file that is no table at all. */
const instead = (name: string, content: Uint8Array | string, said = /./): Damage => ({
  name,
  outcome: refused,
  said,
  instead: true,
  bytes: () => typeof content === "string" ? encoded(content) : content,
});

/** Texts that turn up in columns of numbers, 2 % of the cells. */
function stray(column: string, text: string, outcome: Damage["outcome"] = refused, said?: RegExp): Damage {
  return {
    name: `${JSON.stringify(text)} in 2 % of the numbers ${column}`,
    outcome,
    said: said ?? new RegExp(`\\b${column}\\b`),
    stray: true,
    cells: change(column, 0.02, () => text),
  };
}

/** Numbers that are written otherwise, 2 % of the cells. */
const written = (name: string, column: string, to: (cell: string) => string, outcome: Damage["outcome"] = refused): Damage => ({
  name: `${name} in 2 % of the numbers ${column}`,
  outcome,
  said: new RegExp(`\\b${column}\\b`),
  cells: change(column, 0.02, to),
});

/** Texts of the column that the promise compares. */
const level = (
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

const groups = (cell: string, mark: string) => {
  const [whole, part] = cell.split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, mark) + (part ? `.${part}` : "");
};

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

/** All damages, by what they happen to. */
export const damages: readonly Damage[] = [
  // Numbers.
  ...["nan", "-", "None", "NULL", "\\N", ".", "?", "", "  "].map((text) => stray("x", text)),
  ...missing.filter((_, i) => i % 2).map((text) => stray("score", text)),
  ...[...nonsense, ...amounts, ...forms, ...typed].map((text, i) =>
    // A minus sign of word processors is one: the number is read, and told.
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
    cells: change("income", 0.02, (cell) => groups(cell.split(".")[0], ".")),
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

  // Whole columns.
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

  // The group and other texts.
  level("blanks after some levels", 0.05, (cell) => `${cell} `, repaired, /\bsex\b.*blank|blank.*\bsex\b|spaces?|white space/),
  level("no-break blanks after some levels", 0.05, (cell) => `${cell}\u00a0`, [...verdict, "repaired"]),
  level("zero-width blanks after some levels", 0.05, (cell) => `${cell}\u200b`, [...verdict, "repaired"]),
  level("small letters in some levels", 0.05, (cell) => cell.toLowerCase()),
  level("capitals in one level", 0, (cell) => cell.toUpperCase(), anywhere),
  level("one letter mistyped in one level", 0, (cell) => cell.replace("a", "e"), anywhere),
  level("two letters swapped in some levels", 0.01, (cell) => cell.replace("al", "la")),
  level("a Cyrillic letter in some levels", 0.02, (cell) => cell.replace("a", "\u0430")),
  level("letters instead of words in a fifth of the rows", 0.2, (cell) => cell[0]),
  level("translated in a fifth of the rows", 0.2, (cell) => cell === "Male" ? "Homme" : "Femme"),
  level("numbers instead of words in a fifth of the rows", 0.2, (cell) => cell === "Male" ? "1" : "2"),
  level("a full stop after the levels of half of the rows, as in adult.test", 0.5, (cell) => `${cell}.`),
  level("footnote marks after some levels", 0.01, (cell) => `${cell}*`),
  level("quotes of word processors around some levels", 0.1, (cell) => `“${cell}”`),
  level("entities of HTML in some levels", 0.02, (cell) => `${cell}&nbsp;`),
  level("missing in one row", 0, () => "", anywhere),
  level("missing in 2 % of the rows", 0.02, () => ""),
  level("missing in 40 % of the rows", 0.4, () => ""),
  level('"?" in 2 % of the rows', 0.02, () => "?"),
  level('"unknown" in 2 % of the rows', 0.02, () => "unknown", verdict, /unknown/),
  level('"Not stated" in 30 % of the rows', 0.3, () => "Not stated", verdict, /Not stated/),
  level('"-9" in 2 % of the rows', 0.02, () => "-9", verdict, /-9/),
  level("a third level in 3 % of the rows", 0.03, () => "Diverse", verdict, /Diverse/),
  {
    name: "quotes of programmers around all levels",
    outcome: refused,
    said: /\bsex\b/,
    cells: everywhere("sex", (cell) => `'${cell}'`),
  },
  {
    name: "numbers instead of all levels",
    outcome: refused,
    said: /\bsex\b/,
    cells: everywhere("sex", (cell) => cell === "Male" ? "1" : "2"),
  },
  { name: "one level only", outcome: refused, said: /Female/, cells: everywhere("sex", () => "Male") },
  {
    name: "one level with a single row",
    outcome: noticed,
    said: /Female.* on [01] rows?\b|Female.* 1 row\b/,
    cells: everywhere("sex", (_, i) => i === 700 ? "Female" : "Male"),
  },
  {
    name: "the group is missing in 40 % of the rows, which are dropped as the spec says",
    outcome: ["told in the verdict"],
    said: /\b4\d\d\b.*rows|rows.*\b4\d\d\b/,
    data: { missing: "drop" },
    cells: change("sex", 0.4, () => ""),
  },
  {
    name: "a number is missing in 30 % of the rows, which are dropped as the spec says",
    outcome: ["told in the verdict"],
    said: /\b3\d\d\b.*rows|rows.*\b3\d\d\b/,
    data: { missing: "drop" },
    cells: change("x", 0.3, () => ""),
  },
  {
    name: "a number is missing in all rows of one group, which are dropped as the spec says",
    outcome: refused,
    said: /Female/,
    data: { missing: "drop" },
    cells: (table) => ({ ...table, rows: table.rows.map((row) => row[at("sex")] === "Female" ? row.with(0, "") : row) }),
  },
  {
    name: "a number is missing in 60 % of the rows, and is filled in as the spec says",
    outcome: told,
    said: /\bscore\b.*\b[67]\d\d\b|\b[67]\d\d\b.*\bscore\b/,
    data: { missing: { impute: "mean" } },
    cells: change("score", 0.6, () => ""),
  },
  {
    name: "a number is missing in every row but one, and is filled in as the spec says",
    outcome: noticed,
    said: /\bscore\b/,
    data: { missing: { impute: "mean" } },
    cells: change("score", 1, () => ""),
  },
  {
    name: "the group is missing in 2 % of the rows, where features are filled in",
    outcome: verdict,
    said: /\bsex\b/,
    data: { missing: { impute: "mean" } },
    cells: change("sex", 0.02, () => ""),
  },
  {
    name: "every row misses something",
    outcome: refused,
    said: /miss/,
    cells: changeRows(1, (row, random) => row.with(below(random, 5), "")),
  },
  {
    name: "every row misses something, and is dropped as the spec says",
    outcome: refused,
    said: /miss|no row/,
    data: { missing: "drop" },
    cells: changeRows(1, (row, random) => row.with(below(random, 5), "")),
  },
  {
    name: "a join without partners in 30 % of the rows",
    outcome: refused,
    said: /\brace\b|\bregion\b/,
    cells: changeRows(0.3, (row) => row.with(at("race"), "").with(at("region"), "")),
  },
  {
    name: '"NA" as a level, as for North America',
    outcome: noticed,
    said: /\bregion\b.*NA|NA.*\bregion\b/s,
    cells: everywhere("region", (cell) => cell === "North" ? "NA" : cell),
  },
  {
    name: '"None" as a level',
    outcome: noticed,
    said: /\bregion\b.*None|None.*\bregion\b/s,
    cells: everywhere("region", (cell) => cell === "North" ? "None" : cell),
  },
  {
    name: "a name in two normal forms of Unicode",
    outcome: [...noticed, "repaired"],
    said: /\bregion\b/,
    cells: change("region", 0.3, (cell) => cell.normalize("NFD")),
  },
  {
    name: "small letters in 5 % of a feature of text",
    outcome: noticed,
    said: /\bregion\b/,
    cells: change("region", 0.05, (cell) => cell.toLowerCase()),
  },
  {
    name: "a letter mistyped in one cell of a feature of text",
    outcome: noticed,
    said: /\brace\b/,
    cells: (table, random) => ({ ...table, rows: one(table, random, "race", "Whtie") }),
  },
  {
    name: "letters decoded twice in half of the rows",
    outcome: noticed,
    said: /\bregion\b/,
    cells: fromTheMiddle((row) => row.with(at("region"), row[at("region")].replace("ü", "Ã¼"))),
  },
  {
    name: "letters lost in half of the rows",
    outcome: noticed,
    said: /\bregion\b/,
    cells: fromTheMiddle((row) => row.with(at("region"), row[at("region")].replace("ü", "\ufffd"))),
  },
  {
    name: "letters lost in all rows",
    outcome: noticed,
    said: /\bregion\b/,
    cells: everywhere("region", (cell) => cell.replace("ü", "\ufffd")),
  },
  {
    name: "a number in 1 % of a feature of text",
    outcome: noticed,
    said: /\bregion\b/,
    cells: change("region", 0.01, (_, random) => `${below(random, 90)}`),
  },
  {
    name: "booleans spelled in six ways",
    outcome: noticed,
    said: /\bowner\b/,
    cells: column("owner", (_, i) => ["True", "true", "TRUE", "1", "yes", "0", "False", "no"][(i * 5) % 8]),
  },

  // The label.
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

  // Names of columns.
  { name: "the head line is missing", outcome: refused, said: /head|first line|names/, text: lines((all) => all.slice(1)) },
  { name: "a name twice", outcome: refused, said: /"x"|\bx\b/, cells: renamed((name) => name === "z" ? "x" : name) },
  {
    name: "a name twice, but for capitals",
    outcome: noticed,
    said: /\bX\b/,
    cells: renamed((name) => name === "z" ? "X" : name),
  },
  { name: "a name is empty", outcome: noticed, said: /column|name/, cells: renamed((name) => name === "z" ? "" : name) },
  { name: "blanks around names", outcome: ["repaired", "harmless"], said: /name/, cells: renamed((name) => ` ${name} `) },
  { name: "names in capitals", outcome: mended, said: /\bY\b|\bSEX\b/, cells: renamed((name) => name.toUpperCase()) },
  {
    name: "a zero-width blank in the name of the label",
    outcome: mended,
    said: /\by\b/,
    cells: renamed((name) => name === "y" ? "y\u200b" : name),
  },
  {
    name: "the name of the group swapped with another",
    outcome: refused,
    said: /\bsex\b/,
    cells: renamed((name) => name === "sex" ? "race" : name === "race" ? "sex" : name),
  },
  ...["__proto__", "constructor", "toString", "length"].map((name): Damage => ({
    name: `a column named ${name}`,
    outcome: harmless,
    like: renamed((old) => old === "z" ? "zz" : old),
    cells: renamed((old) => old === "z" ? name : old),
  })),
  {
    name: "two lines of names",
    outcome: refused,
    said: /line [12]\b|two columns are named "who"/,
    text: lines(([head, ...all]) => ["who,who,who,what,what,who,who,who,what", head, ...all]),
  },
  {
    name: "a line of units below the names",
    outcome: refused,
    said: /line 2/,
    text: lines(([head, ...all]) => [head, "m,m,years,points,USD,,,,", ...all]),
  },
  {
    name: "a line of questions below the names, as surveys have it",
    outcome: refused,
    said: /line 2/,
    text: lines((
      [head, ...all],
    ) => [head, "How far?,How high?,Your age?,Score?,Income?,Your sex?,Race?,Where?,Did you?", ...all]),
  },
  {
    name: "a line of dashes below the names",
    outcome: refused,
    said: /line 2/,
    text: lines(([head, ...all]) => [head, head.replace(/\w+/g, "---"), ...all]),
  },

  // Lines.
  {
    name: "a second head line in the middle",
    outcome: refused,
    said: /line \d+/,
    text: lines((all, random) => all.toSpliced(middle(all, random), 0, all[0])),
  },
  {
    name: "a second head line in the middle, after a byte order mark",
    outcome: refused,
    said: /line \d+/,
    text: lines((all, random) => all.toSpliced(middle(all, random), 0, `\ufeff${all[0]}`)),
  },
  {
    name: "another file below, with other columns",
    outcome: refused,
    said: /line \d+/,
    text: (text) => `${text}x,y\n1,2\n3,4\n`,
  },
  {
    name: "another file below, with as many columns",
    outcome: refused,
    said: /line \d+/,
    text: lines((all) => [...all, "a,b,c,d,e,f,g,h,i", "1,2,3,4,5,6,7,8,9"]),
  },
  {
    name: "a line of totals at the end",
    outcome: refused,
    said: /line 1,?202|\bsex\b|\by\b/,
    text: (text) => `${text}12.3,4.5,49000,690000.0,36000000.00,,,Total,610\n`,
  },
  {
    name: "a line of totals at the end, the group not empty",
    outcome: refused,
    said: /line 1,?202|\bsex\b|\by\b/,
    text: (text) => `${text}12.3,4.5,49000,690000.0,36000000.00,Total,Total,Total,610\n`,
  },
  {
    name: "a line of means at the end",
    outcome: noticed,
    said: /line 1,?202|\by\b|\bsex\b/,
    text: (text) => `${text}0.012,0.034,42.1,575.2,32000.10,All,All,All,0.52\n`,
  },
  {
    name: "a line of subtotals in the middle",
    outcome: verdict,
    said: /line \d+|\bsex\b/,
    text: lines((all, random) => all.toSpliced(middle(all, random), 0, "0.012,0.034,42.1,575.2,32000.10,Subtotal,All,All,1")),
  },
  { name: "a source below", outcome: refused, said: /line 1,?202/, text: (text) => `${text}Source: census of 2020\n` },
  {
    name: "a source below, after an empty line",
    outcome: refused,
    said: /line 1,?203/,
    text: (text) => `${text}\nSource: census of 2020, table 7, North, South, East, West, all, ages\n`,
  },
  {
    name: "a source below in a line of as many cells",
    outcome: refused,
    said: /line 1,?202/,
    text: (text) => `${text}Source: census of 2020,,,,,,,,\n`,
  },
  {
    name: "the number of rows below, as PostgreSQL prints it",
    outcome: refused,
    said: /line 1,?202/,
    text: (text) => `${text}(1200 rows)\n`,
  },
  {
    name: 'the "\\." of PostgreSQL\'s COPY at the end',
    outcome: mended,
    said: /line 1,?202|\\\./,
    text: (text) => `${text}\\.\n`,
  },
  { name: "a control-Z at the end", outcome: mended, said: /line 1,?202|U\+001A|end/, text: (text) => `${text}\u001a` },
  {
    name: "a comment before the names",
    outcome: mended,
    said: /line 1\b|#|comment|first line|"skipLines": \[1\]/,
    text: (text) => `# made by an export tool\n${text}`,
  },
  {
    name: "comments before the names, with commas",
    outcome: mended,
    said: /line \d|#|comment|first line/,
    text: (text) => `# made by a tool, of 2020, for all\n# second, line\n${text}`,
  },
  {
    name: "a title before the names",
    outcome: refused,
    said: /line 1\b|first line|"skipLines": \[1\b/,
    text: (text) => `Loans of 2020\n\n${text}`,
  },
  {
    name: "a title before the names, in a line of as many cells",
    outcome: refused,
    said: /line [123]\b|first line|\by\b/,
    text: (text) => `Loans of 2020,,,,,,,,\n,,,,,,,,\n${text}`,
  },
  { name: 'the "sep=," of Excel before the names', outcome: mended, said: /sep=/, text: (text) => `sep=,\n${text}` },
  {
    name: "comments in the middle",
    outcome: mended,
    said: /line \d+|#/,
    text: lines((all, random) => all.toSpliced(middle(all, random), 0, "# checked until here")),
  },
  {
    name: "marks of a merge conflict",
    outcome: refused,
    said: /line \d+/,
    text: lines((all, random) => {
      const i = middle(all, random);
      return [...all.slice(0, i), "<<<<<<< HEAD", all[i], "=======", all[i], ">>>>>>> theirs", ...all.slice(i + 1)];
    }),
  },
  {
    name: "a cell too few in 1 % of the rows, the separator is missing",
    outcome: refused,
    said: /line \d+/,
    text: changeLines(0.01, (line) => line.replace(",", "")),
  },
  {
    name: "a cell too few in one row",
    outcome: refused,
    said: /line \d+/,
    text: changeLines(0, (line, random) => line.split(",").toSpliced(below(random, 9), 1).join(",")),
  },
  {
    name: "a cell too many in one row",
    outcome: refused,
    said: /line \d+/,
    text: changeLines(0, (line, random) => line.split(",").toSpliced(below(random, 9), 0, "0").join(",")),
  },
  {
    name: "a comma in a text that is not quoted",
    outcome: refused,
    said: /line \d+/,
    text: changeLines(0.01, (line) => line.replace("Male", "Male, adult").replace("Female", "Female, adult")),
  },
  {
    name: "rows cut short",
    outcome: refused,
    said: /line \d+/,
    text: changeLines(0.01, (line, random) => line.split(",").slice(0, 2 + below(random, 6)).join(",")),
  },
  {
    name: "the last line cut",
    outcome: refused,
    said: /line 1,?201|last line/,
    text: (text, random) => text.slice(0, -4 - below(random, 20)),
  },
  {
    name: "the last line cut just before the label",
    outcome: refused,
    said: /line 1,?201|last line/,
    text: (text) => text.slice(0, -2),
  },
  { name: "the last line without a line end", outcome: harmless, text: (text) => text.slice(0, -1) },
  {
    name: "all rows have a cell more than the head line",
    outcome: refused,
    said: /line 2|cells|fields/,
    text: lines(([head, ...all]) => [head, ...all.map((line, i) => `${i},${line}`)]),
  },
  {
    name: "separators at the end of all lines",
    outcome: ["repaired", "told", "refused"],
    said: /column 10|separator|empty|without a name|name/,
    text: lines((all) => all.map((line) => `${line},`)),
  },
  {
    name: "separators at the end of all lines but the first",
    outcome: mended,
    said: /line 2|separator|empty|10/,
    text: lines(([head, ...all]) => [head, ...all.map((line) => `${line},`)]),
  },
  {
    name: "separators at the end of some lines",
    outcome: mended,
    said: /line \d+|separator|10/,
    text: changeLines(0.02, (line) => `${line},`),
  },
  {
    name: "lines of separators alone at the end",
    outcome: mended,
    said: /line 1,?202|empty/,
    text: (text) => `${text}${",,,,,,,,\n".repeat(3)}`,
  },
  {
    name: "semicolons from the middle on",
    outcome: refused,
    said: /line \d+/,
    text: lines((all) => all.map((line, i) => i < 600 ? line : line.replaceAll(",", ";"))),
  },
  { name: "semicolons between cells", outcome: ["repaired", "harmless"], said: /./, text: (text) => text.replaceAll(",", ";") },
  { name: "tabs between cells", outcome: ["repaired", "harmless"], said: /./, text: (text) => text.replaceAll(",", "\t") },
  { name: "bars between cells", outcome: ["repaired", "harmless"], said: /./, text: (text) => text.replaceAll(",", "|") },
  { name: "blanks between cells", outcome: mended, said: /separator|column|line/, text: (text) => text.replaceAll(",", " ") },
  {
    name: "columns of fixed width",
    outcome: refused,
    said: /separator|column|line/,
    text: lines((all) => all.map((line) => line.split(",").map((cell) => cell.padEnd(12)).join(""))),
  },
  { name: "a blank after each comma", outcome: ["repaired", "harmless"], said: /./, text: (text) => text.replaceAll(",", ", ") },
  {
    name: "a table of Markdown",
    outcome: refused,
    said: /line|column/,
    text: lines(([head, ...all]) =>
      [head, head.replace(/\w+/g, "---"), ...all].map((line) => `| ${line.replaceAll(",", " | ")} |`)
    ),
  },
  {
    name: "empty lines in the middle",
    outcome: ["repaired", "harmless"],
    said: /./,
    text: changeLines(0.01, (line) => `${line}\n`),
  },
  {
    name: "a page break in the middle",
    outcome: mended,
    said: /line \d+|U\+000C/,
    text: lines((all, random) => all.toSpliced(middle(all, random), 0, "\f")),
  },
  {
    name: "carriage returns as line ends",
    outcome: ["repaired", "harmless"],
    said: /./,
    text: (text) => text.replaceAll("\n", "\r"),
  },
  { name: "line ends of Windows", outcome: harmless, text: (text) => text.replaceAll("\n", "\r\n") },
  {
    name: "line ends of Windows from the middle on",
    outcome: harmless,
    text: lines((all) => all.map((line, i) => i < 600 ? line : `${line}\r`)),
  },
  {
    name: "line ends of all three kinds",
    outcome: ["repaired", "harmless"],
    said: /./,
    text: lines((all) => [all.map((line, i) => line + ["\r", "\n", "\r\n"][i % 3]).join("")]),
  },
  {
    name: "line ends converted twice",
    outcome: ["repaired", "harmless"],
    said: /./,
    text: (text) => text.replaceAll("\n", "\r\r\n"),
  },
  {
    name: "line separators of Unicode",
    outcome: refused,
    said: /line|column|separator/,
    text: (text) => text.replaceAll("\n", "\u2028"),
  },

  // Quotes.
  { name: "quotes around all cells", outcome: harmless, text: (text) => text.replace(/[^,\n]+/g, '"$&"') },
  {
    name: "quotes around all lines",
    outcome: refused,
    said: /column|line|separator/,
    text: lines((all) => all.map((line) => `"${line}"`)),
  },
  {
    name: "a quote that is opened and never closed",
    outcome: refused,
    said: /line \d+/,
    text: changeLines(0, (line) => line.replace(/(White|Black|Asian|Other)/, '"$1')),
  },
  {
    name: "a quote that is opened in one row and closed in another, so that the rows between are one cell",
    outcome: refused,
    said: /line \d+|\brace\b/,
    text: swallow(30),
  },
  {
    name: "a quote that is opened in one row and closed in the next, so that two rows are one",
    outcome: refused,
    said: /line \d+|\brace\b/,
    text: swallow(1),
  },
  {
    name: "quotes within quotes behind a backslash",
    outcome: refused,
    said: /line \d+/,
    text: changeLines(0.01, (line) => line.replace(/(White|Black|Asian|Other)/, '"the \\"$1\\""')),
  },
  {
    name: "a quote within a cell that is not quoted",
    outcome: noticed,
    said: /line \d+|\bregion\b/,
    text: changeLines(0.01, (line) => line.replace(/(North|South|East|West)/, '5" $1')),
  },
  {
    name: "line breaks within quotes, in a feature of text",
    outcome: noticed,
    said: /\brace\b|line \d+/,
    cells: change("race", 0.01, (cell) => `${cell}\nor other`),
  },

  // Rows.
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
  // That halves of the file differ may be told of it.
  { name: "rows sorted by label", outcome: ["harmless", "told"], said: /halves|half/, sameRows: true, cells: sorted(label) },
  { name: "rows sorted by group", outcome: ["harmless", "told"], said: /halves|half/, sameRows: true, cells: sorted(at("sex")) },
  { name: "rows in reverse", outcome: harmless, sameRows: true, cells: (table) => ({ ...table, rows: table.rows.toReversed() }) },

  // Bytes.
  {
    name: "a byte order mark",
    outcome: ["repaired", "harmless"],
    said: /./,
    bytes: (bytes) => joined([0xef, 0xbb, 0xbf], bytes),
  },
  {
    name: "two byte order marks",
    outcome: [...mended, "harmless"],
    said: /./,
    bytes: (bytes) => joined([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], bytes),
  },
  {
    name: "letters of Latin-1",
    outcome: refused,
    said: /line \d+|encoding/,
    bytes: (bytes) => Uint8Array.from(decoded(bytes), (letter) => letter.charCodeAt(0)),
  },
  {
    name: "letters of Latin-1 from the middle on",
    outcome: refused,
    said: /line \d+|encoding/,
    bytes: (bytes) => {
      const text = decoded(bytes), half = text.length / 2;
      return joined(encoded(text.slice(0, half)), Uint8Array.from(text.slice(half), (letter) => letter.charCodeAt(0)));
    },
  },
  {
    name: "UTF-16 with a byte order mark",
    outcome: ["repaired", "harmless"],
    said: /./,
    bytes: (bytes) => joined([0xff, 0xfe], utf16(decoded(bytes), true)),
  },
  {
    name: "UTF-16 with a byte order mark, the other byte first",
    outcome: ["repaired", "harmless"],
    said: /./,
    bytes: (bytes) => joined([0xfe, 0xff], utf16(decoded(bytes), false)),
  },
  {
    name: "UTF-16 without a byte order mark",
    outcome: mended,
    said: /encoding|UTF-16|NUL|U\+0000/,
    bytes: (bytes) => utf16(decoded(bytes), true),
  },
  {
    name: "UTF-32",
    outcome: refused,
    said: /encoding|UTF|NUL|U\+0000/,
    bytes: (bytes) =>
      joined(
        [0xff, 0xfe, 0, 0],
        Uint8Array.from([...decoded(bytes)].flatMap((letter) => {
          const code = letter.codePointAt(0)!;
          return [code & 255, code >> 8, 0, 0];
        })),
      ),
  },
  { name: "gzip", outcome: ["repaired", "harmless"], said: /./, bytes: gzipped },
  {
    name: "gzip cut in the middle",
    outcome: refused,
    said: /gzip|cut|end/,
    bytes: async (bytes) => {
      const all = await gzipped(bytes);
      return all.subarray(0, all.length / 2);
    },
  },
  {
    name: "gzip with a bit turned",
    outcome: refused,
    said: /gzip|check|corrupt|damag/i,
    bytes: async (bytes, random) => {
      const all = await gzipped(bytes);
      all[100 + below(random, all.length - 200)] ^= 16;
      return all;
    },
  },
  {
    name: "two gzip files, one after the other, the second without a head line",
    outcome: verdict,
    said: /double|twice|same|equal|alike|repeat|gzip/i,
    bytes: async (bytes) => joined(await gzipped(bytes), await gzipped(bytes.subarray(bytes.indexOf(10) + 1))),
  },
  {
    name: "a NUL in the middle of a number",
    outcome: refused,
    said: /line \d+|NUL|U\+0000/,
    bytes: (bytes, random) => bytes.with(2000 + below(random, 40000), 0),
  },
  {
    name: "NULs at the end, as after a crash",
    outcome: refused,
    said: /line \d+|NUL|U\+0000/,
    bytes: (bytes) => joined(bytes, new Uint8Array(512)),
  },
  {
    name: "the second half is NULs",
    outcome: refused,
    said: /line \d+|NUL|U\+0000/,
    bytes: (bytes) => bytes.map((byte, i) => i < bytes.length / 2 ? byte : 0),
  },
  instead("an empty file", ""),
  instead("a head line alone", names.join(",") + "\n"),
  instead(
    "a file of Excel",
    joined([0x50, 0x4b, 3, 4, 20, 0, 6, 0, 8, 0], new Uint8Array(400).map((_, i) => i * 37)),
    /Excel|xlsx|zip|CSV/i,
  ),
  instead(
    "a file of old Excel",
    joined([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], new Uint8Array(400)),
    /Excel|xls|CSV|encoding|text/i,
  ),
  instead(
    "a file of bzip2",
    joined(encoded("BZh91AY&SY"), new Uint8Array(400).map((_, i) => i * 37)),
    /bzip2|compress|encoding|CSV|text/i,
  ),
  instead(
    "a page of HTML",
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body>Please, sign in, to go on</body></html>\n",
    /HTML|line|column/i,
  ),
  instead("a message of a server", '{"error": "404: Not Found"}\n'),
  instead("a pointer of Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 51234\n"),
];

function one(table: Table, random: Random, column: string, cell: string): Table["rows"] {
  const i = below(random, table.rows.length);
  return table.rows.with(i, table.rows[i].with(table.names.indexOf(column), cell));
}

function comma(column: string, share: number) {
  return change(column, share, (cell) => cell.replace(".", ","));
}

function thousands(share: number, mark: string) {
  return change("income", share, (cell) => groups(cell, mark));
}

function sortedAlone(column: string) {
  return (table: Table): Table => {
    const j = table.names.indexOf(column), cells = table.rows.map((row) => row[j]).sort((a, b) => Number(a) - Number(b));
    return { ...table, rows: table.rows.map((row, i) => row.with(j, cells[i])) };
  };
}

function sorted(j: number) {
  return (table: Table): Table => ({ ...table, rows: table.rows.toSorted((a, b) => a[j] < b[j] ? -1 : a[j] > b[j] ? 1 : 0) });
}

function numbered(name: string) {
  return (table: Table, _: Random): Table => ({
    names: [name, ...table.names],
    rows: table.rows.map((row, i) => [`${i + 1}`, ...row]),
  });
}

function classes() {
  return { label: { column: "y", classes: ["no", "yes"] } };
}

/** Labels yes and no, some of which are changed. */
function words(to: (cell: string, hit: boolean) => string, share: number) {
  return (table: Table, random: Random): Table => {
    const sure = below(random, table.rows.length);
    return everywhere("y", (cell, i) => to(cell === "1" ? "yes" : "no", random() < share || i === sure))(table);
  };
}

/** Opens a quote in the cell of race in one row, and closes one in that of a row some lines below. */
function swallow(rows: number) {
  return lines((all, random) => {
    const i = 2 + below(random, all.length - rows - 4), race = /(White|Black|Asian|Other)/;
    return all.with(i, all[i].replace(race, '"$1')).with(i + rows, all[i + rows].replace(race, '$1"'));
  });
}
