import type { Tensor } from "../autodiff/mod.ts";

/** A model's output that cannot be judged. */
export class OutputError extends RangeError {
  /** "OutputError". */
  override name = "OutputError";
}

/**
 * @param outputs [rows, …]
 * @param placeOf where a row stands, for messages
 * @throws {OutputError} for one that is NaN or infinite, with its row
 */
export function checkFinite({ data, shape: [, ...rest] }: Tensor, placeOf: (row: number) => string): void {
  const bad = data.findIndex((output) => !Number.isFinite(output));
  if (bad < 0) return;
  const place = placeOf(Math.floor(bad / rest.reduce((product, length) => product * length, 1)));
  throw new OutputError(`Cannot judge the model's output ${data[bad]} in ${place}: wanted a finite number`);
}

/** What sums of float32 probabilities may be beyond 0 or 1. */
export const rounding = 1e-6;

/**
 * That outputs are probabilities: of one output a row, of class 1; of several, a distribution over classes, which sums to 1 but for
 * rounding. NaN is {@link checkFinite}'s.
 * @param p [rows], [rows, 1] or [rows, classes]
 * @param otherwise what else can be done about it, for messages
 * @throws {OutputError} for others, with the row
 */
export function checkProbabilities(
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
    // What a float32 softmax is off by, with room.
    if (Math.abs(sum - 1) <= 1e-5 || Number.isNaN(sum)) continue;
    throw new OutputError(
      `Cannot use the model's ${classes} outputs in ${
        placeOf(row)
      } as probabilities: they sum to ${sum}, and wanted is 1; ${cure}`,
    );
  }
}
