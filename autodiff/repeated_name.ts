/**
 * The first name that an object in a JSON text has twice, and its place: JSON.parse() would keep the last without a word.
 * @param json a text that JSON.parse() reads
 */
export function repeatedName(json: string): { name: string; offset: number } | undefined {
  const open: Set<string>[] = [];
  for (const { 0: token, 1: text, 2: colon, index } of json.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[[\]{}]/g)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (colon !== undefined) {
      const names = open[open.length - 1], name: string = JSON.parse(text);
      if (names.has(name)) return { name, offset: index };
      names.add(name);
    }
  }
}
