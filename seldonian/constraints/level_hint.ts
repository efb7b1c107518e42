import { conditionText } from "./conditions.ts";

/** For an unknown column that is a value of another: how to write a condition on it. */
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
