/** The method that tells `console.log` what to show, in Deno, Node.js and Bun. */
export const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

/** The same object, which `console.log` shows as a text; all its properties stay as they are. */
export function shownAs<T extends object>(object: T, text: (object: T) => string): T {
  return Object.defineProperty(object, inspect, { value: () => text(object), configurable: true });
}

/** Lines of cells in columns: flush right, or the first one flush left. */
export function aligned(rows: readonly (readonly string[])[], first: "padEnd" | "padStart" = "padEnd"): string[] {
  const widths = rows[0].map((_, j) => Math.max(...rows.map((row) => row[j].length)));
  return rows.map((row) => row.map((cell, j) => cell[j === 0 ? first : "padStart"](widths[j])).join("  ").trimEnd());
}
