/** What a function is at a point. */
export interface Found {
  /** f at the point that was asked for. */
  value: number;
  /** Its slopes there, where they are known. */
  gradient?: ArrayLike<number>;
}

/** The least that was found. */
export interface Minimum {
  /** Where the least value was found. */
  x: Float64Array;
  /** The least value. */
  value: number;
}

/**
 * A search for the least value of a function of several numbers: it yields the points at which it wants to know the function and
 * is told what it is there (infinite where it is not defined), so that whoever asks may compute it in their own time.
 */
export type Minimizer = Generator<Float64Array, Minimum, Found>;

/** Runs a search to its end, on a function that is at hand. */
export function minimize(search: Minimizer, f: (x: Float64Array) => Found | number): Minimum {
  let asked = search.next();
  while (!asked.done) {
    const found = f(asked.value);
    asked = search.next(typeof found === "number" ? { value: found } : found);
  }
  return asked.value;
}
