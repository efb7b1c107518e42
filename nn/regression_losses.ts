import type { Tensor } from "../autodiff/mod.ts";
import { bent, limited } from "../autodiff/primitives/bent.ts";
import { checkOptions, type Known, positive } from "../autodiff/options.ts";
import { fused, isQuick } from "../autodiff/primitives/fused.ts";
import { type LossOptions, lossOptions, type LossReduction, paired, reduced } from "./reduction.ts";

/**
 * (prediction - label)², by default the mean, like torch.nn.functional.mse_loss.
 * @throws {RangeError} unless shapes are equal, or [n] and [n, 1]: nothing is broadcast
 */
export function mseLoss(predictions: Tensor, labels: Tensor, options: LossOptions = {}): Tensor {
  checkOptions("compare", options, lossOptions);
  const [x, y] = paired(predictions, labels);
  return reduced(isQuick(x, y) ? squared([x, y]) : x.sub(y).square(), options);
}

/**
 * |prediction - label|, by default the mean, like torch.nn.functional.l1_loss.
 * @throws {RangeError} unless shapes are equal, or [n] and [n, 1]: nothing is broadcast
 */
export function l1Loss(predictions: Tensor, labels: Tensor, options: LossOptions = {}): Tensor {
  checkOptions("compare", options, lossOptions);
  const [x, y] = paired(predictions, labels);
  return reduced(x.sub(y).abs(), options);
}

/** Options of {@link huberLoss}. */
export interface HuberOptions extends LossOptions {
  /** The difference from which the loss is linear, default 1. */
  delta?: number;
}

const huber: Known<HuberOptions> = { ...lossOptions, delta: positive };

/**
 * d² / 2 for a difference d of at most `delta`, else delta (|d| - delta / 2), like torch.nn.functional.huber_loss: the mean of
 * weighted losses is divided by their number.
 * @throws {RangeError} unless shapes are equal, or [n] and [n, 1]: nothing is broadcast
 */
export function huberLoss(predictions: Tensor, labels: Tensor, options: HuberOptions = {}): Tensor {
  const { delta = 1, ...rest } = checkOptions("compare", options, huber),
    losses = bentAt(paired(predictions, labels), delta);
  return reduced(delta === 1 ? losses : losses.mul(delta), rest, false);
}

/** Options of {@link smoothL1Loss}. */
export interface SmoothL1Options {
  /** Default "mean". */
  reduction?: LossReduction;
  /** The difference from which the loss is linear, default 1. */
  beta?: number;
}

const smooth: Known<SmoothL1Options> = { reduction: lossOptions.reduction, beta: positive };

/**
 * d² / (2 beta) for a difference d of at most `beta`, else |d| - beta / 2, like torch.nn.functional.smooth_l1_loss.
 * @throws {RangeError} unless shapes are equal, or [n] and [n, 1]: nothing is broadcast
 */
export function smoothL1Loss(predictions: Tensor, labels: Tensor, options: SmoothL1Options = {}): Tensor {
  const { beta = 1, ...rest } = checkOptions("compare", options, smooth);
  return reduced(bentAt(paired(predictions, labels), beta), rest);
}

/** (x - y)². */
const squared = fused("squaredDifference", ["squaredDifference", "differenceSlope"], (dy, x, y) => dy.mul(x.sub(y).mul(2)));

/** The loss of Huber of x - y. */
const bentDifference = fused("bentDifference", ["bentDifference", "bentSlope"], (dy, x, y) => dy.mul(limited(x.sub(y))));

/** A parabola of x - y that goes on as a line from `at`, with slope 1 there. */
function bentAt([x, y]: [Tensor, Tensor], at: number): Tensor {
  if (at !== 1) return bent(x.sub(y).mul(1 / at)).mul(at);
  return isQuick(x, y) ? bentDifference([x, y]) : bent(x.sub(y));
}
