import { noGrad, slice, stack, standardize, type Tensor, weightedSum } from "../autodiff/mod.ts";
import { showShape } from "../autodiff/shape.ts";
import { standardizeWithMoments } from "../autodiff/primitives/standardize.ts";
import { checkCounts, checkOptions, type Known, notNegative, number, truth } from "../autodiff/options.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import type { Module, Pass } from "./module.ts";
import { constant, Parameter } from "./parameter.ts";

/** Options of a batch normalisation. */
export interface BatchNormOptions {
  /** Added to the variance, default 1e-5. */
  epsilon?: number;
  /** The share by which running means and variances move to the batch's, default 0.1. */
  momentum?: number;
  /** Whether a trained weight and bias follow, default true. */
  affine?: boolean;
}

const known: Known<BatchNormOptions> = { epsilon: notNegative, momentum: number, affine: truth };

/**
 * (x - mean) / √(variance + epsilon) · weight + bias for each channel, axis 1, over all other axes. In training, mean and
 * variance (divided by n) are the batch's, and running mean and variance (divided by n - 1) move towards them by `momentum`.
 * Otherwise, or if weight and bias are there and frozen, the running mean and variance are used. Source: S. Ioffe and C. Szegedy,
 * "Batch normalization" (ICML 2015).
 */
export abstract class BatchNorm implements Module {
  /** One factor per channel, initially 1; `null` without `affine`. */
  readonly weight: Parameter | null;
  /** One summand per channel, initially 0; `null` without `affine`. */
  readonly bias: Parameter | null;
  // The names that PyTorch has in files.
  /** The running mean of each channel, initially 0; not trained. */
  readonly running_mean: Parameter;
  /** The running variance of each channel (divided by n - 1), initially 1; not trained. */
  readonly running_var: Parameter;
  /** Number of batches so far; not trained. */
  readonly num_batches_tracked: Parameter;
  /** Added to the variance. */
  readonly epsilon: number;
  /** The share by which running means and variances move to the batch's. */
  readonly momentum: number;
  /** The ranks that it accepts. */
  protected abstract readonly ranks: readonly number[];

  /**
   * Normalises each channel separately.
   * @param channels the length of axis 1
   */
  constructor(channels: number, options: BatchNormOptions = {}) {
    const { epsilon = 1e-5, momentum = 0.1, affine = true } = checkOptions("make a batch normalisation", options, known);
    checkCounts("make a batch normalisation", { channels });
    const kept = { requiresGrad: false };
    this.weight = affine ? new Parameter([channels], constant(1)) : null;
    this.bias = affine ? new Parameter([channels], constant(0)) : null;
    this.running_mean = new Parameter([channels], constant(0), kept);
    this.running_var = new Parameter([channels], constant(1), kept);
    this.num_batches_tracked = new Parameter([], constant(0), kept);
    this.epsilon = epsilon;
    this.momentum = momentum;
  }

  /**
   * Returns the shape of x.
   * @throws {RangeError} for a wrong number of axes or channels, and in training for a single value per channel, which has no
   * variance
   */
  forward(x: Tensor, pass?: Pass): Tensor {
    requireTensors("normalise", x);
    const [channels] = this.running_mean.shape, { epsilon } = this;
    if (!this.ranks.includes(x.rank) || x.shape[1] !== channels) {
      throw new RangeError(
        `Cannot normalise ${showShape(x.shape)}: wanted ${this.ranks.join(" or ")} axes, and ${channels} channels along axis 1`,
      );
    }
    const along = x.shape.map((length, axis) => axis === 1 ? length : 1), axes = x.shape.map((_, axis) => axis).toSpliced(1, 1);
    const [weight, bias] = [this.weight, this.bias].map((parameter) => parameter?.reshape(...along));
    if (!pass?.training || (this.weight !== null && !(this.weight.requiresGrad || this.bias!.requiresGrad))) {
      const moments = noGrad(() => stack([this.running_mean, this.running_var]));
      return standardize(x, axes, { weight, bias, epsilon, moments });
    }
    const count = x.size / channels;
    if (count < 2) throw new RangeError(`Cannot normalise ${showShape(x.shape)} in training: it has one value per channel`);
    const { output, moments } = standardizeWithMoments(x, axes, { weight, bias, epsilon });
    noGrad(() => {
      this.num_batches_tracked.fill(() => this.num_batches_tracked.value + 1);
      const [mean, variance] = [0, 1].map((row) => slice(moments, 0, row, row + 1));
      move(this.running_mean, mean, 1, this.momentum);
      move(this.running_var, variance, count / (count - 1), this.momentum);
    });
    return output;
  }
}

/** Moves a running value towards the batch's. */
function move(running: Parameter, batch: Tensor, factor: number, momentum: number): void {
  if (batch.device !== "cpu") {
    running.assign(weightedSum([running, batch.reshape(running.size).cast(running.dtype)], [1 - momentum, momentum * factor]));
    return;
  }
  const before = running.data, { data } = batch;
  running.fill((i) => before[i] + momentum * (factor * data[i] - before[i]));
}

/** Batch normalisation of [n, channels] or [n, channels, length], named and initialised like torch.nn.BatchNorm1d. */
export class BatchNorm1d extends BatchNorm {
  /** [rows, channels] or [rows, channels, length]. */
  protected override readonly ranks = [2, 3];
}

/** Batch normalisation of images [n, channels, height, width], named and initialised like torch.nn.BatchNorm2d. */
export class BatchNorm2d extends BatchNorm {
  /** [rows, channels, height, width]. */
  protected override readonly ranks = [4];
}
