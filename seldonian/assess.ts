import { concatenate, inStep, noGrad, Tensor } from "../autodiff/mod.ts";
import { type Module, tensorsOf } from "../nn/module.ts";
import { Batch } from "./constraints/batch.ts";
import type { Promised } from "./constraints/promise.ts";
import { chunkSize, type DataSet } from "./data/data_set.ts";
import { deciderFor } from "./decision.ts";
import { breathe } from "./event_loop.ts";
import { checkOutputs, type Objective, objectiveOf } from "./problem.ts";

/** A model on some data. */
export interface Assessment {
  /** The objective, the mean over the rows; `null` without one. */
  objective: number | null;
  /** All rows, with the model's output, outside of any graph. */
  batch: Batch;
}

/** Runs the model on all rows, without gradients. @param order which rows of the user's data they are, for messages */
export async function assess(
  model: Module,
  data: DataSet,
  promised: readonly Promised[],
  objective?: Objective,
  order?: ArrayLike<number>,
): Promise<Assessment> {
  const outputs: Tensor[] = [], decide = deciderFor(promised[0].judgement.rates);
  let sum = 0;
  for (const rows of data.chunks(chunkSize)) {
    outputs.push(inStep(() =>
      noGrad(() => {
        const predictions = model.forward(rows.features), batch = new Batch(predictions, rows.labels, rows.columns, decide);
        if (outputs.length === 0) checkOutputs(promised, objective, batch, data);
        if (objective !== undefined) sum += objectiveOf(objective, predictions, batch).value * batch.rows;
        return batch.predictions.detach();
      }), () => tensorsOf(model)));
    await breathe();
  }
  const batch = noGrad(() => new Batch(concatenate(outputs), Tensor.from(data.labels), data.columns, decide, order));
  return { objective: objective === undefined ? null : sum / data.size, batch };
}
