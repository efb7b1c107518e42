import type { Tensor } from "../autodiff/mod.ts";

/** A model's output that cannot be judged. */
export class OutputError extends RangeError {
  /** "OutputError". */
  override name = "OutputError";
}

/**
 * @param outputs [rows, …]
 * @param placeOf the place of a row, for messages
 * @throws {OutputError} for an output that is NaN or infinite, with its row
 */
export function checkFinite({ data, shape: [, ...rest] }: Tensor, placeOf: (row: number) => string): void {
  const bad = data.findIndex((output) => !Number.isFinite(output));
  if (bad < 0) return;
  const place = placeOf(Math.floor(bad / rest.reduce((product, length) => product * length, 1)));
  throw new OutputError(`Cannot judge the model's output ${data[bad]} in ${place}: wanted a finite number`);
}
