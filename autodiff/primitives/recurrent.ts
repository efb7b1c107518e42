import type { DType, TypedArray } from "../dtype.ts";
import { grad } from "../graph.ts";
import { contiguousData, emptyArray, type NdArray, view } from "../ndarray.ts";
import { type Apply, primitive } from "../primitive.ts";
import { isRecording } from "../recording.ts";
import type { Tensor } from "../tensor.ts";
import type { Cell } from "./cells.ts";
import { reshape, slice, stack } from "./shapes.ts";

/** A cell, and whether it reads the sequence from its end. */
interface Run {
  cell: Cell;
  reverse: boolean;
}

/**
 * The states of a recurrent cell along a sequence, as one operation.
 * @param inputs gx [steps, rows, gates · units], the weight [gates · units, units] and bias [gates · units] of gh, and the first state
 * [rows, states · units]
 * @returns [steps, rows, states · units]
 */
export function scan(inputs: readonly [gx: Tensor, weight: Tensor, bias: Tensor, state: Tensor], run: Run): Tensor {
  return inputs.every(({ device }) => device === "cpu") ? scanned(inputs, run) : composed(inputs, run);
}

/** The order of the steps. */
function order(steps: number, reverse: boolean): number[] {
  return Array.from({ length: steps }, (_, i) => reverse ? steps - 1 - i : i);
}

/** The same in tensor operations: the definition, for gradients of gradients and for devices. */
function composed([gx, weight, bias, first]: readonly Tensor[], { cell, reverse }: Run): Tensor {
  const [steps, rows, gates] = gx.shape, states: Tensor[] = [], units = first.shape[1] / cell.states;
  let state = first;
  for (const t of order(steps, reverse)) {
    const h = slice(state, 1, 0, units);
    state = states[t] = cell.next(reshape(slice(gx, 0, t, t + 1), [rows, gates]), h.matmul(weight.transpose()).add(bias), state);
  }
  return stack(states);
}

const scanned: Apply<Run> = primitive({
  name: "scan",
  shape: ([[steps], , , state]) => [steps, ...state],
  forward(device, inputs, { cell, reverse }, shape, save) {
    const [x, weight, bias, first] = inputs.map((array) => contiguousData(array as NdArray)), dtype = inputs[0].dtype as DType;
    const [steps, rows, width] = shape, units = width / cell.states, size = rows * width, gates = rows * units * cell.gates;
    const states = emptyArray(dtype, shape), kept = emptyArray(dtype, [steps * cell.kept * rows * units]);
    const turned = view(weight, [units, units * cell.gates], [1, units]), place = { rows, units };
    let last = first;
    for (const t of order(steps, reverse)) {
      const gh = contiguousData(device.matmul(view(last, [rows, units], [width, 1]), turned) as NdArray);
      for (let row = 0, at = 0; row < rows; row++) for (let k = 0; k < bias.length; k++) gh[at++] += bias[k];
      const state = part(states, t, size);
      cell.forward(part(x, t, gates), gh, last, state, part(kept, t, cell.kept * rows * units), place);
      last = state;
    }
    save(kept);
    return states;
  },
  gradient({ dy, inputs, output, options: run, saved }) {
    if (isRecording()) {
      let slopes: Tensor[] | undefined;
      const find = () => slopes ??= grad((...leaves) => composed(leaves, run).mul(dy).sum())(...inputs);
      return inputs.map((_, i) => () => find()[i]);
    }
    let together: Tensor | undefined, start = 0;
    return inputs.map(({ shape, size }) => {
      const from = start, to = start += size;
      return () => reshape(slice(together ??= slopesOf([dy, output, saved!, ...inputs], run), 0, from, to), shape);
    });
  },
});

/** The slopes of all inputs of {@link scanned}, one after the other. */
const slopesOf: Apply<Run> = primitive({
  name: "scanSlopes",
  shape: ([, , , ...inputs]) => [inputs.reduce((sum, shape) => sum + shape.reduce((size, length) => size * length, 1), 0)],
  forward(device, arrays, { cell, reverse }, shape) {
    const dtype = arrays[0].dtype as DType, [steps, rows, width] = arrays[0].shape, units = width / cell.states;
    const [dy, states, kept, , weight, , first] = arrays.map((array) => contiguousData(array as NdArray));
    const size = rows * width, gates = rows * units * cell.gates, found = emptyArray(dtype, shape), place = { rows, units };
    const dx = found.data.subarray(0, steps * gates), dh = emptyArray(dtype, [steps * rows, units * cell.gates]);
    const before = emptyArray(dtype, [steps * rows, units]), dState = found.data.subarray(found.size - size);
    dState.fill(0);
    const matrix = view(weight, [units * cell.gates, units]);
    for (const t of order(steps, !reverse)) {
      const earlier = reverse ? t + 1 : t - 1, last = earlier >= 0 && earlier < steps ? part(states, earlier, size) : first;
      const own = part(dy, t, size), slopes = part(dh.data, t, gates);
      for (let i = 0; i < size; i++) dState[i] += own[i];
      cell.backward(
        dState,
        last,
        part(states, t, size),
        part(kept, t, cell.kept * rows * units),
        part(dx, t, gates),
        slopes,
        place,
      );
      const through = contiguousData(device.matmul(view(slopes, [rows, units * cell.gates]), matrix) as NdArray);
      const row = part(before.data, t, rows * units);
      for (let i = 0; i < rows; i++) {
        for (let k = 0; k < units; k++) {
          dState[i * width + k] += through[i * units + k];
          row[i * units + k] = last[i * width + k];
        }
      }
    }
    const turned = view(dh.data, [units * cell.gates, steps * rows], [1, units * cell.gates]);
    const dWeight = contiguousData(device.matmul(turned, before) as NdArray);
    found.data.set(dWeight, dx.length);
    found.data.set(contiguousData(device.reduce("sum", dh, [0]) as NdArray), dx.length + dWeight.length);
    return found;
  },
  gradient: null,
});

/** The t-th part of this size. */
function part(data: TypedArray | NdArray, t: number, size: number): TypedArray {
  return (ArrayBuffer.isView(data) ? data : data.data).subarray(t * size, (t + 1) * size);
}
