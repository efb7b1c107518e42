import { Tensor } from "../../autodiff/mod.ts";
import { exp, log1p } from "../../autodiff/mathematics/elementary.ts";
import { checkOptions, fraction, type Known, list, needed, oneOf, positive, shown, whole } from "../../autodiff/options.ts";
import { bfgs } from "../../nn/optim/minimizers/bfgs.ts";
import { minimize } from "../../nn/optim/minimizers/minimizer.ts";
import type { DataSet } from "../data/data_set.ts";
import { type Contender, onTruths } from "./contender.ts";

/** What groups must have in common: their rate of positive decisions, or that rate among each label. */
export type Parity = "demographic" | "odds";

/** Options of {@link reductions}. */
export interface ReductionsOptions {
  /** Columns of 0s and 1s, the groups. */
  groups: readonly string[];
  /** Default "demographic". */
  parity?: Parity;
  /** How far a group's rate may be from the rate of all, default 0.05. */
  difference?: number;
  /** The number of classifiers to mix, default 50. */
  rounds?: number;
  /** On the squared weights, default 0.001. */
  ridge?: number;
}

const known: Known<ReductionsOptions> = {
  groups: needed({
    ...list,
    wanted: 'a list of columns, such as ["M", "F"]',
    holds: (value) => Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string"),
  }),
  parity: oneOf("demographic", "odds"),
  difference: fraction,
  rounds: whole(1),
  ridge: positive,
};

/**
 * The reductions approach, as in Fairlearn's ExponentiatedGradient: linear classifiers are trained on weighted rows, while
 * multipliers of the groups' differences follow by gradient ascent. The result draws one of the classifiers of the second half of
 * the rounds for each decision, so an output is the share of those that decide 1. It bounds differences on its own rows, and promises
 * nothing beyond them.
 * Source: A. Agarwal, A. Beygelzimer, M. Dudík, J. Langford and H. Wallach, "A reductions approach to fair classification", ICML
 * 2018; gradient ascent in place of exponentiated gradients: M. Zinkevich, "Online convex programming and generalized infinitesimal
 * gradient ascent", ICML 2003.
 */
export function reductions(options: ReductionsOptions): Contender {
  const { groups, parity = "demographic", difference = 0.05, rounds = 50, ridge = 0.001 } = checkOptions(
    "learn by reductions",
    options,
    known,
  );
  return {
    settings: ["reductions", { groups, parity, difference, rounds, ridge }],
    outputs(trial) {
      const { rows } = trial, { x, width } = matrixOf(rows), labels = binary(rows.labels, "labels"), n = labels.length;
      const members = groups.map((name) => groupOf(rows, name));
      const events = (parity === "demographic" ? [() => true] : [0, 1].map((label) => (i: number) => labels[i] === label)).map((
        holds,
      ) => Float64Array.from(labels, (_, i) => Number(holds(i))));
      // A moment for each event and group: how much a row's decision adds to the group's difference.
      const moments = events.flatMap((event) =>
        members.map((member) => {
          const own = member.map((one, i) => one * event[i]), [count, all] = [own, event].map((part) => sum(part));
          return own.map((one, i) => (count === 0 ? 0 : one / count) - (all === 0 ? 0 : event[i] / all));
        })
      );
      const lambda = new Float64Array(2 * moments.length), first = rounds >> 1;
      const kept: Float64Array[] = [];
      for (let round = 0; round < rounds; round++) {
        const costs = Float64Array.from(
          labels,
          (y, i) =>
            (1 - 2 * y) / n + moments.reduce((total, moment, k) => total + (lambda[2 * k] - lambda[2 * k + 1]) * moment[i], 0),
        );
        const weights = costs.map(Math.abs), wanted = costs.map((cost) => Number(cost < 0));
        const scores = logistic(x, width, wanted, weights, ridge), decisions = decided(x, width, scores);
        if (round >= first) kept.push(scores);
        const rate = 1 / Math.sqrt(round + 1);
        moments.forEach((moment, k) => {
          const gap = moment.reduce((total, one, i) => total + one * decisions[i], 0);
          lambda[2 * k] = Math.max(0, lambda[2 * k] + rate * (gap - difference));
          lambda[2 * k + 1] = Math.max(0, lambda[2 * k + 1] + rate * (-gap - difference));
        });
      }
      return onTruths(trial, (truth) => {
        const { x: tested } = matrixOf(truth), votes = new Float64Array(truth.size);
        for (const scores of kept) decided(tested, width, scores).forEach((one, i) => votes[i] += one);
        return Tensor.from(votes.map((count) => count / kept.length));
      });
    },
  };
}

/** Options of {@link thresholds}. */
export type ThresholdsOptions = Pick<ReductionsOptions, "groups" | "ridge">;

const thresholdsKnown: Known<ThresholdsOptions> = { groups: known.groups, ridge: known.ridge };

/**
 * A linear classifier with one threshold for each group. All groups have the same rate of positive decisions on the rows: the rate
 * with the fewest errors. To decide about somebody, it must know the group.
 * Source: M. Hardt, E. Price and N. Srebro, "Equality of opportunity in supervised learning", NeurIPS 2016, Section 3.
 */
export function thresholds(options: ThresholdsOptions): Contender {
  const { groups, ridge = 0.001 } = checkOptions("learn thresholds", options, thresholdsKnown);
  return {
    settings: ["thresholds", { groups, ridge }],
    outputs(trial) {
      const { rows } = trial, { x, width } = matrixOf(rows), labels = binary(rows.labels, "labels");
      const weights = logistic(x, width, labels, new Float64Array(labels.length).fill(1), ridge);
      const of = groups.map((name) => {
        const member = groupOf(rows, name),
          scored = Array.from(scoresOf(x, width, weights), (score, i) => ({ score, y: labels[i] }));
        return scored.filter((_, i) => member[i] === 1).sort((a, b) => b.score - a.score);
      });
      let best = { errors: Infinity, cuts: groups.map(() => 0) };
      for (let percent = 0; percent <= 100; percent++) {
        const cuts = of.map((scored) => scored[Math.round(percent / 100 * scored.length) - 1]?.score ?? Infinity);
        // Rows with the score of the threshold are decided alike.
        const errors = of.reduce(
          (total, scored, g) => total + scored.filter(({ score, y }) => (score >= cuts[g]) !== (y === 1)).length,
          0,
        );
        if (errors < best.errors) best = { errors, cuts };
      }
      return onTruths(trial, (truth) => {
        const members = groups.map((name) => groupOf(truth, name)), { x: tested } = matrixOf(truth);
        return Tensor.from(
          scoresOf(tested, width, weights).map((score, i) => {
            const g = members.findIndex((member) => member[i] === 1);
            return Number(score >= (g < 0 ? 0 : best.cuts[g]));
          }),
        );
      });
    },
  };
}

/** Features as numbers, row by row. */
function matrixOf(data: DataSet): { x: Float64Array; width: number } {
  const { features } = data.whole();
  if (!(features instanceof Tensor) || features.rank !== 2) {
    throw new TypeError("Cannot learn a linear classifier: wanted features [rows, numbers]");
  }
  return { x: Float64Array.from(features.data), width: features.shape[1] };
}

/** Who is in a group, 1 or 0 a row. @throws {RangeError} if there is no such column */
function groupOf(data: DataSet, name: string): Float64Array {
  const column = data.columns.get(name);
  if (column === undefined) throw new RangeError(`Cannot find the group ${name}: there is no such column`);
  return binary(column as ArrayLike<number>, name);
}

/** Numbers that are 0 or 1; unknown ones, NaN, are 0. @throws {RangeError} for another value */
function binary(values: ArrayLike<number>, name: string): Float64Array {
  return Float64Array.from(values, (value, row) => {
    if (value !== 0 && value !== 1 && !Number.isNaN(value)) {
      throw new RangeError(`Cannot learn a fair classifier: ${name} is ${shown(value)} in row ${row} of a trial; wanted 0 or 1`);
    }
    return value || 0;
  });
}

/** The weights and the intercept of a weighted logistic regression, by L-BFGS. */
function logistic(x: Float64Array, width: number, y: ArrayLike<number>, weights: Float64Array, ridge: number): Float64Array {
  const n = weights.length, total = sum(weights);
  if (total === 0) return new Float64Array(width + 1);
  return minimize(bfgs(new Float64Array(width + 1), { tolerance: 1e-5 }), (beta) => {
    const gradient = new Float64Array(width + 1), scores = scoresOf(x, width, beta);
    let value = 0;
    for (let i = 0; i < n; i++) {
      const e = exp(-Math.abs(scores[i])), share = weights[i] / total;
      value += share * (Math.max(scores[i], 0) + log1p(e) - y[i] * scores[i]);
      const slope = share * ((scores[i] < 0 ? e : 1) / (1 + e) - y[i]);
      for (let k = 0; k < width; k++) gradient[k] += slope * x[i * width + k];
      gradient[width] += slope;
    }
    for (let k = 0; k < width; k++) {
      value += ridge * beta[k] * beta[k];
      gradient[k] += 2 * ridge * beta[k];
    }
    return { value, gradient };
  }).x;
}

function scoresOf(x: Float64Array, width: number, beta: Float64Array): Float64Array {
  return Float64Array.from({ length: x.length / width }, (_, i) => {
    let score = beta[width];
    for (let k = 0; k < width; k++) score += beta[k] * x[i * width + k];
    return score;
  });
}

function decided(x: Float64Array, width: number, beta: Float64Array): Float64Array {
  return scoresOf(x, width, beta).map((score) => Number(score >= 0));
}

function sum(values: Float64Array): number {
  return values.reduce((total, one) => total + one, 0);
}
