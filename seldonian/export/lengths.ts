/** Lengths that follow the number of rows. @module */

/** times · rows + plus. */
export class OfRows {
  /** A length for every number of rows. */
  constructor(readonly times: number, readonly plus: number) {}
}

/** The length of an axis, or a place on it. */
export type Length = number | OfRows;

/** a + b; with sign -1, a - b. */
export function sum(a: Length, b: Length, sign: 1 | -1 = 1): Length {
  if (typeof a === "number" && typeof b === "number") return a + sign * b;
  const [x, y] = [a, b].map((length) => typeof length === "number" ? new OfRows(0, length) : length);
  const times = x.times + sign * y.times, plus = x.plus + sign * y.plus;
  return times === 0 ? plus : new OfRows(times, plus);
}

/**
 * The length that has these values for these numbers of rows.
 * @param fail the error for values that are not on a line
 */
export function lengthOf(values: readonly number[], rows: readonly number[], fail: () => Error): Length {
  const times = (values[1] - values[0]) / (rows[1] - rows[0]), plus = values[0] - times * rows[0];
  if (times === 0 && values.every((value) => value === plus)) return plus;
  if (Number.isInteger(times) && values.every((value, i) => value === times * rows[i] + plus)) return new OfRows(times, plus);
  throw fail();
}

/** Options with a {@link Length} in place of each number that differs between runs; functions and texts are the first run's. */
export function liftedOptions(given: readonly unknown[], rows: readonly number[], fail: () => Error): unknown {
  const [first] = given;
  if (typeof first === "number") {
    return given.every((one) => Object.is(one, first)) ? first : lengthOf(given as number[], rows, fail);
  }
  if (Array.isArray(first)) {
    if (given.some((one) => (one as unknown[]).length !== first.length)) throw fail();
    return first.map((_, i) => liftedOptions(given.map((one) => (one as unknown[])[i]), rows, fail));
  }
  // Other objects, such as a tree or a recurrent cell, are the same in each run.
  if (typeof first !== "object" || first === null || Object.getPrototypeOf(first) !== Object.prototype) return first;
  return Object.fromEntries(
    Object.keys(first).map((
      name,
    ) => [name, liftedOptions(given.map((one) => (one as Record<string, unknown>)[name]), rows, fail)]),
  );
}
