import { concatenate, inStep, noGrad, Tensor } from "../autodiff/mod.ts";
import { type Module, tensorsOf } from "../nn/module.ts";
import { Batch, evaluate, type Evaluation } from "./constraints/evaluate.ts";
import type { DataSet } from "./data/data_set.ts";
import { breathe } from "./event_loop.ts";
import { checkOutputs, type Objective, objectiveOf, type Promised } from "./problem.ts";

/** A model on some data. */
export interface Assessment {
  /** The objective, the mean over the rows; `null` without one. */
  objective: number | null;
  /** One for each constraint. */
  evaluations: Evaluation[];
}

/** Rows that pass through the model at a time, so that memory does not grow with the data. */
const chunkSize = 500;

/** Evaluates objective and constraints on all rows, without gradients. */
export async function assess(
  model: Module,
  data: DataSet,
  promised: readonly Promised[],
  objective?: Objective,
  forecast?: { rows: number; inflation: number },
): Promise<Assessment> {
  const outputs: Tensor[] = [];
  let sum = 0;
  for (const rows of data.chunks(chunkSize)) {
    outputs.push(inStep(() =>
      noGrad(() => {
        const predictions = model.forward(rows.features), batch = new Batch(predictions, rows.labels, rows.columns);
        if (outputs.length === 0) checkOutputs(promised, objective, batch, data);
        if (objective !== undefined) sum += objectiveOf(objective, predictions, batch).value * batch.rows;
        return batch.predictions.detach();
      }), () => tensorsOf(model)));
    await breathe();
  }
  const batch = new Batch(concatenate(outputs), Tensor.from(data.labels), data.columns);
  return {
    objective: objective === undefined ? null : sum / data.size,
    evaluations: noGrad(() => promised.map(({ constraint, shares }) => evaluate(constraint.g, shares, batch, forecast))),
  };
}
