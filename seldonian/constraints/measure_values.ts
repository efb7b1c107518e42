import { decided, noteUse } from "../../autodiff/recorder.ts";
import { Tensor, type TypedArray } from "../../autodiff/mod.ts";
import { shown } from "../../autodiff/options.ts";
import { showShape } from "../../autodiff/shape.ts";
import { type AllColumns, byKind } from "../data/columns.ts";
import { rounding } from "../../nn/losses.ts";
import type { Measure, Outcomes } from "./measure.ts";

/** Outputs, and what the data says of the same rows. */
type Judged = Pick<Outcomes, "predictions" | "labels"> & { columns: AllColumns };

/**
 * The values of a measure for all rows, float64.
 * @throws {RangeError} for another shape than [rows]
 */
export function valuesOf(measure: Measure, index: readonly number[], outcomes: Judged): Tensor {
  const rows = outcomes.labels.size;
  let values: Tensor;
  try {
    values = measure.values(seen(outcomes), index);
  } catch (error) {
    if (!(error instanceof Error && error.name === "RangeError")) throw error;
    const { shape } = outcomes.predictions;
    throw new RangeError(`Cannot compute ${measure.name} of outputs of shape ${showShape(shape)}: ${error.message}`, {
      cause: error,
    });
  }
  if (!(values instanceof Tensor)) {
    throw new TypeError(
      `Cannot use the values of ${measure.name}: they are ${shown(values)}; wanted a tensor with one number a row, [${rows}]`,
    );
  }
  const width = measure.functional?.width;
  if (width !== undefined && values.rank === 2 && values.shape[0] === rows && values.shape[1] === width) {
    return values.cast("float64");
  }
  if (values.rank !== 1 || (values.size !== rows && measure.perRow !== false)) {
    throw new RangeError(
      `Cannot use the values of ${measure.name}, of shape ${showShape(values.shape)}: wanted ${
        measure.perRow === false ? "[n]" : `one a row, [${rows}]; or say perRow: false, if they are of pairs or the like`
      }`,
    );
  }
  const found = values.cast("float64"), [low, high] = measure.range;
  // Rounding may push outputs a little beyond 0 and 1.
  const beyond = measure.binary === true &&
    decided(() => isBeyond(found.data, low, high));
  return beyond ? found.clip(low, high) : found;
}

/** What a measure sees. Columns are no tensors, so a recording of a step on other rows ends where they are read. */
export function seen({ predictions, labels, columns: all }: Judged): Outcomes {
  const { columns, arrays } = byKind(all);
  return {
    predictions,
    labels,
    arrays,
    get columns() {
      noteUse(all);
      return columns;
    },
  };
}

/** Whether a number is beyond its range by no more than rounding. */
function isBeyond(values: TypedArray, low: number, high: number): boolean {
  for (let i = 0; i < values.length; i++) {
    const z = values[i];
    if ((z < low && z >= low - rounding) || (z > high && z <= high + rounding)) return true;
  }
  return false;
}
