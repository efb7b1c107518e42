import type { Damage } from "../damage.ts";
import { below, change, changeLines, harmless, lines, noticed, refused } from "../changes.ts";

/** Damages to quotes. */
export const ofQuotes: readonly Damage[] = [
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
];

/** Opens a quote in a cell of race, and closes it in the same column some rows below. */
function swallow(rows: number) {
  return lines((all, random) => {
    const i = 2 + below(random, all.length - rows - 4), race = /(White|Black|Asian|Other)/;
    return all.with(i, all[i].replace(race, '"$1')).with(i + rows, all[i + rows].replace(race, '$1"'));
  });
}
