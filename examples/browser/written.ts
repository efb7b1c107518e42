/** A text in quotes, or one that ends before a comma. */
const item = /"(?:[^"\\\n]|\\.)*"|[^\s,"][^,\n]*/g;
const column = /^\s*("(?:[^"\\]|\\.)*"|[^":]+?)\s*:\s*(.*)$/;
const pair = /("(?:[^"\\\n]|\\.)*"|[^\s,"=→][^,=→\n]*?)\s*(?:=>?|→)\s*("(?:[^"\\\n]|\\.)*"|[^,\n]*)/g;

/** Names or values as a field has them: apart by commas, in quotes where they have commas themselves; a list of JSON as well. */
export function listed(text: string): string[] {
  return Array.from(text.trim().replace(/^\[([^]*)\]$/, "$1").matchAll(item), ([found]) => bare(found));
}

/** "f = Female, m = Male" as what is read, by what is written. */
export function pairs(text: string): Record<string, string> {
  return Object.fromEntries(Array.from(text.matchAll(pair), ([, from, to]) => [bare(from), bare(to)]));
}

/** Lines "age: …" by their column; what is said of no column stands under "". */
export function byColumn(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name = '""', rest = line] = column.exec(line) ?? [], key = bare(name);
    if (rest.trim() !== "") found.set(key, found.has(key) ? `${found.get(key)}, ${rest}` : rest);
  }
  return found;
}

/** A value of an option as its field has it: a list with commas, a line for each column. */
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
