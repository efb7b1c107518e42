/** The fewest rows for which all-different values are not chance. */
const fewest = 20;

/** Whether numbers count the rows: each is one more than the last. */
export function isIndex(values: Float64Array | readonly string[]): boolean {
  if (!(values instanceof Float64Array) || values.length < fewest) return false;
  return values.every((value, row) => Number.isInteger(value) && (row === 0 || value - values[row - 1] === 1));
}

/** Whether all rows have different whole numbers. */
export function isDistinct(values: Float64Array): boolean {
  if (values.length < fewest) return false;
  const seen = new Set<number>();
  for (const value of values) {
    if (!Number.isInteger(value) || seen.has(value)) return false;
    seen.add(value);
  }
  return true;
}

/** Whether all rows have different whole numbers that lie as close as those of a count, in any order. Amounts lie further apart. */
export function isCount(values: Float64Array): boolean {
  if (!isDistinct(values)) return false;
  const low = values.reduce((a, b) => Math.min(a, b)), high = values.reduce((a, b) => Math.max(a, b));
  return high - low < 4 * values.length;
}

/** Whether a column has the name of an id, and all rows have different whole numbers or texts. */
export function looksLikeId(name: string, values: Float64Array | readonly string[]): boolean {
  if (values.length < fewest || !(isNamedId(name) || /(^|[\s_.-])(key|index|number|nr|no)$|^index([\s_.-]|$)/i.test(name))) {
    return false;
  }
  return values instanceof Float64Array ? isDistinct(values) : new Set(values).size === values.length;
}

/** Whether a column has the name of an id, and many whole numbers or texts that repeat, as for patients, but not for regions. */
export function looksLikeUnits(name: string, values: Float64Array | readonly string[]): boolean {
  if (!isNamedId(name) || (values instanceof Float64Array && !values.every((x) => Number.isInteger(x) || x !== x))) return false;
  const different = new Set<number | string>(values);
  return different.size > fewest && different.size < values.length;
}

/** Matches id, user_id or userId, but not paid. */
function isNamedId(name: string): boolean {
  return /(^|[\s_.-])(id|ids|uuid|guid)$|^(id|uuid|guid)([\s_.-]|$)/i.test(name) ||
    /[a-z](ID|Id|UUID|Uuid|GUID|Guid)$/.test(name);
}
