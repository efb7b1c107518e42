import { crossEntropy, gather, type Tensor } from "../autodiff/mod.ts";
import { showShape } from "../autodiff/ndarray.ts";
import { logitsOf } from "./log_probability.ts";

/** A number to minimise, of a model's predictions and the labels [n]: shape [], float64. */
export type Loss = (predictions: Tensor, labels: Tensor) => Tensor;

/**
 * Logistic loss. Of probabilities [n]: -mean(y ln p + (1 - y) ln(1 - p)). Of class probabilities [n, classes]: -mean(ln p[i, yᵢ]).
 * After `Sigmoid` and `Softmax` it is computed from their argument, so no probability is too small for it.
 */
export const logLoss: Loss = (predictions: Tensor, labels: Tensor): Tensor => {
  const logits = logitsOf(predictions);
  if (logits !== undefined) return crossEntropy(logits, labels);
  const y = labels.cast("float64");
  if (predictions.rank === 2 && predictions.shape[1] > 1) {
    return gather(predictions.log().cast("float64"), y.reshape(y.size, 1), 1).mean().neg();
  }
  // With ln (p + 1e-15), as the Python toolkit.
  const p = vector(predictions.cast("float64"));
  return y.mul(p.add(1e-15).log()).add(y.neg().add(1).mul(p.neg().add(1 + 1e-15).log())).mean().neg();
};

/** Mean of (prediction - label)². */
export const meanSquaredError: Loss = (predictions: Tensor, labels: Tensor): Tensor =>
  vector(predictions.cast("float64")).sub(labels.cast("float64")).square().mean();

/** Mean of |prediction - label|. */
export const meanAbsoluteError: Loss = (predictions: Tensor, labels: Tensor): Tensor =>
  vector(predictions.cast("float64")).sub(labels.cast("float64")).abs().mean();

/** [n] or [n, 1] as [n]. */
export function vector(predictions: Tensor): Tensor {
  if (predictions.rank === 1) return predictions;
  if (predictions.rank === 2 && predictions.shape[1] === 1) return predictions.reshape(predictions.size);
  throw new RangeError(`Cannot use predictions of shape ${showShape(predictions.shape)}: wanted one number a row, [n] or [n, 1]`);
}
