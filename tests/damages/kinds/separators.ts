import type { Damage } from "../damage.ts";
import { below, changeLines, harmless, lines, mended, refused } from "../changes.ts";

/** Damages to separators of cells. */
export const ofSeparators: readonly Damage[] = [
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
];
