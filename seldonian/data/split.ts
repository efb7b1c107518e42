import { inOrder, permutation, randomStream } from "../random.ts";
import { DataSet } from "./data_set.ts";

/** How data is split. */
export interface SplitOptions {
  /** The part of the rows that is kept for the safety test, between 0 and 1; default 0.5. */
  safetyFraction?: number;
  /** Default 0; the same seed, the same split. */
  seed?: number;
  /** Whether rows are drawn at random (default), or the first are candidate data, as in the Python toolkit. */
  shuffle?: boolean;
}

/** Candidate data to train on, and safety data that training never sees. */
export interface Split {
  candidate: DataSet;
  safety: DataSet;
}

/** Splits data at random: round((1 - safetyFraction) rows) for candidate selection, the others for the safety test. */
export function split(data: DataSet, { safetyFraction = 0.5, seed = 0, shuffle = true }: SplitOptions = {}): Split {
  if (!(safetyFraction > 0 && safetyFraction < 1)) {
    throw new RangeError(`Cannot split data with safetyFraction ${safetyFraction}: wanted a number between 0 and 1`);
  }
  const order = shuffle ? permutation(data.size, randomStream(seed, "split")) : inOrder(data.size);
  const count = Math.round(data.size * (1 - safetyFraction));
  if (count === 0 || count === data.size) {
    throw new RangeError(`Cannot split ${data.size} rows with safetyFraction ${safetyFraction}: one part would be empty`);
  }
  return { candidate: new DataSet(data, order.subarray(0, count)), safety: new DataSet(data, order.subarray(count)) };
}
