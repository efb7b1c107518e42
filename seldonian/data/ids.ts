/** Rows from which on different values in all of them are no chance. */
const fewest = 20;

/** Whether numbers are those of the rows: each is one more than the one before. */
export function isIndex(values: Float64Array | readonly string[]): boolean {
  if (!(values instanceof Float64Array) || values.length < fewest) return false;
  return values.every((value, row) => Number.isInteger(value) && (row === 0 || value - values[row - 1] === 1));
}

/** Whether every row has another whole number. */
export function isDistinct(values: Float64Array): boolean {
  if (values.length < fewest) return false;
  const seen = new Set<number>();
  for (const value of values) {
    if (!Number.isInteger(value) || seen.has(value)) return false;
    seen.add(value);
  }
  return true;
}

/** Whether a column is named as ids are, and every row has another whole number or text. */
export function looksLikeId(name: string, values: Float64Array | readonly string[]): boolean {
  if (
    values.length < fewest ||
    !/(^|[\s_.-])(id|ids|uuid|guid|key|index|number|nr|no)$|^(id|index|uuid)([\s_.-]|$)|[a-z](ID|Id)$/i.test(name)
  ) return false;
  return values instanceof Float64Array ? isDistinct(values) : new Set(values).size === values.length;
}
