import type { Damage } from "../damage.ts";
import { harmless, lines, mended, noticed, refused, renamed } from "../changes.ts";

/** Damages to the names of columns. */
export const ofNames: readonly Damage[] = [
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
];
