/** What a question is: a promise that a known population breaks by a hair, and how the kit is asked. */
import { type Custom, leavesIn, type Node, textOf } from "./formula.ts";
import { type Law, withBatchMean } from "./law.ts";
import { counts, leafValue, type Truth } from "./oracle.ts";
import type { Task } from "./populations.ts";

/** What a question is about. */
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

/** Another data set of a question. */
export interface Other {
  name: string;
  law: Law;
  /** What its rows have to do with the main ones: the same people, in the same or another order, half of them, or others. */
  rows: "same" | "reordered" | "half" | "fresh";
  /** Whether a feature that the model does not look at makes rows differ in their digests. */
  noisy: boolean;
  declared: "independent" | "paired" | null;
}

/** How a verdict comes about. */
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
  /** Rows before a split. */
  n: number;
  rates: "expected" | "decided";
  bound: string;
  analysis: "conjunctive" | "interval";
  shares: "optimal" | "equal";
  ranges: Readonly<Record<string, readonly [number, number]>>;
  custom: readonly Custom[];
  /** Another measure of the same name, in another constraint that holds. */
  namesake: { measure: Custom; text: string } | null;
  route: Route;
  /** How much of the mean of a batch is added to each output. */
  batchWeight: number;
  /** Whether clusters are declared in the data. */
  declaredClusters: boolean;
  /** Columns of which at most one is 1, declared so. */
  exclusive: readonly (readonly string[])[];
  /** What the kit must refuse, if there is something: no number of passes but 0 is right. */
  mustRefuse: boolean;
}

/** Whether a leaf has fewer rows of these types than a bound needs that reads their spread. */
export function fewest({ formula, custom, law }: Question, types: readonly number[]): number {
  const sizes = leavesIn(formula).map((leaf) => types.filter((type) => counts(leaf, law.types[type], { custom })).length);
  return Math.min(...sizes);
}

/** A question's truth, for reports: the value of each measure; of a model that reads batches, in large ones. */
export function truthsOf({ formula, law, others, rates, custom, batchWeight }: Question): Record<string, number> {
  const laws = { "": withBatchMean(law, batchWeight), ...Object.fromEntries(others.map(({ name, law }) => [name, law])) };
  const truth: Truth = { laws, rates, custom, estimand: law.clusters === null ? "rows" : "clusters" };
  return Object.fromEntries(leavesIn(formula).map((leaf) => [textOf({ kind: "leaf", leaf }), leafValue(leaf, truth)]));
}
