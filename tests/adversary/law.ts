/** Populations with few types of rows, and draws from them. */
import type { Dice } from "./dice.ts";

/** A type of equal rows. */
export interface RowType {
  /** The model's outputs for such a row: one number, or one for each class; doubles that float32 represents. */
  outputs: readonly number[];
  label: number;
  columns: Readonly<Record<string, number | string>>;
  /** The probability, relative to the other types. */
  weight: number;
  /** The stratum: a number; "own", a stratum for each row; or "small", one of many strata of about two rows. */
  stratum: number | "own" | "small";
  /** Whether the type is so rare that a test may see none of it. */
  rare: boolean;
}

/** Clusters of one size, with separate weights of the types of their rows. */
export interface ClusterKind {
  weight: number;
  size: number;
  types: readonly number[];
  /** Whether all rows of a cluster have one type; otherwise they are independent, given the kind. */
  alike: boolean;
}

export interface Law {
  types: readonly RowType[];
  /** The kinds of clusters; `null` if rows are independent. */
  clusters: readonly ClusterKind[] | null;
}

/** Rows drawn from a law: the type, the cluster and the stratum of each. */
export interface Drawn {
  types: number[];
  clusters: string[];
  strata: string[];
}

/** About `n` rows: exactly `n`, or the number of clusters that have `n` rows on average. */
export function draw({ types, clusters }: Law, n: number, dice: Dice): Drawn {
  const drawn: Drawn = { types: [], clusters: [], strata: [] };
  const add = (type: number, cluster: number) => {
    const { stratum } = types[type], row = drawn.types.length;
    drawn.types.push(type);
    drawn.clusters.push(`c${cluster}`);
    drawn.strata.push(
      stratum === "own"
        ? `row ${row}`
        : stratum === "small"
        ? `small ${type} ${dice.below(Math.ceil(n / 2))}`
        : `stratum ${stratum}`,
    );
  };
  if (clusters === null) {
    const weights = types.map(({ weight }) => weight);
    for (let row = 0; row < n; row++) add(dice.weighted(weights), row);
    return drawn;
  }
  const count = clusterCount(clusters, n), weights = clusters.map(({ weight }) => weight);
  for (let cluster = 0; cluster < count; cluster++) {
    const { size, types: within, alike } = clusters[dice.weighted(weights)];
    let type = dice.weighted(within);
    for (let row = 0; row < size; row++) {
      if (!alike && row > 0) type = dice.weighted(within);
      add(type, cluster);
    }
  }
  return drawn;
}

/** The number of clusters that have `n` rows on average. */
function clusterCount(clusters: readonly ClusterKind[], n: number): number {
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  const size = clusters.reduce((sum, { weight, size }) => sum + weight * size, 0) / total;
  return Math.max(2, Math.round(n / size));
}

/** The rows in another order. */
export function reordered({ types, clusters, strata }: Drawn, order: readonly number[]): Drawn {
  return {
    types: order.map((row) => types[row]),
    clusters: order.map((row) => clusters[row]),
    strata: order.map((row) => strata[row]),
  };
}

/** The law with changed types: another model, or other probabilities. */
export function withTypes(law: Law, change: (type: RowType, i: number) => Partial<RowType>): Law {
  return { ...law, types: law.types.map((type, i) => ({ ...type, ...change(type, i) })) };
}

/** The law with the outputs of a model that adds the mean of a large batch. */
export function withBatchMean(law: Law, weight: number): Law {
  const total = law.types.reduce((sum, { weight }) => sum + weight, 0), [first] = law.types;
  const means = first.outputs.map((_, k) => law.types.reduce((sum, { outputs, weight }) => sum + weight / total * outputs[k], 0));
  return withTypes(law, ({ outputs }) => ({ outputs: outputs.map((p, k) => (p + weight * means[k]) / (1 + weight)) }));
}
