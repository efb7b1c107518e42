/** Softmax and its logarithm, with a pass of the kernels for float32 rows. @module */
import { eachRow } from "../kernels/numbers_in_use.ts";
import { contiguousData, emptyArray, type NdArray } from "../ndarray.ts";
import { type Apply, type GradientContext, primitive } from "../primitive.ts";
import { isRecording } from "../recording.ts";
import type { Tensor } from "../tensor.ts";
import { isQuick } from "./fused.ts";
import { axisOf } from "./reductions.ts";
import { logSoftmax, softmax } from "./special.ts";

type RowsName = Parameters<typeof eachRow>[0];

/** A kernel of rows as a primitive, whose option is the last axis. */
function ofRows(
  name: string,
  kernel: RowsName,
  gradient: ((context: GradientContext<number>) => (() => Tensor)[]) | null,
): Apply<number> {
  return primitive({
    name,
    shape: ([x]) => x,
    forward(_, inputs, axis, shape) {
      const z = emptyArray("float32", shape);
      if (z.size > 0) eachRow(kernel, z.data, shape[axis], ...(inputs as NdArray[]).map(contiguousData));
      return z;
    },
    gradient,
  });
}

/** A function of rows, its kernel and that of its gradient, from dy and the result; and the gradient in operations that have some. */
function rowsWithSlope(
  name: string,
  [kernel, slope]: readonly [RowsName, RowsName],
  slopes: (dy: Tensor, y: Tensor, axis: number) => Tensor,
): Apply<number> {
  const gradient = ofRows(`${name}Slope`, slope, null);
  return ofRows(name, kernel, ({ dy, output, options: axis }) => [
    () => isRecording() ? slopes(dy, output, axis) : gradient([dy, output], axis),
  ]);
}

const quickSoftmax = rowsWithSlope("softmax", ["softmaxRows", "softmaxSlope"], (dy, y, axis) => {
  const weighted = dy.mul(y);
  return weighted.sub(y.mul(weighted.sum(axis, { keepDims: true })));
});

const quickLogSoftmax = rowsWithSlope(
  "logSoftmax",
  ["logSoftmaxRows", "logSoftmaxSlope"],
  (dy, y, axis) => dy.sub(y.exp().mul(dy.sum(axis, { keepDims: true }))),
);

function isOfRows(x: Tensor, axis: number): boolean {
  return x.rank > 0 && axisOf(x.shape, axis, "take a softmax") === x.rank - 1 && isQuick(x);
}

/** e^x / Σ e^x along an axis; for rows of float32 within 3e-7, relatively. */
export function rowSoftmax(x: Tensor, axis = -1): Tensor {
  return isOfRows(x, axis) ? quickSoftmax([x], x.rank - 1) : softmax(x, axis);
}

/** x - ln Σ e^x along an axis; for rows of float32 ln Σ e^x is within 3e-7, before the result is rounded. */
export function rowLogSoftmax(x: Tensor, axis = -1): Tensor {
  return isOfRows(x, axis) ? quickLogSoftmax([x], x.rank - 1) : logSoftmax(x, axis);
}
