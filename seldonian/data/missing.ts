/** Whether a value is missing: a number that is NaN, or an empty text. */
export function isMissing(value: unknown): boolean {
  return value === "" || value !== value;
}

/** How many values are missing, and the first of them; -1 if none is. */
export function missingIn(values: ArrayLike<unknown>): { count: number; first: number } {
  let count = 0, first = -1;
  for (let i = 0; i < values.length; i++) {
    if (isMissing(values[i]) && count++ === 0) first = i;
  }
  return { count, first };
}
