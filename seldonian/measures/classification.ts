import { gather, type Tensor } from "../../autodiff/mod.ts";
import { Leaf } from "../constraints/expression.ts";
import type { Outcomes } from "../constraints/measure.ts";

/*
 * A classifier is judged on its probabilities ŷ, as if it drew its label from them. With one output a row, ŷ is the probability
 * of class 1, and 1 - ŷ that of class 0. With one output for each class, an index k chooses the class, as in PR_[k], and y = k
 * replaces y = 1.
 */

/** Positive rate, E[ŷ]. */
export const PR: Leaf = rate("PR", (outcomes, k) => probabilityOf(k, outcomes));

/** Negative rate, E[1 - ŷ]. */
export const NR: Leaf = rate("NR", (outcomes, k) => without(k, outcomes));

/** False positive rate, E[ŷ | y ≠ 1]. */
export const FPR: Leaf = rate("FPR", (outcomes, k) => probabilityOf(k, outcomes), (y, k) => y !== k);

/** True negative rate, E[1 - ŷ | y ≠ 1]. */
export const TNR: Leaf = rate("TNR", (outcomes, k) => without(k, outcomes), (y, k) => y !== k);

/** True positive rate, E[ŷ | y = 1]. */
export const TPR: Leaf = rate("TPR", (outcomes, k) => probabilityOf(k, outcomes), (y, k) => y === k);

/** False negative rate, E[1 - ŷ | y = 1]. */
export const FNR: Leaf = rate("FNR", (outcomes, k) => without(k, outcomes), (y, k) => y === k);

/** True positives, E[ŷ 1{y = 1}]: over all rows, unlike {@link TPR}, which is over those of class 1. */
export const TP: Leaf = rate("TP", (outcomes, k) => probabilityOf(k, outcomes).mul(isClass(k, outcomes)));

/** False positives, E[ŷ 1{y ≠ 1}]. */
export const FP: Leaf = rate("FP", (outcomes, k) => probabilityOf(k, outcomes).mul(isOther(k, outcomes)));

/** True negatives, E[(1 - ŷ) 1{y ≠ 1}]. */
export const TN: Leaf = rate("TN", (outcomes, k) => without(k, outcomes).mul(isOther(k, outcomes)));

/** False negatives, E[(1 - ŷ) 1{y = 1}]. */
export const FN: Leaf = rate("FN", (outcomes, k) => without(k, outcomes).mul(isClass(k, outcomes)));

/** Accuracy: the mean probability of the true class. */
export const ACC: Leaf = new Leaf({
  name: "ACC",
  task: "classification",
  indices: 0,
  range: [0, 1],
  binary: true,
  values: ({ predictions, labels }) => {
    if (manyClasses(predictions)) {
      return gather(predictions, labels.reshape(labels.size, 1), 1).reshape(labels.size);
    }
    const p = predictions.reshape(labels.size);
    return labels.mul(p).add(labels.neg().add(1).mul(p.neg().add(1)));
  },
});

/** Error rate, 1 - ACC. */
export const ER: Leaf = new Leaf({
  ...ACC.measure,
  name: "ER",
  values: (outcomes, index) => ACC.measure.values(outcomes, index).neg().add(1),
});

/** Confusion, `CM.of(i, j)` or `CM_[i, j]`: the mean probability of class j over the rows of class i. */
export const CM: Leaf = new Leaf({
  name: "CM",
  task: "classification",
  indices: 2,
  range: [0, 1],
  binary: true,
  counts: (y, [i]) => y === i,
  values: (outcomes, [, j]) => probabilityOf(j, outcomes),
});

/** A rate of class k; without an index, for a model with one output a row, of class 1. */
function rate(
  name: string,
  values: (outcomes: Outcomes, k: number) => Tensor,
  counts?: (y: number, k: number) => boolean,
): Leaf {
  return new Leaf({
    name,
    task: "classification",
    indices: 1,
    range: [0, 1],
    binary: true,
    ...(counts && { counts: (y, [k = 1]) => counts(y, k) }),
    values: (outcomes, [k = 1]) => values(outcomes, k),
  });
}

function probabilityOf(k: number, { predictions, labels }: Outcomes): Tensor {
  if (manyClasses(predictions)) return predictions.slice(1, k, k + 1).reshape(labels.size);
  const p = predictions.reshape(labels.size);
  return k === 0 ? p.neg().add(1) : p;
}

function without(k: number, outcomes: Outcomes): Tensor {
  // With two classes, use the other class's probability directly, without a second rounding.
  return manyClasses(outcomes.predictions) ? probabilityOf(k, outcomes).neg().add(1) : probabilityOf(1 - k, outcomes);
}

function isClass(k: number, { labels }: Outcomes): Tensor {
  return labels.equal(k);
}

function isOther(k: number, { labels }: Outcomes): Tensor {
  return labels.notEqual(k);
}

function manyClasses({ shape }: Tensor): boolean {
  return shape.length === 2 && shape[1] > 1;
}
