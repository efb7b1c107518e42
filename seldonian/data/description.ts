import { escaped } from "../escaped.ts";
import { inspect } from "../../autodiff/show.ts";
import { DataError, messageIn, type Setting } from "./data_error.ts";
import { quoted, visible } from "./quoted.ts";

/** A sentence of a report on data. */
export interface Note {
  /**
   * "parts": the number of rows in the parts; "mended": corrections while reading; "missing": missing values; "note": worth
   * knowing; "warning": may change the meaning of a verdict; "problem": will be refused if the column is used.
   */
  kind: "parts" | "mended" | "missing" | "note" | "warning" | "problem";
  /** The column it is about, if any. */
  column?: string;
  /** The text, without the column's name. */
  text: string;
  /** Whether it is about levels of a single row; such a row is in no group of the column. */
  rare?: true;
  /** The error that a problem will cause. */
  error?: DataError;
}

/** How a column was read. */
export interface ColumnDescription {
  /** Its name in the table. */
  name: string;
  /** "unclear": the meaning of its cells would be a guess, so its use is refused. */
  kind: "number" | "text" | "unclear";
  /** Its role, if known. */
  role?: "label" | "feature" | "group" | "feature, group" | "cluster" | "left out";
  /** The number of missing values. */
  missing: number;
  /** For numbers: ends, mean, quartiles, and a histogram, whose counts may cover only a part of the rows. */
  numbers?: {
    low: number;
    high: number;
    mean: number;
    quartiles: [number, number, number];
    breaks: readonly number[];
    counts: readonly number[];
  };
  /** For texts: the commonest, with their counts. */
  levels?: readonly (readonly [string, number])[];
  /** For texts: the number of different ones. */
  levelCount?: number;
  /** 1 if every value is the same number. */
  distinct?: 1;
}

/** Kinds of notes by importance. */
const order: Record<Note["kind"], number> = { parts: 0, problem: 1, warning: 2, missing: 3, mended: 4, note: 5 };

/** How a table was read. */
export class Description {
  /** The file, if known. */
  readonly file?: string;
  /** The number of rows. */
  readonly rows: number;
  /** How each column was read. */
  readonly columns: readonly ColumnDescription[];
  /** Notes, the most important first. */
  readonly notes: readonly Note[];

  /** A description of columns, with notes in any order. */
  constructor({ file, rows, columns, notes }: Pick<Description, "file" | "rows" | "columns" | "notes">) {
    if (file !== undefined) this.file = file;
    this.rows = rows;
    this.columns = columns;
    this.notes = [...notes].sort((a, b) => order[a.kind] - order[b.kind]);
  }

  /** The description as text: a line for each column and each note. */
  toString(): string {
    return this.text("code");
  }

  /** What `console.log` shows: the description as text. */
  [inspect](): string {
    return `${this}`;
  }

  /**
   * The description as text, in the words of a setting.
   * @param most the most lines of columns, and of notes
   */
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

  /** The whole description, ready for JSON.stringify. */
  toJSON(): Record<string, unknown> {
    const { file, rows, columns, notes } = this;
    return { file, rows, columns, notes: notes.map(({ error: _, ...note }) => note) };
  }

  /** The description as HTML: a table with a small histogram for each column, and a list of notes. */
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

  /** The description as a notebook shows it. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "text/plain": `${this}`, "text/html": this.html() };
  }
}

/** A note as a sentence, with a sign for problems and warnings. */
export function sentence({ kind, column, text, error }: Note, setting: Setting): string {
  const sign = kind === "problem" ? "✗ " : kind === "warning" ? "! " : "";
  if (error !== undefined) return `${sign}${messageIn(setting, error)}`;
  return `${sign}${column === undefined ? "" : `${quoted(column)}: `}${text}`;
}

/** Whether one error repeats the other and adds to it. */
export function saysSame(a: Error, b: Error): boolean {
  const [problem, other] = [a, b].map((error) => error instanceof DataError ? error.problem : error.message);
  return problem.startsWith(other) || other.startsWith(problem);
}

/** The label comes first, then groups and clusters. */
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

/** A short text for the values of a column. */
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

/** Whole numbers unchanged, others with four figures. */
function figure(x: number): string {
  return `${Number.isInteger(x) ? x : Number(x.toPrecision(4))}`;
}

/** A histogram of numbers, or bars of the commonest levels, as SVG in the colour of the text. */
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
