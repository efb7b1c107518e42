import { Tensor } from "../../autodiff/mod.ts";
import type { Moments } from "../bounds/bound.ts";
import { commonPlaces } from "./counting.ts";
import type { Leaf } from "./expression.ts";
import type { Known } from "./membership.ts";

/** Some rows, as constraints see them. */
export interface Sample {
  /** The rows that a leaf measures: these, or another data set's. */
  source(leaf: Leaf): Units;
  /** How two data sets relate. */
  relation(a: Units, b: Units): DataRelation;
  /** The key under which to cache what depends on labels and columns alone; `null`: nothing can be cached. */
  readonly key: object | null;
  /** The leaf to bound on a side, see {@link Measure.sided}. */
  sided(leaf: Leaf, side: "lower" | "upper", range: readonly [number, number] | null): Leaf;
  /** One number for each row that counts, [n] float64. */
  values(leaf: Leaf): Tensor;
  /** The numbers of the rows that count, int32. */
  rowsOf(leaf: Leaf): Tensor;
  /** The places of the rows that count for both leaves: among those of the first, and among those of the second, int32. */
  common(a: Leaf, b: Leaf): readonly Tensor[];
  /** The values of the user's rows, where {@link values} are means of their clusters, and the rows' numbers and places. */
  rowValues(leaf: Leaf): { values: Tensor; rowNumber(i: number): number; place(i: number): string };
  /** Mean and variance (with n - 1) of the values. */
  moments(leaf: Leaf): Moments;
  /** The leaf's estimate on these rows, shape []. */
  estimate(leaf: Leaf): Tensor;
}

/** The independent units of a data set: its rows, or its clusters, called rows here. */
export interface Units extends Known {
  readonly rows: number;
  /** The number of rows in the safety test, if these are candidate data. */
  readonly testRows: number;
  /** Whether a row here is a cluster of the user's rows. Then groups of rows that exclude each other may share a cluster. */
  readonly clustered: boolean;
  /** The number of a row in the user's data; for a cluster, that of its first row. */
  rowNumber(row: number): number;
  /** The row's place, for messages. */
  place(row: number): string;
}

/**
 * The user's statement about two data sets: the same one, drawn independently, or paired by row number. Data alone cannot show
 * it: a copy with noise looks independent.
 */
export type DataRelation = "same" | "independent" | "paired" | "unknown";

/** The user's statements about other data sets, by name. */
export interface Relations {
  /** Data sets independent of the main data and of each other. */
  independent: readonly string[];
  /** Data sets whose i-th row belongs to the i-th row of the main data. */
  paired: readonly string[];
}

/** The places of the rows that count for both leaves of a sample. */
export function commonIn(sample: Pick<Sample, "rowsOf">, a: Leaf, b: Leaf): Tensor[] {
  return commonPlaces(sample.rowsOf(a).data, sample.rowsOf(b).data).map((places) => Tensor.from(places));
}
