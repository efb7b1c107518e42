import { escaped } from "../escaped.ts";
import { DataError, messageIn, type Setting } from "./data_error.ts";
import { quoted, visible } from "./quoted.ts";

/** A sentence of a report on data. */
export interface Note {
  /**
   * How many rows the parts have; what was mended in reading; what is missing; what is worth knowing; what may change what a verdict means; and what will be refused
   * where the column is used.
   */
  kind: "parts" | "mended" | "missing" | "note" | "warning" | "problem";
  /** Which column it is about, if one. */
  column?: string;
  /** What is to be known, without the column's name. */
  text: string;
  /** Whether it is of levels that one row has: of a column that groups are made of such a row is in none. */
  rare?: true;
  /** The error that a problem will end in. */
  error?: DataError;
}

/** What a column was read as. */
export interface ColumnDescription {
  /** Its name in the table. */
  name: string;
  /** "unclear": it would be a guess what its cells are, so that it is refused where it is used. */
  kind: "number" | "text" | "unclear";
  /** What it is for, where that is known. */
  role?: "label" | "feature" | "group" | "feature, group" | "cluster" | "left out";
  /** How many values are missing. */
  missing: number;
  /** Of numbers: ends, mean, quartiles, and a histogram, whose counts may be of a part of the rows. */
  numbers?: {
    low: number;
    high: number;
    mean: number;
    quartiles: [number, number, number];
    breaks: readonly number[];
    counts: readonly number[];
  };
  /** Of texts: the commonest, with how often they come. */
  levels?: readonly (readonly [string, number])[];
  /** Of texts: how many different ones there are. */
  levelCount?: number;
  /** 1 where every value is the same number. */
  distinct?: 1;
}

/** Notes by what matters most. */
const order: Record<Note["kind"], number> = { parts: 0, problem: 1, warning: 2, missing: 3, mended: 4, note: 5 };

/** What a table was read as. */
export class Description {
  /** The file that was read, if it is known. */
  readonly file?: string;
  /** How many rows there are. */
  readonly rows: number;
  /** What each column was read as. */
  readonly columns: readonly ColumnDescription[];
  /** What is to be known of it, the weightiest first. */
  readonly notes: readonly Note[];

  /** A description of columns, with notes in any order. */
  constructor({ file, rows, columns, notes }: Pick<Description, "file" | "rows" | "columns" | "notes">) {
    if (file !== undefined) this.file = file;
    this.rows = rows;
    this.columns = columns;
    this.notes = [...notes].sort((a, b) => order[a.kind] - order[b.kind]);
  }

  /** As text: a line for each column, and one for each note. */
  toString(): string {
    return this.text("code");
  }

  /** As text, in the words of a setting. @param most lines of columns and of notes, at most */
  text(setting: Setting, most = 30): string {
    const { rows, file = "The table" } = this,
      used = this.columns.filter(({ role }) => role !== "left out"),
      out = this.columns.length - used.length;
    const columns = [...used].sort((a, b) => weight(a) - weight(b)).slice(0, most);
    const widths = [0, 1, 2].map((j) => Math.max(0, ...columns.map((column) => cells(column)[j].length)));
    const lines = columns.map((column) =>
      `  ${cells(column).map((cell, j) => cell.padEnd(widths[j] ?? 0)).join("  ").trimEnd()}`
    );
    const left = this.columns.filter(({ role }) => role === "left out").slice(0, 12).map(({ name }) => visible(name)).join(", ");
    const notes = this.notes.map((note) => `  ${sentence(note, setting)}`);
    return [
      `${file}: ${rows.toLocaleString("en")} rows, ${this.columns.length} column${this.columns.length === 1 ? "" : "s"}`,
      ...lines,
      ...(used.length > columns.length ? [`  … and ${used.length - columns.length} more columns`] : []),
      ...(out > 0 ? [`  left out: ${left}${out > 12 ? ` and ${out - 12} more` : ""}`] : []),
      ...notes.slice(0, most),
      ...(notes.length > most ? [`  … and ${notes.length - most} more notes`] : []),
    ].join("\n");
  }

  /** All of it, ready for JSON.stringify. */
  toJSON(): Record<string, unknown> {
    const { file, rows, columns, notes } = this;
    return { file, rows, columns, notes: notes.map(({ error: _, ...note }) => note) };
  }

  /** As HTML: a table with a small histogram a column, and a list of notes. */
  html(setting: Setting = "code"): string {
    const { file = "The table", rows, columns } = this;
    const head = ["Column", "For", "Read as", "Missing", "Values"].map((name) => `<th scope="col">${name}</th>`).join("");
    const body = columns.map((column) => {
      const { name, kind, role = "", missing } = column;
      return `<tr><th scope="row">${escaped(name)}</th><td>${role}</td><td>${kind}</td><td>${
        missing === 0 ? "" : missing.toLocaleString("en")
      }</td><td>${picture(column)} ${escaped(valuesText(column))}</td></tr>`;
    }).join("");
    const notes = this.notes.map((note) => `<li class="${note.kind}">${escaped(sentence(note, setting))}</li>`).join("");
    return `<section class="description"><table><caption>${escaped(file)}: ${
      rows.toLocaleString("en")
    } rows, ${columns.length} columns</caption>` +
      `<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>${notes === "" ? "" : `<ul>${notes}</ul>`}</section>`;
  }

  /** What a notebook shows. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "text/plain": `${this}`, "text/html": this.html() };
  }
}

/** A note as a sentence, with what kind it is where that matters. */
export function sentence({ kind, column, text, error }: Note, setting: Setting): string {
  const sign = kind === "problem" ? "✗ " : kind === "warning" ? "! " : "";
  if (error !== undefined) return `${sign}${messageIn(setting, error)}`;
  return `${sign}${column === undefined ? "" : `${quoted(column)}: `}${text}`;
}

/** Whether one of two errors is in the words of the other, and says more of the same. */
export function saysSame(a: Error, b: Error): boolean {
  const [problem, other] = [a, b].map((error) => error instanceof DataError ? error.problem : error.message);
  return problem.startsWith(other) || other.startsWith(problem);
}

/** The label comes first, then what groups are made of. */
function weight({ role }: ColumnDescription): number {
  return role === "label" ? 0 : role === "group" || role === "feature, group" || role === "cluster" ? 1 : 2;
}

function cells(column: ColumnDescription): [string, string, string, string] {
  const { name, kind, role = "", missing } = column;
  return [
    visible(name),
    role,
    kind,
    [valuesText(column), ...missing === 0 ? [] : [`${missing.toLocaleString("en")} missing`]].filter((text) => text !== "").join(
      ", ",
    ),
  ];
}

/** The values of a column in some words. */
function valuesText({ numbers, levels, levelCount = 0 }: ColumnDescription): string {
  if (numbers !== undefined) {
    const [low, median, high] = [numbers.low, numbers.quartiles[1], numbers.high].map(figure);
    if (numbers.low === 0 && numbers.high === 1 && numbers.counts.slice(1, -1).every((count) => count === 0)) {
      return `0 or 1, ${Number((100 * numbers.mean).toPrecision(3))} % are 1`;
    }
    return low === high ? low : `${low} to ${high}, median ${median}`;
  }
  if (levels === undefined) return "";
  const shown = levels.slice(0, 4).map(([level, times]) =>
    `${visible(level.length > 24 ? `${level.slice(0, 24)}…` : level)} (${times.toLocaleString("en")})`
  );
  return `${levelCount.toLocaleString("en")} level${levelCount === 1 ? "" : "s"}: ${shown.join(", ")}${
    levelCount > shown.length ? ", …" : ""
  }`;
}

/** Whole numbers as they are, others with four figures. */
function figure(x: number): string {
  return `${Number.isInteger(x) ? x : Number(x.toPrecision(4))}`;
}

/** A histogram of numbers, or bars of the commonest levels, as SVG that takes its color from the text. */
function picture({ numbers, levels = [] }: ColumnDescription): string {
  const counts = numbers?.counts ?? levels.slice(0, 12).map(([, times]) => times), most = Math.max(...counts, 1);
  if (counts.length === 0) return "";
  const bars = counts.map((times, i) => {
    const height = Number((18 * times / most).toFixed(1));
    return `<rect x="${i * 6}" y="${Number((18 - height).toFixed(1))}" width="5" height="${height}"/>`;
  });
  return `<svg class="histogram" width="${6 * counts.length}" height="18" viewBox="0 0 ${
    6 * counts.length
  } 18" fill="currentColor" aria-hidden="true">${bars.join("")}</svg>`;
}
