/** Questions: a promise that a known population barely breaks, and the way to ask the kit. */
import { type Custom, leavesIn, type Node, textOf } from "./formula.ts";
import { type Law, withBatchMean } from "./law.ts";
import { counts, leafValue, type Truth } from "./oracle.ts";
import type { Task } from "./populations.ts";

/** The subjects of questions. */
export const themes = {
  plain: 24,
  "almost apart": 16,
  costs: 14,
  "other data": 12,
  "two populations": 12,
  stratified: 8,
  "split by groups": 6,
  "declared clusters": 5,
  "batch statistics": 4,
  "few rows": 5,
  trained: 6,
  candidates: 1.5,
  tuned: 0.6,
  shopping: 1,
  namesakes: 0.6,
  "broken outputs": 0.8,
  "decided regression": 0.5,
};
export type Theme = keyof typeof themes;

/** An additional data set of a question. */
export interface Other {
  name: string;
  law: Law;
  /** The relation of its rows to the main ones: the same people in the same or another order, half of them, or others. */
  rows: "same" | "reordered" | "half" | "fresh";
  /** Whether a feature that the model ignores makes the digests of rows differ. */
  noisy: boolean;
  declared: "independent" | "paired" | null;
}

/** The way to a verdict. */
export type Route =
  | { kind: "test"; sorted: boolean; pieces: number; seeds: number }
  | { kind: "split"; by: "stratify" | "groups"; fraction: number; declared: boolean }
  | { kind: "train"; fraction: number; candidates: number; features: number; tuned: boolean };

export interface Question {
  number: number;
  theme: Theme;
  task: Task;
  law: Law;
  others: readonly Other[];
  formula: Node;
  relation: "<=" | ">=";
  text: string;
  delta: number;
  /** The number of rows before a split. */
  n: number;
  rates: "expected" | "decided";
  bound: string;
  analysis: "conjunctive" | "interval";
  shares: "optimal" | "equal";
  ranges: Readonly<Record<string, readonly [number, number]>>;
  custom: readonly Custom[];
  /** A measure of the same name, in another constraint that holds. */
  namesake: { measure: Custom; text: string } | null;
  route: Route;
  /** The factor of the batch's mean that is added to each output. */
  batchWeight: number;
  /** Whether clusters are declared in the data. */
  declaredClusters: boolean;
  /** Columns declared as exclusive: at most one of them is 1. */
  exclusive: readonly (readonly string[])[];
  /** Whether the kit must refuse the question, so that only 0 passes are right. */
  mustRefuse: boolean;
}

/** The fewest rows of these types that a leaf has; bounds that use the spread need some. */
export function fewest({ formula, custom, law }: Question, types: readonly number[]): number {
  const sizes = leavesIn(formula).map((leaf) => types.filter((type) => counts(leaf, law.types[type], { custom })).length);
  return Math.min(...sizes);
}

/** The true value of each measure, for reports; for a model that reads batches, in large ones. */
export function truthsOf({ formula, law, others, rates, custom, batchWeight }: Question): Record<string, number> {
  const laws = { "": withBatchMean(law, batchWeight), ...Object.fromEntries(others.map(({ name, law }) => [name, law])) };
  const truth: Truth = { laws, rates, custom, estimand: law.clusters === null ? "rows" : "clusters" };
  return Object.fromEntries(leavesIn(formula).map((leaf) => [textOf({ kind: "leaf", leaf }), leafValue(leaf, truth)]));
}
