import { type Shape, Tensor } from "../../autodiff/mod.ts";
import { contiguousData, zerosArray } from "../../autodiff/ndarray.ts";
import { type Apply, primitive } from "../../autodiff/primitive.ts";
import { here } from "../../autodiff/remote_array.ts";
import { logProbabilities, sigmoidLogits } from "../../nn/log_probability.ts";
import { logLoss, rounding } from "../../nn/losses.ts";
import { DataError } from "../data/data_error.ts";
import * as measures from "../measures/classification.ts";
import { OutputError } from "../outputs.ts";
import type { Task, Told } from "./task.ts";

/** Labels are classes 0, 1, …; outputs are their probabilities, or with one output a row the probability of class 1. */
export const classification: Task = {
  name: "classification",
  measures: Object.values(measures).map(({ measure }) => measure),
  losses: { logLoss },
  regimes: ["classification", "binary_classification", "multiclass_classification"],
  indices: (outputs) => Math.max(2, outputs),
  check(told) {
    checkClasses(told);
    checkProbabilities(told.predictions, told.placeOf, told.otherwise);
  },
  decision: { decisions, softened, decided, drawn, margin },
};

/** @throws {DataError} for a label that is not a class, with the row */
function checkClasses({ predictions: { shape: [, classes = 1] }, labels, placeOf }: Told): void {
  const count = Math.max(2, classes),
    bad = Array.prototype.findIndex.call(
      labels,
      (label) => !(Number.isInteger(label) && label >= 0 && label < count),
    );
  if (bad < 0) return;
  const distinct = [...new Set(Array.from(labels))];
  throw new DataError(
    `Cannot use label ${labels[bad]} in ${placeOf(bad)}: wanted a class, a whole number from 0 to ${count - 1}`,
    distinct.length > 20 ? [] : [{
      when: "if these are the classes",
      option: "label",
      value: { column: "…", classes: distinct.sort((a, b) => a - b) },
    }],
  );
}

/**
 * Checks that outputs are probabilities: one output a row is the probability of class 1; several are a distribution over classes,
 * which sums to 1 up to rounding. {@link checkFinite} reports NaN.
 * @param p [rows], [rows, 1] or [rows, classes]
 * @param otherwise another cure, for messages
 * @throws {OutputError} for other outputs, with the row
 */
function checkProbabilities(
  { data, shape: [rows, classes = 1] }: Tensor,
  placeOf: (row: number) => string,
  otherwise = "",
): void {
  const cure = `end the model with ${classes > 1 ? "Softmax" : "Sigmoid"}${otherwise}`,
    outside = data.findIndex((p) => p < -rounding || p > 1 + rounding);
  if (outside >= 0) {
    throw new OutputError(
      `Cannot use the model's output ${data[outside]} as a probability (${placeOf(Math.floor(outside / classes))}): ${cure}`,
    );
  }
  if (classes === 1) return;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += data[row * classes + k];
    // The error of a float32 softmax, with room to spare.
    if (Math.abs(sum - 1) <= 1e-5 || Number.isNaN(sum)) continue;
    throw new OutputError(
      `Cannot use the model's ${classes} outputs in ${
        placeOf(row)
      } as probabilities: they sum to ${sum}, and wanted is 1; ${cure}`,
    );
  }
}

/**
 * 1 for the decided class and 0 for the others, in the shape of the probabilities. The decided class is the most probable, or
 * class 1 at 0.5 or more.
 */
export function decisions(p: Tensor): Tensor {
  const outputs = p.cast("float64").detach();
  return isOne(outputs) ? outputs.greaterEqual(0.5) : chosen([outputs]);
}

/**
 * A smooth stand-in for {@link decisions}: probabilities whose log-odds are divided by `temperature`. They approach the decision
 * as it falls to 0.
 */
export function softened(p: Tensor, temperature: Tensor | number): Tensor {
  if (p.rank === 2 && p.shape[1] > 1) return logProbabilities(p).div(temperature).softmax();
  const odds = sigmoidLogits(p)?.cast("float64") ?? logit(p.cast("float64"));
  return odds.div(temperature).sigmoid();
}

function decided(p: Tensor): Tensor {
  return isOne(p)
    ? Tensor.from(Int32Array.from(p.data, (probability) => probability >= 0.5 ? 1 : 0))
    : Tensor.from(mostProbable(p));
}

function drawn({ shape: [rows, classes = 1], data }: Tensor, uniform: (row: number) => number): Tensor {
  return Tensor.from(Int32Array.from({ length: rows }, (_, row) => {
    let left = uniform(row);
    if (classes === 1) return left < data[row] ? 1 : 0;
    let k = 0;
    while (k < classes - 1 && (left -= data[row * classes + k]) >= 0) k++;
    return k;
  }));
}

function margin({ shape: [, classes = 1], data }: Tensor, row: number): number {
  if (classes === 1) return Math.abs(data[row] - 0.5);
  const [first, second] = Array.from(data.subarray(row * classes, (row + 1) * classes)).sort((u, v) => v - u);
  return first - second;
}

function isOne({ rank, shape }: Tensor): boolean {
  return rank < 2 || shape[1] === 1;
}

/** The first of the most probable classes of each row. */
function mostProbable(p: Tensor): Int32Array {
  return classesOf(p.data, p.shape);
}

function classesOf(data: ArrayLike<number>, [rows, classes]: Shape): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let k = 1; k < classes; k++) if (data[row * classes + k] > data[row * classes + best]) best = k;
    return best;
  });
}

/** 1 for the first of the most probable classes of each row and 0 for others, without a gradient. */
const chosen: Apply = primitive({
  name: "choose the most probable class",
  shape: ([p]) => p,
  forward(_, [p], __, shape) {
    const z = zerosArray("float64", shape);
    classesOf(contiguousData(here(p)), shape).forEach((best, row) => z.data[row * shape[1] + best] = 1);
    return z;
  },
  gradient: null,
});

/** The log-odds of probabilities from an unknown activation, kept away from 0 and 1, where value and slope are infinite. */
function logit(p: Tensor): Tensor {
  const inside = p.clip(1e-7, 1 - 1e-7);
  return inside.log().sub(inside.neg().add(1).log());
}
