import { inOrder, permutation, randomStream } from "../random.ts";
import type { DataSet, Rows } from "./data_set.ts";

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
export interface Split<Data = DataSet> {
  candidate: Data;
  safety: Data;
}

/** What can be split: a {@link DataSet}, or a table of raw values. */
export interface Rowed<Self> {
  readonly size: number;
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
  const order = shuffle ? permutation(size, randomStream(seed, "split")) : inOrder(size),
    candidate: number[] = [],
    safety: number[] = [];
  /** The first of these rows, as many as come nearest to the fraction, go to candidate selection. */
  const deal = (units: readonly (readonly number[])[]) => {
    const total = units.reduce((sum, unit) => sum + unit.length, 0), wanted = Math.round(total * (1 - safetyFraction));
    let taken = 0;
    for (const unit of units) {
      const toCandidate = Math.abs(taken + unit.length - wanted) < Math.abs(taken - wanted);
      if (toCandidate) taken += unit.length;
      (toCandidate ? candidate : safety).push(...unit);
    }
  };
  if (groups !== undefined) deal([...bySame(order, groups).values()]);
  else if (stratify === undefined) deal(Array.from(order, (row) => [row]));
  else for (const stratum of bySame(order, stratify).values()) deal(stratum.map((row) => [row]));
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

/**
 * Rows of the candidate data that the safety data has as well, with equal features, label and columns: [candidate row, safety row].
 * Such a row is no new evidence: the model was trained on it.
 */
export function sharedRows({ candidate, safety }: Split): [candidate: number, safety: number][] {
  const known = new Map<string, number[]>(), shared: [number, number][] = [];
  for (let row = 0; row < candidate.size; row++) {
    const key = digest(candidate.at([row])), rows = known.get(key);
    if (rows === undefined) known.set(key, [row]);
    else rows.push(row);
  }
  for (let row = 0; row < safety.size; row++) {
    const found = safety.at([row]), other = known.get(digest(found))?.find((one) => equalRows(candidate.at([one]), found));
    if (other !== undefined) shared.push([other, row]);
  }
  return shared;
}

function numbersOf({ features, labels, columns }: Rows): number[] {
  return [...features.data, ...labels.data, ...Array.from(columns.values(), ([value]) => value)];
}

function equalRows(a: Rows, b: Rows): boolean {
  const other = numbersOf(b);
  return numbersOf(a).every((value, i) => value === other[i]);
}

/** 64 bits of a row (FNV-1a, Fowler, Noll and Vo, and a second one with another multiplier). */
function digest(row: Rows): string {
  const words = new Uint32Array(Float64Array.from(numbersOf(row), (x) => x + 0).buffer);
  let a = 0x811c9dc5, b = 0x9e3779b9;
  for (const word of words) {
    a = Math.imul(a ^ word, 0x01000193);
    b = Math.imul((b ^ word) + (b >>> 15), 0x85ebca6b);
  }
  return `${a} ${b}`;
}
