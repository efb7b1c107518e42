import { checked } from "../recorder.ts";
import type { Device } from "../device.ts";
import type { DType } from "../dtype.ts";
import { allocate, contiguousData, type NdArray, scalarArray, view } from "../ndarray.ts";
import { showShape } from "../shape.ts";
import { type Apply, primitive, real, requireTensors } from "../primitive.ts";
import { type AnyArray, here } from "../remote_array.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastArray, viewOf } from "../views.ts";
import { div, mul, sub } from "./binary.ts";
import { fromGreatest, logOfSum } from "./special.ts";
import { exp, sigmoid, softplus } from "./unary.ts";

/**
 * The mean log-loss of a classifier's logits, as one operation and without overflow; shape [], float64. For [n] or [n, 1], the
 * logits of class 1: mean(ln(1 + e^x) - y x), y in [0, 1]. For [n, classes]: mean(ln Σ e^x - x[i, yᵢ]), like PyTorch's
 * cross_entropy.
 * @param labels [n]; no gradient
 * @throws {RangeError} for other shapes, and for a label that is not a class or, with one logit, not within [0, 1]
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  requireTensors("take the cross entropy of", logits, labels);
  const [rows, classes = 1] = logits.shape;
  if (logits.rank === 0 || logits.rank > 2 || labels.rank !== 1 || labels.size !== rows) {
    throw new RangeError(
      `Cannot take the cross entropy of logits ${showShape(logits.shape)} and labels ${showShape(labels.shape)}: ` +
        `wanted [n], [n, 1] or [n, classes], and [n]`,
    );
  }
  checkLabels(labels, classes);
  return lossOf([real(logits), labels.detach()]);
}

/** @throws {RangeError} for a label that is not a class; with one class, for a label outside [0, 1] */
export function checkLabels({ array }: Tensor, classes: number): void {
  checked(array, () => {
    const y = contiguousData(here(array)), most = classes > 1 ? classes - 1 : 1;
    for (let row = 0; row < y.length; row++) {
      if (y[row] >= 0 && y[row] <= most && (classes === 1 || Number.isInteger(y[row]))) continue;
      const wanted = classes > 1 ? `a class, a whole number from 0 to ${most}` : "a number between 0 and 1";
      throw new RangeError(`Cannot use label ${y[row]} in row ${row}: wanted ${wanted}`);
    }
  });
}

const lossOf: Apply = primitive({
  name: "crossEntropy",
  shape: () => [],
  forward(device, [x, labels], _, __, save) {
    const [loss, slope] = lossAndSlope(device, x, here(labels));
    save(slope);
    return loss;
  },
  gradient: ({ dy, inputs, saved }) => [() => slopeOf([...inputs, saved!]).mul(dy.cast(inputs[0].dtype)), null],
});

/** d(loss)/d(logits), computed along with the loss. */
const slopeOf: Apply = primitive({
  name: "crossEntropySlope",
  shape: ([x]) => x,
  forward: (_, [, , slope]) => slope,
  gradient: ({ dy, inputs: [x] }) => [
    () => {
      const [rows, classes = 1] = x.shape, p = classes > 1 ? x.softmax() : x.sigmoid(), weighted = dy.mul(p);
      return (classes > 1 ? weighted.sub(p.mul(weighted.sum(1, { keepDims: true }))) : weighted.mul(p.neg().add(1))).div(rows);
    },
    null,
    null,
  ],
});

function lossAndSlope(device: Device<AnyArray>, x: AnyArray, labels: NdArray): [loss: AnyArray, slope: AnyArray] {
  if (device.crossEntropy !== undefined) return device.crossEntropy(x, labels);
  const [rows, classes = 1] = x.shape, n = scalarArray(rows, x.dtype as DType);
  const apart = (a: AnyArray, b: AnyArray) => device.elementwise(sub.operation, [a, b], a.shape);
  const mean = (losses: AnyArray) => viewOf(device.cast(device.reduce("sum", losses, [0], rows), "float64"), []);
  const divided = (slope: AnyArray) => device.elementwise(div.operation, [slope, n], x.shape);
  if (classes === 1) {
    const y = view(contiguousData(labels), x.shape), xy = device.elementwise(mul.operation, [x, y], x.shape);
    const losses = apart(device.elementwise(softplus.operation, [x], x.shape), xy);
    return [mean(losses), divided(apart(device.elementwise(sigmoid.operation, [x], x.shape), y))];
  }
  const logits = fromGreatest(device, x, 1), logOfSums = logOfSum(device, logits, 1), positions = allocate("int32", rows);
  contiguousData(labels).forEach((label, row) => positions[row] = row * classes + label);
  const own = view(positions, [rows]), one = broadcastArray(scalarArray(1, x.dtype as DType), [rows]);
  const p = device.elementwise(exp.operation, [apart(logits, logOfSums)], x.shape);
  return [
    mean(apart(viewOf(logOfSums, [rows]), device.pick(logits, own))),
    divided(apart(p, device.put(one, own, x.shape))),
  ];
}
