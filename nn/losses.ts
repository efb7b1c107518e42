import { crossEntropy, gather, type Tensor } from "../autodiff/mod.ts";
import { showShape } from "../autodiff/shape.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import { checkLabels } from "../autodiff/primitives/cross_entropy.ts";
import { logProbabilities, sigmoidLogits, softmaxLogits } from "./log_probability.ts";

/**
 * A number to minimise, from a model's predictions and the labels [n]: shape [], float64.
 * @throws {RangeError} if labels and rows differ in number: nothing is broadcast
 */
export type Loss = (predictions: Tensor, labels: Tensor) => Tensor;

/**
 * Logistic loss. For probabilities [n]: -mean(y ln p + (1 - y) ln(1 - p)), with labels within [0, 1]. For class probabilities
 * [n, classes]: -mean(ln p[i, yᵢ]). After `Sigmoid` and `Softmax` it is computed from their argument, so no probability is too
 * small.
 */
export const logLoss: Loss = (predictions: Tensor, labels: Tensor): Tensor => {
  requireTensors("take the log-loss of", predictions, labels);
  const y = vector(labels), rows = predictions.shape[0], classes = predictions.rank === 2 ? predictions.shape[1] : 1;
  const logits = classes > 1 ? softmaxLogits(predictions) : sigmoidLogits(predictions);
  checkCount(predictions.shape, rows, y);
  if (logits !== undefined) return crossEntropy(logits, y);
  checkLabels(y, classes);
  const bad = predictions.data.find((p) => p < -rounding || p > 1 + rounding);
  if (bad !== undefined) {
    throw new RangeError(`Cannot take the log-loss of ${bad}: wanted probabilities; end the model with Sigmoid or Softmax`);
  }
  if (classes > 1) return gather(logProbabilities(predictions), y.reshape(y.size, 1), 1).mean().neg();
  // ln (p + 1e-15), as in the Python toolkit.
  const p = vector(predictions.cast("float64")), t = y.cast("float64");
  return t.mul(p.add(1e-15).log()).add(t.neg().add(1).mul(p.neg().add(1 + 1e-15).log())).mean().neg();
};

/** Mean of (prediction - label)². */
export const meanSquaredError: Loss = (predictions: Tensor, labels: Tensor): Tensor =>
  differences(predictions, labels).square().mean();

/** Mean of |prediction - label|. */
export const meanAbsoluteError: Loss = (predictions: Tensor, labels: Tensor): Tensor =>
  differences(predictions, labels).abs().mean();

/** How far rounding may push sums of float32 probabilities beyond 0 or 1. */
export const rounding = 1e-6;

function differences(predictions: Tensor, labels: Tensor): Tensor {
  requireTensors("compare", predictions, labels);
  const [x, y] = [predictions, labels].map((tensor) => vector(tensor.cast("float64")));
  checkCount(predictions.shape, x.size, y);
  return x.sub(y);
}

function checkCount(shape: Tensor["shape"], rows: number, labels: Tensor): void {
  if (labels.size === rows) return;
  throw new RangeError(
    `Cannot compare predictions ${showShape(shape)} with ${labels.size} labels: wanted a label for each of ${rows} rows`,
  );
}

/** Reshapes [n] or [n, 1] to [n]. */
export function vector(predictions: Tensor): Tensor {
  if (predictions.rank === 1) return predictions;
  if (predictions.rank === 2 && predictions.shape[1] === 1) return predictions.reshape(predictions.size);
  throw new RangeError(`Cannot use numbers of shape ${showShape(predictions.shape)}: wanted one per row, [n] or [n, 1]`);
}
