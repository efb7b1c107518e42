import type { RandomGenerator } from "../../deps.ts";
import type { Rows, Source } from "./data_set.ts";

/** How to cut data into the rows of steps. */
export interface BatchPlan {
  batchSize: number;
  epochs: number;
  shuffle: boolean;
}

/** The rows of every step: batch after batch in an order drawn anew each epoch; all rows, if they fit in a batch. */
export async function* batchesOf(
  data: Source,
  { batchSize, epochs, shuffle }: BatchPlan,
  random: RandomGenerator,
): AsyncGenerator<{ epoch: number; rows: Rows }> {
  const whole = batchSize < data.size ? null : (await data.sample(data.size, random)).whole();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    if (whole !== null) yield { epoch, rows: whole };
    else {
      const pieces = shuffle ? data.shuffled(batchSize, random) : data.chunks(batchSize);
      for await (const rows of pieces) yield { epoch, rows };
    }
  }
}
