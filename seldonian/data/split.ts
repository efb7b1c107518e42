import { inOrder, permutation, randomStream } from "../random.ts";
import type { Source } from "./data_set.ts";

/** How data is split. */
export interface SplitOptions {
  /** The part of the rows that is kept for the safety test, between 0 and 1; default 0.5. */
  safetyFraction?: number;
  /** Default 0; the same seed, the same split. */
  seed?: number;
  /** Whether rows are drawn at random (default), or the first are candidate data, as in the Python toolkit. */
  shuffle?: boolean;
  /** A value for each row: each of them is split by itself, so that both parts have it equally often. */
  stratify?: ArrayLike<unknown>;
  /** A value for each row: rows that share it, as those of one patient, stay together. Bounds still take rows for independent. */
  groups?: ArrayLike<unknown>;
}

/** Candidate data to train on, and safety data that training never sees. */
export interface Split<Data = Source> {
  /** For training and for choosing the model. */
  candidate: Data;
  /** For the safety test alone. */
  safety: Data;
}

/** What can be split: a {@link DataSet}, or a table of raw values. */
export interface Rowed<Self> {
  /** Number of rows. */
  readonly size: number;
  /** The rows with these numbers, in this order. */
  take(rows: ArrayLike<number>): Self;
}

/**
 * Splits data at random: round((1 - safetyFraction) rows) for candidate selection, the others for the safety test; with `groups`
 * the number that comes nearest.
 * @throws {RangeError} if one part would be empty, or if there is not a value for each row
 */
export function split<Data extends Rowed<Data>>(data: Data, options: SplitOptions = {}): Split<Data> {
  const { safetyFraction = 0.5, seed = 0, shuffle = true, stratify, groups } = options, { size } = data;
  if (!(safetyFraction > 0 && safetyFraction < 1)) {
    throw new RangeError(`Cannot split data with safetyFraction ${safetyFraction}: wanted a number between 0 and 1`);
  }
  for (const [name, values] of Object.entries({ stratify, groups })) {
    if (values === undefined || values.length === size) continue;
    throw new RangeError(`Cannot split ${size} rows: ${name} has ${values.length} values; wanted one for each row`);
  }
  if (stratify !== undefined && groups !== undefined) {
    throw new RangeError("Cannot split by both stratify and groups: rows that stay together need not share a stratum");
  }
  const order = shuffle ? permutation(size, randomStream(seed, "split")) : inOrder(size);
  const candidate: number[] = [],
    safety: number[] = [],
    candidateCount = (rows: number) => Math.round(rows * (1 - safetyFraction));
  if (groups !== undefined) {
    const wanted = candidateCount(size);
    for (const group of bySame(order, groups).values()) {
      const nearer = Math.abs(candidate.length + group.length - wanted) < Math.abs(candidate.length - wanted);
      for (const row of group) (nearer ? candidate : safety).push(row);
    }
  } else {
    for (const rows of stratify === undefined ? [order] : bySame(order, stratify).values()) {
      const count = candidateCount(rows.length);
      rows.forEach((row, i) => (i < count ? candidate : safety).push(row));
    }
  }
  if (candidate.length === 0 || safety.length === 0) {
    throw new RangeError(`Cannot split ${size} rows with safetyFraction ${safetyFraction}: one part would be empty`);
  }
  return { candidate: data.take(candidate), safety: data.take(safety) };
}

/** Rows by the value that they share. */
function bySame(order: Int32Array, values: ArrayLike<unknown>): Map<unknown, number[]> {
  const found = new Map<unknown, number[]>();
  for (const row of order) {
    const rows = found.get(values[row]);
    if (rows === undefined) found.set(values[row], [row]);
    else rows.push(row);
  }
  return found;
}
