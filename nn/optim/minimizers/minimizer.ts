import { callable, checkArgument, checkOptions, type Kind, type Known, number, numbers } from "../../../autodiff/options.ts";

/** How a search without gradients goes. */
export interface SearchOptions {
  /** How far it looks at first, default 0.5. */
  spread?: number;
  /** Where it ends: what that says is each search's own; default 1e-9. */
  tolerance?: number;
}

/** What {@link SearchOptions} has. */
export const searching: Known<SearchOptions> = { spread: number, tolerance: number };

/** Settings of a search, all of them. */
export function searchSettings(start: ArrayLike<number>, options: SearchOptions): Required<SearchOptions> {
  const { spread = 0.5, tolerance = 1e-9 } = checkOptions("search", options, searching);
  checkArgument("search", "the start", start, numbers);
  return { spread, tolerance };
}

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

const running: Kind = {
  type: "object",
  wanted: "a search, as optim.nelderMead([0, 0]) makes it",
  holds: (value) => value !== null && typeof (value as Partial<Minimizer>).next === "function",
};

/** Runs a search to its end, on a function that is at hand. */
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
