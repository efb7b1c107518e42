import { sum, Tensor } from "../autodiff/mod.ts";
import { type Kind, type Known, oneOf } from "../autodiff/options.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import { sameShape, showShape } from "../autodiff/shape.ts";

/** What becomes of the losses: their mean, their sum, or nothing. */
export type LossReduction = "mean" | "sum" | "none";

/** Options of a loss. */
export interface LossOptions {
  /** Default "mean". */
  reduction?: LossReduction;
  /** A factor for each loss, of the predictions' shape. Default: 1. */
  weight?: Tensor;
}

/** A tensor. */
export const tensorKind: Kind = { type: "object", wanted: "a tensor", holds: (value) => value instanceof Tensor };
/** The kinds of {@link LossOptions}. */
export const lossOptions: Known<LossOptions> = { reduction: oneOf("mean", "sum", "none"), weight: tensorKind };

/**
 * Predictions and labels of one shape, and the labels in the predictions' dtype. One number per row may be [n] on one side and
 * [n, 1] on the other; nothing else is broadcast.
 * @throws {RangeError} for other shapes
 */
export function paired(predictions: Tensor, labels: Tensor): [Tensor, Tensor] {
  requireTensors("compare", predictions, labels);
  const y = labels.detach().cast(predictions.dtype);
  if (sameShape(predictions.shape, y.shape)) return [predictions, y];
  const [shorter, longer] = predictions.rank < y.rank ? [predictions, y] : [y, predictions];
  if (shorter.rank === 1 && sameShape(longer.shape, [shorter.size, 1])) return [predictions, y.reshape(...predictions.shape)];
  throw new RangeError(
    `Cannot compare predictions ${showShape(predictions.shape)} with labels ${
      showShape(y.shape)
    }: wanted equal shapes; reshape ` +
      "one, as in p.reshape(-1)",
  );
}

/** Losses with their weights, reduced. The mean of weighted losses is divided by the sum of weights, if `byWeights`. */
export function reduced(losses: Tensor, { weight, reduction = "mean" }: LossOptions, byWeights = true): Tensor {
  if (weight !== undefined && !sameShape(weight.shape, losses.shape)) {
    throw new RangeError(`Cannot weight losses ${showShape(losses.shape)} by ${showShape(weight.shape)}: wanted equal shapes`);
  }
  const weighted = weight === undefined ? losses : losses.mul(weight);
  if (reduction === "none") return weighted;
  if (reduction === "sum") return weighted.sum();
  return weight !== undefined && byWeights ? weighted.sum().div(sum(weight)) : weighted.mean();
}
