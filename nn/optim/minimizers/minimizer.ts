import { callable, checkArgument, checkOptions, type Kind, type Known, number, numbers } from "../../../autodiff/options.ts";

/** Options of a search without gradients. */
export interface SearchOptions {
  /** Size of the first steps, default 0.5. */
  spread?: number;
  /** When to stop, default 1e-9; see each search for its meaning. */
  tolerance?: number;
}

/** The options of {@link SearchOptions}. */
export const searching: Known<SearchOptions> = { spread: number, tolerance: number };

/** Options of a search, with defaults filled in. */
export function searchSettings(start: ArrayLike<number>, options: SearchOptions): Required<SearchOptions> {
  const { spread = 0.5, tolerance = 1e-9 } = checkOptions("search", options, searching);
  checkArgument("search", "the start", start, numbers);
  return { spread, tolerance };
}

/** A function's value and gradient at a point. */
export interface Found {
  /** f at the requested point. */
  value: number;
  /** Its slopes there, if known. */
  gradient?: ArrayLike<number>;
}

/** The result of a search. */
export interface Minimum {
  /** The point with the least value. */
  x: Float64Array;
  /** The least value. */
  value: number;
}

/**
 * A search for the least value of a function of several numbers. It yields points and receives the function's values there
 * (infinite where it is not defined), so that the caller decides when to compute them.
 */
export type Minimizer = Generator<Float64Array, Minimum, Found>;

const running: Kind = {
  type: "object",
  wanted: "a search, such as optim.nelderMead([0, 0])",
  holds: (value) => value !== null && typeof (value as Partial<Minimizer>).next === "function",
};

/** Runs a search on a function to its end. */
export function minimize(search: Minimizer, f: (x: Float64Array) => Found | number): Minimum {
  checkArgument("minimise", "the search", search, running);
  checkArgument("minimise", "the function", f, callable);
  let asked = search.next();
  while (!asked.done) {
    const found = f(asked.value);
    asked = search.next(typeof found === "number" ? { value: found } : found);
  }
  return asked.value;
}
