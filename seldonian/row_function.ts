import { inStep, noGrad, Tensor } from "../autodiff/mod.ts";
import { type Module, tensorsOf } from "../nn/module.ts";
import { valuesOf } from "./constraints/batch.ts";
import type { Promised } from "./constraints/promise.ts";
import { columnsAt } from "./data/columns.ts";
import { chunkSize, type Rows, type Source } from "./data/data_set.ts";
import { deciderFor } from "./decision.ts";
import { mapped } from "./mapped.ts";

/** Rows that are looked at again. */
const lookedAt = 16;

/** How far outputs of one row may lie apart, relative to 1 or to them: rounding of float32 depends on how many rows come together. */
const tolerance = 1e-4;

/**
 * Whether a model, and every custom measure, is a function of the row: some rows of the data again in another order, among fewer
 * rows and alone. An output that depends on the other rows of a batch, as on their mean or rank, makes rows dependent, so that no bound
 * holds; and the verdict would depend on the order of rows.
 * @throws {RangeError} with the row, if two outputs differ by more than 1e-4 of the greater of them and 1
 */
export async function checkRowFunction(model: Module, data: Source, promised: readonly Promised[]): Promise<void> {
  for await (const rows of data.chunks(chunkSize)) {
    const count = rows.labels.size,
      some = Math.min(lookedAt, count),
      places = Int32Array.from(
        { length: some },
        (_, i) => Math.floor((some - 1 - i) * count / some),
      );
    const whole = outputsOf(model, rows.features);
    // As many outputs as rows is asked for elsewhere.
    if (whole.shape[0] !== count) return;
    for (const at of [places, places.subarray(0, 1), places.subarray(some - 1)]) {
      const again = outputsOf(model, featuresAt(rows.features, at)), wanted = rowsAt(whole, at);
      const row = differing(again, wanted);
      if (row >= 0) {
        throw new RangeError(
          `Cannot test a model whose output depends on the other rows of a batch, or on earlier calls: row ${at[row]} has ` +
            `${shown(wanted, row)} among ${count} rows and ${shown(again, row)} among ${at.length}; ` +
            "normalise by what is kept from training, as nn.BatchNorm does, and leave randomness to `pass.random`",
        );
      }
    }
    checkMeasures(promised, rows, whole, places);
    if (!data.hasLabels) checkLabels(promised, rows, whole);
    return;
  }
}

/** @throws {RangeError} for a measure that compares outputs with labels, which the data does not have */
function checkLabels(promised: readonly Promised[], { labels, columns }: Rows, outputs: Tensor): void {
  const predictions = outputs.cast("float64");
  for (const leaf of promised.flatMap(({ constraint }) => constraint.leaves)) {
    const { measure, index, data } = leaf;
    if (data !== undefined) continue;
    const [zeros, ones] = noGrad(() =>
      [labels, labels.add(1)].map((labels) => valuesOf(measure, index, { predictions, labels, columns }))
    );
    if (measure.counts === undefined && zeros.size === ones.size && zeros.data.every((z, i) => z === ones.data[i])) continue;
    throw new RangeError(
      `Cannot judge ${leaf}: the data has no labels, and ${measure.name} compares outputs with them; give labels`,
    );
  }
}

/** The same of measures, on the outputs as they are. */
function checkMeasures(promised: readonly Promised[], rows: Rows, outputs: Tensor, places: Int32Array): void {
  const decide = deciderFor(promised[0]?.judgement.rates ?? "expected");
  const judged = outputs.cast("float64"), predictions = decide === undefined ? judged : decide(judged).cast("float64");
  const all = { predictions, labels: rows.labels, columns: rows.columns };
  const some = {
    predictions: rowsAt(predictions, places),
    labels: rowsAt(rows.labels, places),
    columns: columnsAt(rows.columns, places),
  };
  for (const { measure, index } of promised.flatMap(({ constraint }) => constraint.leaves)) {
    if (measure.perRow === false) continue;
    let found: Tensor, again: Tensor;
    try {
      [found, again] = noGrad(() => [all, some].map((outcomes) => valuesOf(measure, index, outcomes)));
    } catch {
      // What cannot be measured at all is told elsewhere.
      continue;
    }
    const wanted = rowsAt(found, places), row = differing(again, wanted);
    if (row < 0) continue;
    throw new RangeError(
      `Cannot bound ${measure.name}: its value of row ${places[row]} depends on the other rows, ${shown(wanted, row)} among ` +
        `${rows.labels.size} and ${
          shown(again, row)
        } among ${places.length}; make it of one row, or say perRow: false, if it is of pairs or the like`,
    );
  }
}

/** The features of some rows, as `forward` takes them. */
function featuresAt(features: unknown, places: Int32Array): unknown {
  if (features instanceof Tensor) return features.take(Tensor.from(places));
  if (Array.isArray(features)) return Array.from(places, (place) => features[place]);
  return mapped(features as Record<string, Tensor>, (one) => one.take(Tensor.from(places)));
}

function outputsOf(model: Module, features: unknown): Tensor {
  return inStep(() => noGrad(() => model.forward(features).detach()), () => tensorsOf(model));
}

function rowsAt(x: Tensor, places: Int32Array): Tensor {
  const { data, shape: [rows, ...rest] } = x,
    width = rows === 0 ? 0 : x.size / rows,
    found = new Float64Array(places.length * width);
  places.forEach((row, i) => {
    for (let k = 0; k < width; k++) found[i * width + k] = data[row * width + k];
  });
  return Tensor.from(found, [places.length, ...rest]);
}

/** The first row whose numbers differ; -1 if none does. */
function differing(x: Tensor, y: Tensor): number {
  const { data: a } = x, { data: b } = y, width = a.length / (x.shape[0] || 1);
  const at = a.length === b.length
    ? a.findIndex((z, i) => Math.abs(z - b[i]) > tolerance * Math.max(1, Math.abs(z), Math.abs(b[i])))
    : 0;
  return at < 0 ? -1 : Math.floor(at / width);
}

function shown(x: Tensor, row: number): string {
  const width = x.size / (x.shape[0] || 1), numbers = Array.from(x.data.subarray(row * width, (row + 1) * width));
  const some = numbers.slice(0, 4).map((z) => Number(z.toPrecision(6))).join(", ");
  return width === 1 ? some : `[${some}${width > 4 ? ", …" : ""}]`;
}
