import type { Damage } from "../damage.ts";
import { lines, mended, middle, noticed, refused, verdict } from "../changes.ts";

/** Lines that are not rows. */
export const strayLines: readonly Damage[] = [
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
];
