import { inStep, noGrad, Tensor } from "../autodiff/mod.ts";
import { type Module, tensorsOf } from "../nn/module.ts";
import { Batch, type Sample, sampleOf } from "./constraints/batch.ts";
import { type AllColumns, columnsAt, joinedColumns } from "./data/columns.ts";
import { chunkSize } from "./data/data_set.ts";
import { rowKeysOf } from "./data/row_keys.ts";
import { numbersOf, placesOf } from "./data/units.ts";
import { type TestOrder, testOrder } from "./data/test_order.ts";
import { deciderFor } from "./decision.ts";
import { breathe } from "./event_loop.ts";
import { checkFinite } from "./outputs.ts";
import { checkSome } from "./row_function.ts";
import { checkOutputs } from "./problem/check_outputs.ts";
import { isOfAllRows, objectiveOf } from "./problem/objective.ts";
import type { JudgedData, Problem } from "./problem/problem.ts";

/** A model's results on some data. */
export interface Assessment {
  /** The objective, the mean over the rows; `null` without one. */
  objective: number | null;
  /** All rows, with the model's output, outside of any graph. */
  sample: Sample;
  /** The key of the order of rows in a test. */
  order: string | null;
}

/** The model's outputs on features, computed elsewhere. */
export type Forward = (features: unknown) => Promise<Tensor>;

/**
 * Runs the model on all rows, without gradients, in pieces; for a stream only outputs, labels and columns are kept.
 * @param forward in place of the model's, in training
 * @throws {OutputError} for outputs in test data that cannot be judged; in training, a model without finite outputs is merely
 * useless
 */
export async function assess(
  model: Module,
  problem: Problem,
  purpose: "training" | "test",
  forward?: Forward,
): Promise<Assessment> {
  const { sets, relations } = problem, first = await outputsOn(model, sets.main, problem, purpose, forward);
  const batches = await sets.mapInTurn(async (data, name) => {
    if (name === undefined) return first.batch;
    // Paired rows have one order.
    const order = relations.paired.includes(name) ? first.order : null;
    return (await outputsOn(model, data, { ...problem, objective: undefined }, purpose, forward, order)).batch;
  });
  return { objective: first.objective, sample: sampleOf(batches, relations), order: first.order?.key ?? null };
}

async function outputsOn(
  model: Module,
  { data, safetyRows: testRows }: JudgedData,
  problem: Problem,
  purpose: "training" | "test",
  forward: Forward | undefined,
  given: TestOrder | null = null,
): Promise<{ batch: Batch; objective: number | null; order: TestOrder | null }> {
  const { size } = data, { objective } = problem, decide = deciderFor(problem);
  const inPieces = objective === undefined || isOfAllRows(objective) ? undefined : objective;
  const labels = new Float64Array(size), columns: AllColumns[] = [], keys = new Uint32Array(purpose === "test" ? 2 * size : 0);
  const clusters = data.hasClusters ? new Array<number | string>(size) : undefined;
  const numberOf = numbersOf(data), placeOf = placesOf(data);
  let outputs: Float64Array | null = null, rowShape: number[] = [], width = 0, sum = 0, seen = 0;
  for await (const rows of data.chunks(chunkSize)) {
    const start = seen, place = (row: number) => placeOf(start + row);
    const elsewhere = await forward?.(rows.features);
    const told = inStep(() =>
      noGrad(() => {
        const predictions = elsewhere ?? model.forward(rows.features),
          batch = new Batch(predictions, rows.labels, rows.columns, { decide });
        if (purpose === "test") {
          checkFinite(batch.predictions, place);
          // The first rows have been checked before.
          if (start > 0) checkSome(model, rows.features, predictions, problem, place);
        }
        checkOutputs(problem, batch, place);
        if (inPieces !== undefined) sum += objectiveOf(inPieces, predictions, batch).value * batch.rows;
        return batch.predictions.detach();
      }), () => tensorsOf(model));
    const { features, labels: { data: own, size: count }, columns: known } = rows;
    rowShape = told.shape.slice(1);
    width = told.size / told.shape[0];
    outputs ??= new Float64Array(size * width);
    outputs.set(told.data, seen * width);
    labels.set(own, seen);
    if (purpose === "test") keys.set(rowKeysOf({ features, labels: own, columns: known }, count), 2 * seen);
    for (let i = 0; clusters !== undefined && i < count; i++) clusters[seen + i] = rows.clusters![i];
    columns.push(known);
    seen += count;
    await breathe();
  }
  const order = purpose === "test" ? given ?? testOrder(keys, clusters) : null, known = joinedColumns(columns);
  const options = { decide, testRows, exclusive: data.exclusive };
  const batch = noGrad(() => {
    if (order === null) {
      return new Batch(Tensor.from(outputs!, [size, ...rowShape]), Tensor.from(labels), known, { ...options, clusters });
    }
    const { rows } = order, seenAs = <T>(values: ArrayLike<T>) => Array.from(rows, (row) => values[row]);
    const ordered = new Float64Array(size * width);
    rows.forEach((row, i) => ordered.set(outputs!.subarray(row * width, (row + 1) * width), i * width));
    const predictions = Tensor.from(ordered, [size, ...rowShape]),
      inOrder = Tensor.from(Float64Array.from(rows, (row) => labels[row]));
    return new Batch(predictions, inOrder, columnsAt(known, rows), {
      ...options,
      order: rows.map(numberOf),
      places: Array.from(rows, placeOf),
      clusters: clusters && seenAs(clusters),
    });
  });
  if (objective === undefined || inPieces !== undefined) {
    return { batch, objective: inPieces === undefined ? null : sum / seen, order };
  }
  return { batch, objective: noGrad(() => objectiveOf(objective, batch.predictions, batch).value), order };
}
