import type { RandomGenerator } from "../../deps.ts";
import { inOrder, permutation } from "../random.ts";
import type { DataSet, Rows } from "./data_set.ts";

/** How data is cut into the rows of steps. */
export interface BatchOptions {
  batchSize: number;
  epochs: number;
  shuffle: boolean;
}

/** The rows of every step: batch after batch through an order that is drawn anew each epoch; all rows, if a batch holds them. */
export function* batchesOf(
  data: DataSet,
  { batchSize, epochs, shuffle }: BatchOptions,
  random: RandomGenerator,
): Generator<{ epoch: number; rows: Rows }> {
  const { size } = data, whole = batchSize < size ? null : data.at(inOrder(size));
  for (let epoch = 1; epoch <= epochs; epoch++) {
    if (whole !== null) yield { epoch, rows: whole };
    else {
      const order = shuffle ? permutation(size, random) : inOrder(size);
      for (let start = 0; start < size; start += batchSize) {
        yield { epoch, rows: data.at(order.subarray(start, start + batchSize)) };
      }
    }
  }
}
