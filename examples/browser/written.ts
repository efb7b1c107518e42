/** A quoted text, or a text up to a comma. */
const item = /"(?:[^"\\\n]|\\.)*"|[^\s,"][^,\n]*/g;
const column = /^\s*("(?:[^"\\]|\\.)*"|[^":]+?)\s*:\s*(.*)$/;
const pair = /("(?:[^"\\\n]|\\.)*"|[^\s,"=→][^,=→\n]*?)\s*(?:=>?|→)\s*("(?:[^"\\\n]|\\.)*"|[^,\n]*)/g;

/** Parses names or values in a field: separated by commas, in quotes if they contain commas, or a JSON list. */
export function listed(text: string): string[] {
  return Array.from(text.trim().replace(/^\[([^]*)\]$/, "$1").matchAll(item), ([found]) => bare(found));
}

/** Parses "f = Female, m = Male" to replacements by cell text. */
export function pairs(text: string): Record<string, string> {
  return Object.fromEntries(Array.from(text.matchAll(pair), ([, from, to]) => [bare(from), bare(to)]));
}

/** Parses lines "age: …" by column; text without a column is under "". */
export function byColumn(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name = '""', rest = line] = column.exec(line) ?? [], key = bare(name);
    if (rest.trim() !== "") found.set(key, found.has(key) ? `${found.get(key)}, ${rest}` : rest);
  }
  return found;
}

/** Writes an option's value for its field: a list with commas, or a line for each column. */
export function written(value: unknown): string {
  if (Array.isArray(value)) return value.map(quoted).join(", ");
  if (typeof value !== "object" || value === null) return `${value}`;
  return Object.entries(value).map(([name, of]) =>
    `${quoted(name)}: ${
      Array.isArray(of)
        ? written(of)
        : Object.entries(of as object).map(([from, to]) => `${quoted(from)} = ${quoted(to)}`).join(", ")
    }`
  ).join("\n");
}

function bare(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text.trim();
}

function quoted(given: unknown): string {
  const text = `${given}`;
  return /[",:=→\n]|^\s|\s$|^$|^\[|^\{/.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : text;
}
