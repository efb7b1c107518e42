import { inStep, noGrad, Tensor } from "../autodiff/mod.ts";
import { type Module, tensorsOf } from "../nn/module.ts";
import { Batch, type BatchOptions } from "./constraints/batch.ts";
import type { Sample } from "./constraints/sample.ts";
import { sampleOf } from "./constraints/sample_of.ts";
import { type AllColumns, columnsAt, joinedColumns, numbersAt } from "./data/columns.ts";
import { chunkSize, DataSet, type Rows, type Source } from "./data/data_set.ts";
import { rowKeysOf } from "./data/row_keys.ts";
import { placesOf, rowNumbersOf } from "./data/units.ts";
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

/** What is the same for every model on the same data: labels and columns as a test sees them, and its order. */
interface RowFacts {
  labels: Tensor;
  columns: AllColumns;
  order: TestOrder | null;
  options: Pick<BatchOptions, "order" | "places" | "clusters">;
}

/** What several models on the same data share, for one purpose. Data that is not in memory is read again. */
export type Shared = Map<Source, RowFacts>;

/**
 * Runs the model on all rows, without gradients, in pieces; for a stream only outputs, labels and columns are kept.
 * @param forward in place of the model's, in training
 * @param shared with other models on the same data
 * @throws {OutputError} for outputs in test data that cannot be judged; in training, a model without finite outputs is merely
 * useless
 */
export async function assess(
  model: Module,
  problem: Problem,
  purpose: "training" | "test",
  forward?: Forward,
  shared: Shared = new Map(),
): Promise<Assessment> {
  const { sets, relations } = problem, first = await outputsOn(model, sets.main, problem, purpose, forward, shared);
  const batches = await sets.mapInTurn(async (data, name) => {
    if (name === undefined) return first.batch;
    // Paired rows have one order.
    const order = relations.paired.includes(name) ? first.order : null;
    return (await outputsOn(model, data, { ...problem, objective: undefined }, purpose, forward, shared, order)).batch;
  });
  return { objective: first.objective, sample: sampleOf(batches, relations), order: first.order?.key ?? null };
}

async function outputsOn(
  model: Module,
  { data, safetyRows: testRows }: JudgedData,
  problem: Problem,
  purpose: "training" | "test",
  forward: Forward | undefined,
  shared: Shared,
  given: TestOrder | null = null,
): Promise<{ batch: Batch; objective: number | null; order: TestOrder | null }> {
  const { size } = data, { objective } = problem, decide = deciderFor(problem), known = shared.get(data);
  const inPieces = objective === undefined || isOfAllRows(objective) ? undefined : objective;
  const placeOf = placesOf(data), facts = known === undefined ? new FactsReader(data, purpose) : null;
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
    rowShape = told.shape.slice(1);
    width = told.size / told.shape[0];
    outputs ??= new Float64Array(size * width);
    outputs.set(told.data, seen * width);
    facts?.add(rows, seen);
    seen += rows.labels.size;
    await breathe();
  }
  const told = known ?? facts!.all(given), { labels, columns, order, options } = told;
  if (data instanceof DataSet) shared.set(data, told);
  const batch = noGrad(() => {
    const predictions = Tensor.from(order === null ? outputs! : inOrderOf(order, outputs!, width), [size, ...rowShape]);
    return new Batch(predictions, labels, columns, { ...options, decide, testRows, exclusive: data.exclusive });
  });
  if (objective === undefined || inPieces !== undefined) {
    return { batch, objective: inPieces === undefined ? null : sum / seen, order };
  }
  return { batch, objective: noGrad(() => objectiveOf(objective, batch.predictions, batch).value), order };
}

/** Rows' outputs in the order of a test. */
function inOrderOf({ rows }: TestOrder, outputs: Float64Array, width: number): Float64Array {
  const ordered = new Float64Array(outputs.length);
  for (let i = 0; i < rows.length; i++) {
    for (let k = 0; k < width; k++) ordered[i * width + k] = outputs[rows[i] * width + k];
  }
  return ordered;
}

/** Labels and columns, piece by piece. */
class FactsReader {
  readonly #labels: Float64Array;
  /** The keys of rows, for the order of a test. */
  readonly #keys: Uint32Array | null;
  readonly #columns: AllColumns[] = [];
  readonly #clusters: (number | string)[] | undefined;

  constructor(readonly data: Source, purpose: "training" | "test") {
    this.#labels = new Float64Array(data.size);
    this.#keys = purpose === "test" ? new Uint32Array(2 * data.size) : null;
    this.#clusters = data.hasClusters ? new Array<number | string>(data.size) : undefined;
  }

  /** Adds rows from the row `start` on. */
  add({ features, labels: { data: labels, size }, columns, clusters }: Rows, start: number): void {
    this.#labels.set(labels, start);
    this.#keys?.set(rowKeysOf({ features, labels, columns }, size), 2 * start);
    for (let i = 0; this.#clusters !== undefined && i < size; i++) this.#clusters[start + i] = clusters![i];
    this.#columns.push(columns);
  }

  /** All rows, in the order of a test if there is one. @param given the order of other data, to which they are paired */
  all(given: TestOrder | null): RowFacts {
    const { data } = this, columns = joinedColumns(this.#columns), clusters = this.#clusters;
    if (this.#keys === null) {
      return { labels: Tensor.from(this.#labels), columns, order: null, options: { clusters } };
    }
    const order = given ?? testOrder(this.#keys, clusters), { rows } = order;
    return {
      labels: Tensor.from(numbersAt(this.#labels, rows)),
      columns: columnsAt(columns, rows),
      order,
      options: {
        order: rows.map(rowNumbersOf(data)),
        places: Array.from(rows, placesOf(data)),
        clusters: clusters && Array.from(rows, (row) => clusters[row]),
      },
    };
  }
}
