import { inStep, noGrad, Tensor } from "../autodiff/mod.ts";
import { type Module, tensorsOf } from "../nn/module.ts";
import { Batch, type Relations, type Sample, sampleOf } from "./constraints/batch.ts";
import type { Promised } from "./constraints/promise.ts";
import { type Columns, columnsAt, joinedColumns } from "./data/columns.ts";
import { chunkSize, type Source } from "./data/data_set.ts";
import { deciderFor } from "./decision.ts";
import { breathe } from "./event_loop.ts";
import { checkFinite } from "./outputs.ts";
import { checkSome } from "./row_function.ts";
import { checkOutputs, type Objective, objectiveOf } from "./problem.ts";

/** A model on some data. */
export interface Assessment {
  /** The objective, the mean over the rows; `null` without one. */
  objective: number | null;
  /** All rows, with the model's output, outside of any graph. */
  sample: Sample;
}

/** Data, and how many rows the safety test will have of it, or clusters. */
export interface AssessedData {
  data: Source;
  testRows?: number;
  /** Another order of the rows, in which they are seen. */
  order?: Int32Array;
}

/** The data that a model works on, and other data sets that some of the constraints are on, by name. */
export interface AssessedSets {
  main: AssessedData;
  others: Readonly<Record<string, AssessedData>>;
  relations: Relations;
}

/**
 * Runs the model on all rows, without gradients, in pieces: of a stream only outputs, labels and columns are kept.
 * @throws {OutputError} for outputs that cannot be judged, where these are test data: in training a model without finite outputs is
 * one of no use
 */
export async function assess(
  model: Module,
  { main, others, relations }: AssessedSets,
  promised: readonly Promised[],
  objective: Objective | undefined,
  purpose: "training" | "test",
): Promise<Assessment> {
  const { batch, objective: f } = await outputsOn(model, main, promised, objective, purpose);
  const batches = new Map<string, Batch>();
  for (const [name, other] of Object.entries(others)) {
    batches.set(name, (await outputsOn(model, other, promised, undefined, purpose)).batch);
  }
  return { objective: f, sample: sampleOf(batch, batches, relations) };
}

async function outputsOn(
  model: Module,
  { data, testRows, order }: AssessedData,
  promised: readonly Promised[],
  objective: Objective | undefined,
  purpose: "training" | "test",
): Promise<{ batch: Batch; objective: number | null }> {
  const { size } = data,
    labels = new Float64Array(size),
    columns: Columns[] = [],
    clusters = data.hasClusters ? new Array<number | string>(size) : undefined,
    decide = deciderFor(promised[0].judgement.rates);
  // Where each row goes, so that a row is never stored twice.
  const place = order === undefined ? (row: number) => row : placesBy(order);
  let outputs: Float64Array | null = null, rowShape: number[] = [], sum = 0, seen = 0;
  for await (const rows of data.chunks(chunkSize)) {
    const told = inStep(() =>
      noGrad(() => {
        const predictions = model.forward(rows.features), batch = new Batch(predictions, rows.labels, rows.columns, { decide });
        if (purpose === "test") {
          checkFinite(batch.predictions, seen);
          // The first rows were looked at before.
          if (seen > 0) checkSome(model, rows.features, predictions, promised[0].judgement.rates, seen);
        }
        checkOutputs(promised, objective, batch, seen);
        if (objective !== undefined) sum += objectiveOf(objective, predictions, batch).value * batch.rows;
        return batch.predictions.detach();
      }), () => tensorsOf(model));
    rowShape = told.shape.slice(1);
    const width = told.size / told.shape[0], values = told.data;
    outputs ??= new Float64Array(size * width);
    for (let i = 0; i < rows.labels.size; i++) {
      const to = place(seen + i);
      for (let k = 0; k < width; k++) outputs[to * width + k] = values[i * width + k];
      labels[to] = rows.labels.data[i];
      if (clusters !== undefined) clusters[to] = rows.clusters![i];
    }
    columns.push(rows.columns);
    seen += rows.labels.size;
    await breathe();
  }
  const known = joinedColumns(columns), ordered = order === undefined ? known : columnsAt(known, order);
  const batch = noGrad(() =>
    new Batch(Tensor.from(outputs!, [size, ...rowShape]), Tensor.from(labels), ordered, {
      decide,
      testRows,
      order,
      exclusive: data.exclusive,
      clusters,
    })
  );
  return { batch, objective: objective === undefined ? null : sum / seen };
}

/** The place of each row in an order. */
function placesBy(order: Int32Array): (row: number) => number {
  const places = new Int32Array(order.length);
  order.forEach((row, place) => places[row] = place);
  return (row) => places[row];
}
