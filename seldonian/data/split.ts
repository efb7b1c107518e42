import { checkOptions, type Known, number, perRow, shown, truth, whole } from "../../autodiff/options.ts";
import { type RandomGenerator, uniformFloat64 } from "../../deps.ts";
import { inOrder, permutation, randomStream } from "../random.ts";
import { checkWhole, clusterIdsOf } from "./clusters.ts";
import type { Source } from "./data_set.ts";

/** How to split data. */
export interface SplitOptions {
  /** The fraction of rows kept for the safety test, between 0 and 1; default 0.5. */
  safetyFraction?: number;
  /** Default 0; the same seed gives the same split. */
  seed?: number;
  /**
   * Whether to draw rows at random (default), or take the first as candidate data, as in the Python toolkit: for rows that are in
   * no particular order. `groups` are drawn at random anyway; rows of a part keep their order.
   */
  shuffle?: boolean;
  /**
   * A value for each row. The rows of each value are split separately, so that both parts have it in proportion, up to one row.
   */
  stratify?: ArrayLike<unknown>;
  /**
   * A value for each row: rows that share it, such as those of one patient, stay together and are one observation; constraints
   * are then on means of groups. Default: the clusters of the data, if any.
   */
  groups?: ArrayLike<unknown>;
}

const known: Known<SplitOptions> = { safetyFraction: number, seed: whole(), shuffle: truth, stratify: perRow, groups: perRow };

/** Candidate data to train on, and safety data that training never sees. */
export interface Split<Data = Source> {
  /** For training and for choosing the model. */
  candidate: Data;
  /** Only for the safety test. */
  safety: Data;
}

/** Data that can be split: a {@link DataSet}, or a table of raw values. */
export interface Rowed<Self> {
  /** The number of rows. */
  readonly size: number;
  /** The cluster of each row, if rows are in clusters. */
  readonly clusters?: ArrayLike<unknown>;
  /** The rows with these numbers, in this order. */
  take(rows: ArrayLike<number>): Self;
  /** The same rows in clusters: rows with equal ids are one observation. */
  clustered?(ids: ArrayLike<unknown>): Self;
  /** The same rows, marked as part of a split that divided strata. */
  stratified?(): Self;
  /** The place of a row, for messages. */
  place?(row: number): string;
}

/**
 * Splits data at random, so that both parts follow the law of the whole, and neither the contents nor the place of a row decides
 * its part:
 * - by default, round((1 - safetyFraction) rows) are candidate data, drawn without replacement. Every set of that many rows is
 *   equally probable, so independent rows are independent in each part, and the parts are independent of each other;
 * - with `stratify`, every row is safety data with probability exactly `safetyFraction`. The counts of the strata are as close to
 *   proportional as whole numbers allow, rounded up or down by one random number, and the total is within 1 of the wanted one.
 *   Within a stratum every choice of that many rows is equally probable. A part has each stratum in the whole's proportion, with
 *   less chance variation than independent rows would have. Its rows are not independent, though, and bounds may miss a little
 *   more often than delta: in the worst case found, where the strata themselves are measured, an exact bound for 20 rows at delta
 *   0.05 misses with probability 0.051. So a test of such a part says "approximately";
 * - with `groups`, every set of the same number of groups is equally probable, whatever their sizes, so independent groups are
 *   independent in each part. Both parts remember which rows are together: see {@link DataSet.clustered}. Data in clusters is
 *   split like this by default.
 *
 * With one seed, a greater `safetyFraction` leaves a subset of the candidate data of a smaller fraction, except with `stratify`.
 * @throws {RangeError} if one part would be empty, or if there is not one value for each row
 */
export function split<Data extends Rowed<Data>>(data: Data, options: SplitOptions = {}): Split<Data> {
  if (typeof data?.take !== "function") throw new TypeError(`Cannot split ${shown(data)}: wanted a DataSet or a Table`);
  const { safetyFraction = 0.5, seed = 0, shuffle = true, stratify, groups = data.clusters } = checkOptions(
      "split data",
      options,
      known,
    ),
    { size } = data;
  if (!(safetyFraction > 0 && safetyFraction < 1)) {
    throw new RangeError(`Cannot split data with safetyFraction ${safetyFraction}: wanted a number between 0 and 1`);
  }
  for (const [name, values] of Object.entries({ stratify, groups })) {
    if (values === undefined || values.length === size) continue;
    throw new RangeError(`Cannot split ${size} rows: ${name} has ${values.length} values; wanted one for each row`);
  }
  if (stratify !== undefined && groups !== undefined) {
    throw new RangeError(
      `Cannot split by both stratify and ${options.groups === undefined ? "the data's clusters" : "groups"}: ` +
        "rows that stay together need not share a stratum",
    );
  }
  const cut: Cut = { size, safetyFraction, shuffle, random: randomStream(seed, "split") };
  if (groups !== undefined) {
    if (options.groups !== undefined && data.clusters !== undefined) checkWhole(data.clusters, groups, "groups", placeIn(data));
    const ids = clusterIdsOf(groups, size, "groups", placeIn(data)),
      known = options.groups === undefined ? data : data.clustered?.(ids) ?? data;
    return taken(known, byGroups(ids, cut), safetyFraction);
  }
  if (stratify === undefined) return taken(data, plainly(cut), safetyFraction);
  return taken(data.stratified?.() ?? data, byStrata(stratify, cut), safetyFraction);
}

/** The place of a row in the user's data. */
function placeIn(data: { place?(row: number): string }): ((row: number) => string) | undefined {
  return data.place && ((row) => data.place!(row));
}

/** The number of rows, and how to cut them. */
interface Cut {
  size: number;
  safetyFraction: number;
  shuffle: boolean;
  random: RandomGenerator;
}

function taken<Data extends Rowed<Data>>(data: Data, { candidate, safety }: Split<number[]>, fraction: number): Split<Data> {
  if (candidate.length === 0 || safety.length === 0) {
    throw new RangeError(`Cannot split ${data.size} rows with safetyFraction ${fraction}: one part would be empty`);
  }
  return { candidate: data.take(candidate), safety: data.take(safety) };
}

function plainly({ size, safetyFraction, shuffle, random }: Cut): Split<number[]> {
  const order = [...shuffle ? permutation(size, random) : inOrder(size)], count = Math.round(size * (1 - safetyFraction));
  return { candidate: order.slice(0, count), safety: order.slice(count) };
}

/**
 * The first groups in a random order are candidate data: the wanted number, rounded by a random number, but at least one, and at
 * least one fewer than there are. The number depends on no group, so the order of groups is uniform whatever the number.
 */
function byGroups(groups: ArrayLike<unknown>, { size, safetyFraction, shuffle, random }: Cut): Split<number[]> {
  const rows = [...bySame(inOrder(size), groups).values()],
    offset = uniformFloat64(random),
    order = permutation(rows.length, random);
  if (rows.length < 2) {
    throw new RangeError(
      `Cannot split ${size} rows: they are all in one group, which stays together, so one part would be empty`,
    );
  }
  const count = Math.min(Math.max(Math.floor(rows.length * (1 - safetyFraction) + offset), 1), rows.length - 1);
  const parts = [order.subarray(0, count), order.subarray(count)].map((part) => Array.from(part).flatMap((group) => rows[group]));
  if (!shuffle) parts.forEach((part) => part.sort((a, b) => a - b));
  return { candidate: parts[0], safety: parts[1] };
}

/**
 * Systematic rounding. Let C be the sums of wanted counts in a random order of strata, and U one number uniform in [0, 1).
 * Stratum k has floor(C_k + U) - floor(C_(k-1) + U) candidate rows. This is C_k - C_(k-1) rounded up or down, with that mean,
 * since floor(x + U) has the mean x.
 * Source: W. G. Madow, "On the theory of systematic sampling, II", Annals of Mathematical Statistics 20 (1949).
 */
function byStrata(stratify: ArrayLike<unknown>, { size, safetyFraction, shuffle, random }: Cut): Split<number[]> {
  const fraction = 1 - safetyFraction;
  if (size * Math.min(fraction, safetyFraction) < 1 - 1e-9) {
    throw new RangeError(
      `Cannot split ${size} rows with safetyFraction ${safetyFraction}: one part could be empty; wanted at least one row in each`,
    );
  }
  const offset = uniformFloat64(random), rows = shuffle ? permutation(size, random) : inOrder(size);
  const strata = [...bySame(rows, stratify).values()], isCandidate = new Uint8Array(size);
  let before = 0;
  for (const k of permutation(strata.length, random)) {
    const after = before + strata[k].length,
      count = Math.floor(after * fraction + offset) - Math.floor(before * fraction + offset);
    for (const row of strata[k].slice(0, count)) isCandidate[row] = 1;
    before = after;
  }
  const part = (wanted: number) => [...rows].filter((row) => isCandidate[row] === wanted);
  return { candidate: part(1), safety: part(0) };
}

/** Rows by shared value. */
function bySame(order: Int32Array, values: ArrayLike<unknown>): Map<unknown, number[]> {
  const found = new Map<unknown, number[]>();
  for (const row of order) {
    const rows = found.get(values[row]);
    if (rows === undefined) found.set(values[row], [row]);
    else rows.push(row);
  }
  return found;
}
