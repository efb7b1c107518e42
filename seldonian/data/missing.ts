/** Whether a value is missing: a number that is NaN, or an empty text. */
export function isMissing(value: unknown): boolean {
  return value === "" || value !== value;
}

/** The number of missing values, and the place of the first; -1 if there is none. */
export function missingIn(values: ArrayLike<unknown>): { count: number; first: number } {
  let count = 0, first = -1;
  for (let i = 0; i < values.length; i++) {
    if (isMissing(values[i]) && count++ === 0) first = i;
  }
  return { count, first };
}
