import { rowsOf } from "../../axes.ts";
import type { Elementwise, Pooling2d, ReductionOperation, Standardization } from "../../device.ts";
import type { DType } from "../../dtype.ts";
import { contiguousData, type NdArray, scalarArray, view } from "../../ndarray.ts";
import { type AnyArray, isRemote, type RemoteArray } from "../../remote_array.ts";
import { type AxisRange, type Shape, sizeOf } from "../../shape.ts";
import type { RecordingGpu } from "../gpu_device.ts";
import { inverted } from "../inverted.ts";
import { array } from "./arrays.ts";
import { typeOf } from "./elementwise.ts";
import type { Buffer } from "./memory.ts";
import * as moves from "./moves.ts";
import { Multiplying } from "./multiplying.ts";

/**
 * A card that runs the kit's own WGSL kernels. float64 is float32 there, and int32 is int32, which wraps around. NaN and
 * infinities behave as the card defines. Products hold tiles in registers and in the workgroups' memory; convolutions are
 * products whose operands are never stored.
 */
export class WebGpu extends Multiplying implements RecordingGpu {
  elementwise({ name, formula, integers = formula }: Elementwise, inputs: readonly AnyArray[], shape: Shape): RemoteArray {
    const dtype = inputs[0].dtype as DType, text = dtype === "int32" ? integers : formula;
    return this.each(name, text, ["x", "y", "w"].slice(0, inputs.length), inputs, dtype, shape);
  }

  reduce(operation: ReductionOperation, x: AnyArray, axes: readonly number[], divisor = 1): RemoteArray {
    return this.folded(operation, x, axes, divisor);
  }

  pick(x: AnyArray, positions: AnyArray): RemoteArray {
    const inputs = [this.packed(x), this.packed(positions)], { dtype } = inputs[0], size = positions.size;
    const output = this.made("pick", size, inputs), offsets = inputs.map(({ offset }) => offset);
    this.run("pick", moves.picking(typeOf(dtype)), inputs, [output], [size, ...offsets]);
    return array(output, dtype, positions.shape);
  }

  put(x: AnyArray, positions: AnyArray, shape: Shape, pooling?: Pooling2d): RemoteArray {
    const values = this.packed(x), size = sizeOf(shape), type = typeOf(values.dtype);
    if (isRemote(positions) && pooling !== undefined) return this.unpooled(values, { positions, gate: null, shape, pooling });
    const output = this.made("put", size, [values]);
    if (isRemote(positions)) {
      const places = this.packed(positions), numbers = [size, values.offset, places.offset, values.size];
      this.run("put", moves.scattering(type), [values, places], [output], numbers);
    } else {
      // Each element of the result has a list of its sources.
      const { starts, order } = inverted(contiguousData(positions), size), { step } = values.buffer as Buffer;
      const lists = [starts, order].map((list) => array(this.queue.upload(list, step), "int32", [list.length]));
      this.run("put", moves.gathering(type), [values, ...lists], [output], [size, values.offset]);
    }
    return array(output, values.dtype, shape);
  }

  widen(x: AnyArray, range: AxisRange, shape: Shape): RemoteArray {
    const input = this.there(x), size = sizeOf(shape), output = this.made("slice", size, [input]);
    this.run("slice", moves.widening(typeOf(input.dtype), range, input, shape), [input], [output], [size]);
    return array(output, input.dtype, shape);
  }

  concatenate(arrays: readonly AnyArray[], axis: number, shape: Shape): RemoteArray {
    const parts = arrays.map((x) => this.packed(x)), { dtype } = parts[0], inner = sizeOf(shape.slice(axis + 1));
    const output = this.made("concatenate", sizeOf(shape), parts), most = Math.min(moves.mostJoined, this.queue.mostArrays - 1);
    let start = 0;
    for (let i = 0; i < parts.length; i += most) {
      const some = parts.slice(i, i + most), numbers: number[] = [];
      let end = 0;
      for (const { shape, size, offset } of some) {
        numbers.push(shape[axis] * inner, start, end += size, offset);
        start += shape[axis] * inner;
      }
      if (end > 0) {
        this.run("concatenate", moves.joining(typeOf(dtype), some.length), some, [output], [
          end,
          shape[axis] * inner,
          ...numbers,
        ], end);
      }
    }
    return array(output, dtype, shape);
  }

  /** In one kernel. */
  standardize(x: AnyArray, { moments, weight, bias, epsilon }: Standardization<AnyArray>): RemoteArray {
    const formula = "return (x - mean) / sqrt(variance + epsilon) * w + b;",
      names = ["x", "mean", "variance", "epsilon", "w", "b"];
    const inputs = [x, ...rowsOf(moments), scalarArray(epsilon, "float64"), weight, bias];
    return this.each("standardize", formula, names, inputs, x.dtype as DType, x.shape);
  }

  /** In one kernel per six arrays. */
  weightedSum(arrays: readonly AnyArray[], weights: readonly number[], constant: number): RemoteArray {
    const [{ shape, dtype }] = arrays, scalar = (number: number) => scalarArray(number, "float64");
    let sum: AnyArray = scalar(constant);
    for (let start = 0; start < arrays.length; start += 6) {
      const some = arrays.slice(start, start + 6), own = some.map((_, i) => `x${i}`), factors = some.map((_, i) => `w${i}`);
      const formula = `return k + ${own.map((x, i) => `${factors[i]} * ${x}`).join(" + ")};`;
      const inputs = [sum, ...weights.slice(start, start + 6).map(scalar), ...some];
      sum = this.each("weightedSum", formula, ["k", ...factors, ...own], inputs, dtype as DType, shape);
    }
    return sum as RemoteArray;
  }

  /** In one kernel, or two if few sums are long. */
  logSumExp(x: AnyArray, axis: number): RemoteArray {
    return this.folded("logSumExp", x, [axis], 1);
  }

  /** In one kernel. */
  logSoftmax(x: AnyArray, axis: number): RemoteArray {
    const input = this.packed(x),
      inner = sizeOf(x.shape.slice(axis + 1)),
      length = x.shape[axis],
      output = this.made("logSoftmax", x.size, [input]);
    const sums = x.size / Math.max(1, length);
    this.run("logSoftmax", moves.logSoftmaxes(), [input], [output], [sums, length, inner, input.offset], sums);
    return array(output, input.dtype, x.shape);
  }

  /** The losses and their slopes in one kernel. */
  crossEntropy(x: AnyArray, labels: NdArray): [loss: RemoteArray, slope: RemoteArray] {
    const [rows, classes = 1] = x.shape, input = this.packed(x), { step } = input.buffer as Buffer;
    const mean = (losses: RemoteArray) => this.folded("sum", losses, [0], rows).viewed([], [], 0, "float64");
    if (classes === 1) {
      const y = this.uploaded(view(Float32Array.from(contiguousData(labels)), x.shape), step), { dtype, shape } = input;
      const loss = "return max(x, 0) + log(1 + exp(-abs(x))) - x * y;";
      const slope = "let e = exp(-abs(x)); if (x >= 0) { return (1 / (1 + e) - y) / n; } return (e / (1 + e) - y) / n;";
      const losses = this.each("crossEntropy", loss, ["x", "y"], [input, y], dtype, shape).viewed([rows], [1], 0);
      return [
        mean(losses),
        this.each("crossEntropy", slope, ["x", "y", "n"], [input, y, scalarArray(rows, "float64")], dtype, shape),
      ];
    }
    const y = this.uploaded(view(Int32Array.from(contiguousData(labels)), [rows]), step);
    const [losses, slopes] = [rows, x.size].map((size) => this.made("crossEntropy", size, [input]));
    this.run("crossEntropy", moves.logLosses(), [input, y], [losses, slopes], [rows, classes, 1, input.offset], rows);
    return [mean(array(losses, input.dtype, [rows])), array(slopes, input.dtype, x.shape)];
  }
}
