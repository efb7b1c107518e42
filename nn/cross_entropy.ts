import { crossEntropy as meanCrossEntropy, gather, sigmoid, softplus, Tensor, where } from "../autodiff/mod.ts";
import { checkOptions, fraction, type Known, whole } from "../autodiff/options.ts";
import { fused, isQuick } from "../autodiff/primitives/fused.ts";
import { rowLogSoftmax } from "../autodiff/primitives/row_softmax.ts";
import { contiguousData, emptyArray } from "../autodiff/ndarray.ts";
import { type Apply, primitive, requireTensors } from "../autodiff/primitive.ts";
import { here } from "../autodiff/remote_array.ts";
import { pick } from "../autodiff/primitives/indexing.ts";
import { checkLabels } from "../autodiff/primitives/cross_entropy.ts";
import { sameShape, showShape } from "../autodiff/shape.ts";
import { type LossOptions, lossOptions, paired, reduced, tensorKind } from "./reduction.ts";

/** Options of {@link nllLoss}. */
export interface NllOptions extends Pick<LossOptions, "reduction"> {
  /** A factor for each class, [classes]. Default: 1. */
  weight?: Tensor;
  /** A label to leave out. Default: none, so that a label that is no class is an error. PyTorch leaves out -100. */
  ignoreIndex?: number;
}

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends NllOptions {
  /** The share of every label that is spread evenly over all classes, default 0. */
  labelSmoothing?: number;
}

const nll: Known<NllOptions> = { ...lossOptions, ignoreIndex: whole() };
const entropy: Known<CrossEntropyOptions> = {
  ...nll,
  labelSmoothing: {
    ...fraction,
    wanted: "a number from 0 to 1",
    holds: (value) => (value as number) >= 0 && (value as number) <= 1,
  },
};

/**
 * The log-loss of a classifier's logits, like torch.nn.functional.cross_entropy: -ln softmax(logits)[label], by default the mean
 * over all labels, weighted by their classes.
 * @param logits [n, classes], [n, classes, …] or [classes]
 * @param labels classes from 0, [n], [n, …] or []; or probabilities of the logits' shape
 * @throws {RangeError} for other shapes, and for a label that is no class
 */
export function crossEntropy(logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): Tensor {
  requireTensors("take the cross entropy of", logits, labels);
  const { labelSmoothing = 0, ...rest } = checkOptions("take the cross entropy", options, entropy), { rank, shape } = logits;
  const plain = Object.values(options).every((option) => option === undefined);
  if (plain && rank === 2 && shape[1] > 1 && sameShape(labels.shape, [shape[0]])) {
    return isQuick(logits) ? meanLoss(logits, labels) : meanCrossEntropy(logits, labels).cast(logits.dtype);
  }
  const axis = classAxis(logits), classes = shape[axis], log = rowLogSoftmax(logits, axis);
  if (!sameShape(shape, labels.shape)) return classLoss(log, labels, rest, labelSmoothing);
  const target = labels.cast(logits.dtype), smooth = target.mul(1 - labelSmoothing).add(labelSmoothing / classes);
  const losses = smooth.mul(weighted(log, rest.weight, axis)).sum(axis).neg();
  return reduced(losses, { reduction: rest.reduction });
}

/** The mean log-loss of labels [n] and logits [n, classes]. A recorded step finds the places of other labels. */
function meanLoss(logits: Tensor, labels: Tensor): Tensor {
  const classes = logits.shape[1];
  checkLabels(labels, classes);
  return pick([rowLogSoftmax(logits), placesOf([labels], classes)]).mean().neg();
}

/** The places of labels in rows of so many classes. */
const placesOf: Apply<number> = primitive({
  name: "placesOf",
  shape: ([labels]) => labels,
  forward(_, [labels], classes, shape) {
    const z = emptyArray("int32", shape), own = contiguousData(here(labels));
    for (let row = 0; row < own.length; row++) z.data[row] = row * classes + own[row];
    return z;
  },
  gradient: null,
});

/**
 * -x[label] for logarithms of probabilities, as from `LogSoftmax`, like torch.nn.functional.nll_loss.
 * @param logProbabilities [n, classes], [n, classes, …] or [classes]
 * @param labels classes from 0, [n], [n, …] or []
 * @throws {RangeError} for other shapes, and for a label that is no class
 */
export function nllLoss(logProbabilities: Tensor, labels: Tensor, options: NllOptions = {}): Tensor {
  requireTensors("take the likelihood of", logProbabilities, labels);
  return classLoss(logProbabilities, labels, checkOptions("take the likelihood", options, nll), 0);
}

/** Options of {@link binaryCrossEntropyWithLogits}. */
export interface BinaryOptions extends LossOptions {
  /** A factor for the losses of label 1: a number for each element of the last axis, or for all. Default 1. */
  posWeight?: Tensor;
}

/** ln(1 + e^x) - x y. */
const logistic = fused("logisticLoss", ["logisticLoss", "logisticSlope"], (dy, x, y) => dy.mul(sigmoid(x).sub(y)));

const binary: Known<BinaryOptions> = { ...lossOptions, posWeight: tensorKind };

/**
 * -y ln σ(x) - (1 - y) ln(1 - σ(x)) for logits x, without overflow, by default the mean, like
 * torch.nn.functional.binary_cross_entropy_with_logits; the mean of weighted losses is divided by their number.
 * @param labels y, from 0 to 1
 * @throws {RangeError} unless shapes are equal, or [n] and [n, 1], and labels are from 0 to 1
 */
export function binaryCrossEntropyWithLogits(logits: Tensor, labels: Tensor, options: BinaryOptions = {}): Tensor {
  const { posWeight, ...rest } = checkOptions("take the cross entropy", options, binary), [x, y] = paired(logits, labels);
  checkLabels(y, 1);
  if (posWeight === undefined) return reduced(isQuick(x, y) ? logistic([x, y]) : softplus(x).sub(x.mul(y)), rest, false);
  if (posWeight.size > 1 && !sameShape(posWeight.shape, x.shape.slice(-1))) {
    throw new RangeError(`Cannot weight labels of ${showShape(x.shape)} by ${showShape(posWeight.shape)}: wanted one per column`);
  }
  const factor = y.mul(posWeight.sub(1)).add(1);
  return reduced(x.sub(x.mul(y)).add(factor.mul(softplus(x.neg()))), rest, false);
}

function classAxis({ rank, shape }: Tensor): number {
  if (rank > 0) return rank === 1 ? 0 : 1;
  throw new RangeError(`Cannot use numbers of shape ${showShape(shape)}: wanted one per class, [n, classes] or [classes]`);
}

/** Logarithms times a factor for each class. */
function weighted(log: Tensor, weight: Tensor | undefined, axis: number): Tensor {
  if (weight === undefined) return log;
  if (!sameShape(weight.shape, [log.shape[axis]])) {
    throw new RangeError(`Cannot weight ${log.shape[axis]} classes by ${showShape(weight.shape)}: wanted one number for each`);
  }
  return log.mul(weight.cast(log.dtype).reshape(...log.shape.map((length, i) => i === axis ? length : 1)));
}

/** The losses of labels, reduced; a mean is weighted by the classes of the labels. */
function classLoss(log: Tensor, labels: Tensor, { weight, ignoreIndex, reduction }: NllOptions, smoothing: number): Tensor {
  const axis = classAxis(log), classes = log.shape[axis], places = log.shape.toSpliced(axis, 1), own = labels.data;
  if (!sameShape(places, labels.shape)) {
    throw new RangeError(
      `Cannot compare predictions ${showShape(log.shape)} with labels ${showShape(labels.shape)}: wanted ${showShape(places)}`,
    );
  }
  const counted = new Float64Array(own.length), chosen = new Int32Array(own.length), given = new Float64Array(own.length);
  for (let i = 0; i < own.length; i++) {
    counted[i] = +(own[i] !== ignoreIndex);
    chosen[i] = given[i] = counted[i] * own[i];
  }
  checkLabels(Tensor.from(given), classes);
  const factors = weight?.data;
  let total = 0;
  for (let i = 0; i < own.length; i++) total += counted[i] * (factors?.[chosen[i]] ?? 1);
  const at = Tensor.from(chosen, log.shape.with(axis, 1)), all = weighted(log, weight, axis);
  const used = Tensor.from(counted, places).cast(log.dtype);
  // A product with 0 would be NaN where a class is impossible.
  const kept = (x: Tensor) => ignoreIndex === undefined ? x : where(used, x, 0);
  const picked = kept(gather(all, at, axis).reshape(...places));
  const losses = smoothing === 0 ? picked : picked.mul(1 - smoothing).add(kept(all.sum(axis)).mul(smoothing / classes));
  if (reduction === "none" || reduction === "sum") return reduced(losses.neg(), { reduction });
  return losses.sum().div(-total);
}
