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
  if (values.length < fewest || !(isNamedId(name) || /(^|[\s_.-])(key|index|number|nr|no)$|^index([\s_.-]|$)/i.test(name))) {
    return false;
  }
  return values instanceof Float64Array ? isDistinct(values) : new Set(values).size === values.length;
}

/** Whether a column is named as ids are, and its whole numbers or texts are many, and come again: as those of patients, and not of regions. */
export function looksLikeUnits(name: string, values: Float64Array | readonly string[]): boolean {
  if (!isNamedId(name) || (values instanceof Float64Array && !values.every((x) => Number.isInteger(x) || x !== x))) return false;
  const different = new Set<number | string>(values);
  return different.size > fewest && different.size < values.length;
}

/** Id, user_id or userId, but not paid. */
function isNamedId(name: string): boolean {
  return /(^|[\s_.-])(id|ids|uuid|guid)$|^(id|uuid|guid)([\s_.-]|$)/i.test(name) ||
    /[a-z](ID|Id|UUID|Uuid|GUID|Guid)$/.test(name);
}
