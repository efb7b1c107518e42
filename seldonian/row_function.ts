import { inStep, noGrad, Tensor } from "../autodiff/mod.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import { type Module, tensorsOf } from "../nn/module.ts";
import { valuesOf } from "./constraints/measure_values.ts";
import type { Leaf } from "./constraints/expression.ts";
import { columnsAt } from "./data/columns.ts";
import { chunkSize, type Rows, type Source } from "./data/data_set.ts";
import { placesOf } from "./data/units.ts";
import { deciderFor } from "./decision.ts";
import type { Problem } from "./problem/problem.ts";
import { inOrder } from "./random.ts";
import type { Decision } from "./tasks/task.ts";

/*
 * Checks that a model, and every measure, is a function of the row. An output that depends on the other rows of a batch, such as
 * on their mean or rank, makes rows dependent, so no bound holds; and the verdict would depend on the order of rows.
 */

/**
 * How far outputs of one row may differ, relative to their size and to the spread over all rows: the rounding of float32 depends
 * on the number of rows in a batch.
 */
const tolerance = 1e-4;

/** Decisions this close to a tie may go either way, by rounding. */
const tie = 2e-6;

/** The number of rows of a later piece to check again. */
const lookedAt = 16;

/**
 * Computes the first rows of each data set again: in reversed halves and one by one. Measures are computed on some of them; for
 * data without labels, it also checks whether they depend on labels.
 * @param size the number of rows
 * @throws {RangeError} with the row, if two of its outputs, decisions or values differ
 */
export async function checkRowFunction(model: Module, problem: Problem, size = chunkSize): Promise<void> {
  for (const [name, { data }] of problem.sets.entries) {
    const leaves = problem.promises.flatMap(({ constraint }) => constraint.leaves).filter((leaf) => leaf.data === name);
    await checkRows(model, data, leaves, problem, size);
  }
}

async function checkRows(
  model: Module,
  data: Source,
  leaves: readonly Leaf[],
  problem: Problem,
  size: number,
): Promise<void> {
  for await (const rows of data.chunks(size)) {
    const count = rows.labels.size, outputs = outputsOf(model, rows.features), backward = inOrder(count).reverse();
    // The number of outputs is checked elsewhere.
    if (outputs.shape[0] !== count) return;
    const half = count >> 1, alone = Array.from({ length: Math.min(4, count) }, (_, i) => Math.floor(i * count / 4));
    const parts = [backward.subarray(0, half), backward.subarray(half), ...alone.map((i) => backward.subarray(i, i + 1))];
    const placeOf = placesOf(data);
    for (const places of parts) if (places.length > 0) checkAgain(model, rows.features, outputs, places, problem, placeOf);
    checkMeasures(leaves, problem, rows, outputs, backward.filter((_, i) => i % Math.ceil(count / lookedAt) === 0));
    if (!data.hasLabels) checkLabels(leaves, rows, outputs);
    return;
  }
}

/**
 * The same for some rows of a later piece, after its first pass.
 * @param placeOf the place of a row, for messages
 */
export function checkSome(
  model: Module,
  features: unknown,
  outputs: Tensor,
  problem: Problem,
  placeOf: (row: number) => string,
): void {
  const [count] = outputs.shape,
    places = Int32Array.from(
      { length: Math.min(lookedAt, count) },
      (_, i) => count - 1 - Math.imul(i, 7919) % count,
    );
  checkAgain(model, features, outputs, places, problem, placeOf);
}

function checkAgain(
  model: Module,
  features: unknown,
  outputs: Tensor,
  places: Int32Array,
  problem: Problem,
  placeOf: (row: number) => string,
): void {
  const again = outputsOf(model, featuresAt(features, places)), wanted = rowsAt(outputs, places);
  let row = differing(again, wanted, spreadsOf(outputs));
  if (row < 0 && problem.rates === "decided") row = decidedOtherwise(problem.task.decision!, again, wanted);
  if (row < 0) return;
  throw new RangeError(
    `Cannot test a model whose output depends on the other rows of a batch, or on earlier calls: ${placeOf(places[row])} has ` +
      `${shown(wanted, row)} among ${outputs.shape[0]} rows and ${shown(again, row)} among ${places.length}; ` +
      "normalise by statistics kept from training, as nn.BatchNorm does, and leave randomness to `pass.random`",
  );
}

function checkMeasures(
  leaves: readonly Leaf[],
  problem: Problem,
  rows: Rows,
  outputs: Tensor,
  places: Int32Array,
): void {
  const decide = deciderFor(problem), judged = outputs.cast("float64");
  const predictions = decide === undefined ? judged : decide(judged).cast("float64");
  const all = { predictions, labels: rows.labels, columns: rows.columns };
  const some = {
    predictions: rowsAt(predictions, places),
    labels: rowsAt(rows.labels, places),
    columns: columnsAt(rows.columns, places),
  };
  for (const { measure, index } of leaves) {
    if (measure.perRow === false) continue;
    let found: Tensor;
    try {
      found = noGrad(() => valuesOf(measure, index, all));
    } catch {
      // Measures that fail altogether are reported elsewhere.
      continue;
    }
    let again: Tensor;
    try {
      again = noGrad(() => valuesOf(measure, index, some));
    } catch (error) {
      throw new RangeError(
        `Cannot bound ${measure.name}: it can be computed for ${rows.labels.size} rows, but not for ${places.length} of them ` +
          `(${(error as Error).message}); put its other inputs into columns of the data`,
      );
    }
    const wanted = rowsAt(found, places), row = differing(again, wanted, spreadsOf(found));
    if (row < 0) continue;
    throw new RangeError(
      `Cannot bound ${measure.name}: its value of row ${places[row]} depends on the other rows, ${shown(wanted, row)} among ` +
        `${rows.labels.size} and ${
          shown(again, row)
        } among ${places.length}; make it of one row, with what it needs besides as a ` +
        "column of the data, or say perRow: false, if it is of pairs or the like",
    );
  }
}

/** @throws {RangeError} for a measure that compares outputs with labels, if the data has none */
function checkLabels(leaves: readonly Leaf[], { labels: { size }, columns }: Rows, outputs: Tensor): void {
  const classes = Math.max(2, outputs.shape[1] ?? 1), width = outputs.size / size;
  // Outputs of every size, so that no effect of a label is hidden.
  const probes = Tensor.from(
    Float64Array.from(
      { length: outputs.size },
      (_, i) => width === 1 ? (i + 1) / (size + 1) : (1 + (i * 7 + i / width) % 5) / (3 * width),
    ),
    outputs.shape,
  );
  for (const leaf of leaves) {
    const { measure, index } = leaf,
      asked = (label: number) =>
        [probes, outputs.cast("float64")].flatMap((predictions) => [
          ...noGrad(() =>
            valuesOf(measure, index, { predictions, labels: Tensor.from(new Float64Array(size).fill(label)), columns })
          ).data,
        ]);
    const first = asked(0);
    const same = Array.from({ length: classes - 1 }, (_, k) => asked(k + 1)).every((other) =>
      other.length === first.length && other.every((z, i) => Object.is(z, first[i]))
    );
    if (measure.counts === undefined && same) continue;
    throw new RangeError(
      `Cannot judge ${leaf}: the data has no labels, and ${measure.name} compares outputs with them; give labels`,
    );
  }
}

/** The features of some rows, for `forward`. */
function featuresAt(features: unknown, places: Int32Array): unknown {
  if (features instanceof Tensor) return someRows(features, places);
  if (Array.isArray(features)) return Array.from(places, (place) => features[place]);
  return Object.fromEntries(
    Object.entries(features as Record<string, Tensor>).map(([name, one]) => [name, someRows(one, places)]),
  );
}

/** Copies of some rows, in the same dtype. */
function someRows({ data, shape: [rows, ...rest] }: Tensor, places: Int32Array): Tensor {
  const width = data.length / rows, found = data.slice(0, places.length * width);
  places.forEach((row, i) => found.set(data.subarray(row * width, (row + 1) * width), i * width));
  return Tensor.from(found, [places.length, ...rest]);
}

function outputsOf(model: Module, features: unknown): Tensor {
  const told = () => {
    const outputs = model.forward(features);
    requireTensors("use a model's output that is", outputs);
    return outputs.detach();
  };
  return inStep(() => noGrad(told), () => tensorsOf(model));
}

function rowsAt(x: Tensor, places: Int32Array): Tensor {
  return someRows(x.cast("float64"), places);
}

/** The spread of the numbers in each column. */
function spreadsOf({ data, size, shape: [rows] }: Tensor): number[] {
  const width = rows === 0 ? 0 : size / rows;
  return Array.from({ length: width }, (_, k) => {
    let low = Infinity, high = -Infinity;
    for (let i = k; i < size; i += width) {
      low = Math.min(low, data[i]);
      high = Math.max(high, data[i]);
    }
    return high - low;
  });
}

/** The first row whose numbers differ; -1 if none does. */
function differing(x: Tensor, y: Tensor, spreads: readonly number[]): number {
  const { data: a } = x, { data: b } = y, width = a.length / (x.shape[0] || 1);
  const at = a.length === b.length
    ? a.findIndex((z, i) => Math.abs(z - b[i]) > tolerance * (Math.max(Math.abs(z), Math.abs(b[i])) + spreads[i % width]))
    : 0;
  return at < 0 ? -1 : Math.floor(at / width);
}

/** The first row with another decision, except by rounding at a tie; -1 if none. */
function decidedOtherwise({ decided, margin }: Decision, x: Tensor, y: Tensor): number {
  const [a, b] = [x, y].map((outputs) => decided(outputs.cast("float64")).data);
  return a.findIndex((label, row) => label !== b[row] && (margin(x, row) > tie || margin(y, row) > tie));
}

function shown(x: Tensor, row: number): string {
  const width = x.size / (x.shape[0] || 1), numbers = Array.from(x.data.subarray(row * width, (row + 1) * width));
  const some = numbers.slice(0, 4).map((z) => Number(z.toPrecision(6))).join(", ");
  return width === 1 ? some : `[${some}${width > 4 ? ", …" : ""}]`;
}
