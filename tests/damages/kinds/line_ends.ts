import type { Damage } from "../damage.ts";
import { changeLines, harmless, lines, mended, middle, refused } from "../changes.ts";

/** Damages to line ends. */
export const ofLineEnds: readonly Damage[] = [
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
];
