import { noGrad, type Tensor } from "../../autodiff/mod.ts";
import { checkOptions, type Known, needed, notNegative, shown } from "../../autodiff/options.ts";
import { DataSet } from "../data/data_set.ts";
import { Linear } from "../../nn/linear.ts";
import { freeze, modelKind, type Module } from "../../nn/module.ts";
import { Sequential } from "../../nn/sequential.ts";
import type { DiscretePolicy } from "./discrete_policy.ts";
import { single } from "./softmax.ts";
import { type RecordedEpisode, stepsOf } from "./steps.ts";

/** How to fit a guess. */
export interface FitValuesOptions {
  /** A policy over the actions that a guess is for, in their order. */
  policy: DiscretePolicy;
  /** From observations [n, numbers] float32 to features [n, size], such as {@link OneHot} or {@link FourierBasis}. */
  features: Module<Tensor>;
  /** The squares of coefficients count this many times, so that they are 0 where nothing was seen; default 1. */
  ridge?: number;
}

const known: Known<FitValuesOptions> = {
  policy: needed({
    type: "object",
    wanted: "a discrete policy",
    holds: (value) => typeof (value as DiscretePolicy | null)?.placesIn === "function",
  }),
  features: needed(modelKind),
  ridge: notNegative,
};

/**
 * A guess of the return that follows an action, for {@link DoublyRobust}: linear in features of the observation, one row of coefficients
 * an action. For each action, sum (c . f(o_t) - sum_{u >= t} gamma^(u - t) r_u)^2 + ridge |c|^2 over the steps with it is least. These
 * are returns of the old policy. Give candidate data, as of `split(data).candidate`: a guess that has seen the safety data voids the
 * promise.
 * @param data episodes
 * @returns features and a linear layer, which a file keeps as `new nn.Sequential(features, new nn.Linear(size, actions))`
 * @throws {TypeError} for other data, and for none
 * @throws {RangeError} for an action that the policy does not have, and without a ridge for features that depend on each other
 */
export function fitValues(data: DataSet, options: FitValuesOptions): Module<Tensor> {
  const { policy, features, ridge = 1 } = checkOptions<FitValuesOptions>("fit values", options, known);
  const list = data instanceof DataSet && data.size > 0 ? data.whole().features : null;
  if (!Array.isArray(list)) {
    throw new TypeError(`Cannot fit values to ${shown(data)}: wanted episodes, as split(episodes(list)).candidate`);
  }
  const { starts, observations, actions, rewards: [rewards], discounts } = stepsOf(list as readonly RecordedEpisode[]);
  const seen = noGrad(() => features.forward(single(observations))), [count, size] = seen.shape, width = policy.actions.length;
  const places = policy.placesIn(actions).data, later = new Float64Array(count);
  for (let i = 0; i + 1 < starts.length; i++) {
    for (let t = starts[i + 1] - 1, sum = 0; t >= starts[i]; t--) later[t] = (sum += rewards.data[t]) / discounts.data[t];
  }
  const each = policy.actions.map((_, k) => {
    // The normal equations, with the right-hand side as the last column.
    const rows = Array.from({ length: size }, (_, j) => Float64Array.from({ length: size + 1 }, (_, l) => l === j ? ridge : 0));
    for (let t = 0; t < count; t++) {
      if (places[t] % width !== k) continue;
      const f = (j: number) => seen.data[t * size + j];
      for (let j = 0; j < size; j++) {
        for (let l = 0; l < size; l++) rows[j][l] += f(j) * f(l);
        rows[j][size] += f(j) * later[t];
      }
    }
    return solved(rows);
  });
  const linear = new Linear(size, width);
  linear.weight.fill((i) => each[Math.floor(i / size)][i % size]);
  linear.bias!.fill(() => 0);
  return freeze(new Sequential(features, linear));
}

/** The solution of equations with a positive definite matrix, of which each row has its right-hand side at its end. */
function solved(rows: Float64Array[]): Float64Array {
  const n = rows.length, most = Math.max(...rows.map((row, j) => row[j]));
  for (let j = 0; j < n; j++) {
    if (!(rows[j][j] > 1e-12 * most)) {
      throw new RangeError("Cannot fit values: features depend on each other; give a ridge above 0");
    }
    for (let i = j + 1; i < n; i++) {
      const factor = rows[i][j] / rows[j][j];
      for (let l = j; l <= n; l++) rows[i][l] -= factor * rows[j][l];
    }
  }
  const x = new Float64Array(n);
  for (let j = n - 1; j >= 0; j--) {
    let rest = rows[j][n];
    for (let l = j + 1; l < n; l++) rest -= rows[j][l] * x[l];
    x[j] = rest / rows[j][j];
  }
  return x;
}
