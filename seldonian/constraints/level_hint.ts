import { conditionText } from "./conditions.ts";

/** Where a name that is no column is a value of one, how to ask for that. */
export function levelHint(
  columns: Iterable<readonly [name: string, values: object]>,
  name: string,
): string | undefined {
  for (const [column, values] of columns) {
    if (!Array.prototype.includes.call(values as ArrayLike<unknown>, name)) continue;
    const condition = conditionText({ kind: "comparison", column, relation: "==", value: name });
    return `it is a value of the column "${column}": write [${condition}]`;
  }
}
