/** A naive interpreter in float64, with loops over elements. */
import type { DType } from "../../../autodiff/mod.ts";
import type { Known, Options, Storage, Value } from "./program.ts";
import { exponential, logarithm, type Num, plus, scaled } from "./infinitesimals.ts";
import { broadcast, indexOf, places, repeats } from "./places.ts";
import { sizeOf } from "../../helpers/tensors.ts";

export const isWhole = ({ dtype }: Value) => dtype === "int32";
export const isReal = ({ dtype }: Value) => dtype !== "int32";

export class Interpreter {
  recording = true;
  /** Whether results cannot be predicted: choices within rounding errors, or NaN. */
  lost = false;
  /** The next infinitesimal. */
  depth = 1;
  greatest = 1;
  /** Whether a graph's numbers were overwritten. */
  stale = false;
  slope: number | null = 0;

  number(x: Value, i: number): Num {
    const value = x.storage.numbers[x.cells[i]];
    return x.slopes === null ? [value] : [value, ...x.slopes[i].slice(1)];
  }
  all(x: Value): Num[] {
    return x.cells.map((_, i) => this.number(x, i));
  }

  /** -1, 0 or 1 as x is less than y, equal or greater. */
  compare(x: number, y: number, rough: boolean): number {
    const difference = Math.abs(x - y), exact = Number.isInteger(x * 4096) && Math.abs(x) < 2048;
    if (!(difference === 0 ? exact : difference > (rough ? 1e-4 : 1e-9) * (1 + Math.abs(x)))) this.lost = true;
    return Math.sign(x - y);
  }

  #made(inputs: readonly Value[], differentiable: boolean, storage: Storage, dtype: DType, shape: number[]): Value {
    const requires = this.recording && differentiable && dtype !== "int32" && inputs.some((x) => x.requires);
    if (requires) { for (const { storage } of inputs) storage.recorded = true; }
    storage.recorded ||= requires;
    const certain = !this.recording || !differentiable || inputs.every((x) => x.certain);
    return { dtype, shape, storage, cells: [], slopes: null, requires, certain, leaf: false };
  }

  /** A result in new storage. */
  result(inputs: readonly Value[], dtype: DType, shape: number[], numbers: Num[], differentiable = true): Value {
    const rough = dtype === "float32" || inputs.some(({ storage }) => storage.rough);
    const storage = {
      numbers: numbers.map(([value]) => value),
      recorded: false,
      owned: true,
      rough,
    };
    const made = this.#made(inputs, differentiable, storage, dtype, shape);
    made.cells = numbers.map((_, i) => i);
    if (made.requires) made.slopes = numbers;
    for (const parts of made.requires ? numbers : storage.numbers.map((x) => [x])) {
      for (const part of parts) this.greatest = Math.max(this.greatest, Math.abs(part));
    }
    return made;
  }

  /** A view of some elements. */
  view(x: Value, shape: number[], elements: number[]): Value {
    const made = this.#made([x], true, x.storage, x.dtype, shape);
    made.cells = elements.map((i) => x.cells[i]);
    if (made.requires) made.slopes = x.slopes && elements.map((i) => x.slopes![i]);
    return made;
  }

  /** Element by element. */
  map(x: Value, f: (x: Num) => Num, differentiable = true): Value {
    return this.result([x], x.dtype, x.shape, this.all(x).map(f), differentiable);
  }

  real(x: Value): Value {
    return isWhole(x) ? this.result([x], "float64", x.shape, this.all(x)) : x;
  }

  constant(x: number, dtype: DType): Value {
    const storage = { numbers: [x], recorded: false, owned: true, rough: false };
    return { dtype, shape: [], storage, cells: [0], slopes: null, requires: false, certain: true, leaf: false };
  }

  /** Element by element of two values; the second may be a number. */
  pair(inputs: Value[], { number, swapped }: Options, f: (x: Num, y: Num) => Num, differentiable = true): Value {
    let [x] = inputs, y = inputs[1];
    if (y === undefined) {
      if (isWhole(x) && !Number.isInteger(number)) x = this.real(x);
      y = this.constant(number!, x.dtype);
    }
    if (swapped) [x, y] = [y, x];
    const shape = broadcast(x.shape, y.shape)!, p = repeats(x.shape, shape), q = repeats(y.shape, shape);
    return this.result([x, y], x.dtype, shape, p.map((i, k) => f(this.number(x, i), this.number(y, q[k]))), differentiable);
  }

  /** The numbers along some axes for every place along the others. */
  groups(x: Value, axes: readonly number[], keepDims: boolean): { shape: number[]; groups: Num[][] } {
    const kept = x.shape.map((length, axis) => axes.includes(axis) ? 1 : length);
    const groups = Array.from({ length: sizeOf(kept) }, () => [] as Num[]);
    places(x.shape).forEach((place, i) =>
      groups[indexOf(place.map((at, axis) => axes.includes(axis) ? 0 : at), kept)].push(this.number(x, i))
    );
    return { shape: keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)), groups };
  }

  reduce(x: Value, { axes, keepDims }: Options, f: (group: Num[]) => Num): Value {
    const { shape, groups } = this.groups(x, axes!, keepDims!);
    return this.result([x], x.dtype, shape, groups.map(f));
  }

  extreme(group: Num[], sign: number, rough: boolean): Num {
    let best = group.slice(0, 1);
    for (const x of group.slice(1)) {
      const order = sign * this.compare(x[0], best[0][0], rough);
      if (order > 0) best = [x];
      else if (order === 0) best.push(x);
    }
    return best.length === 0 ? [NaN] : scaled(best.reduce((sum, x) => plus(sum, x)), 1 / best.length);
  }

  /** ln Σ e^x. */
  logSum(group: Num[]): Num {
    const shift = Math.max(...group.map(([x]) => x));
    const total = group.map((x) => exponential(plus(x, [-shift]))).reduce((sum, x) => plus(sum, x), [0]);
    return plus(logarithm(total), [shift]);
  }

  /** f of each number and the numbers along its axis. */
  along(x: Value, axis: number, f: (x: Num, group: Num[]) => Num): Value {
    const real = this.real(x), { groups } = this.groups(real, [axis], true);
    const kept = x.shape.map((length, i) => i === axis ? 1 : length), at = repeats(kept, x.shape);
    return this.result([real], real.dtype, x.shape, this.all(real).map((number, i) => f(number, groups[at[i]])));
  }

  conv2d([x, filter, bias]: Value[], { stride = 1, padding = 0 }: Options): Value {
    const [n, c, height, width] = x.shape, [o, , p, q] = filter.shape;
    const rows = Math.floor((height + 2 * padding - p) / stride) + 1,
      columns = Math.floor((width + 2 * padding - q) / stride) + 1;
    const shape = [n, o, rows, columns], a = this.all(x), b = this.all(filter);
    const parts = Math.max(1, ...[x, filter, bias].map((one) => one?.slopes?.[0]?.length ?? 1));
    const numbers = places(shape).map(([image, output, row, column]) => {
      const sum = new Array<number>(parts).fill(0);
      if (bias !== undefined) this.number(bias, output).forEach((part, i) => sum[i] += part);
      for (let k = 0; k < c; k++) {
        for (let u = 0; u < p; u++) {
          for (let v = 0; v < q; v++) {
            const i = row * stride + u - padding, j = column * stride + v - padding;
            if (i < 0 || j < 0 || i >= height || j >= width) continue;
            const l = a[((image * c + k) * height + i) * width + j], r = b[((output * c + k) * p + u) * q + v];
            for (let s = 0; s < l.length; s++) for (let t = 0; t < r.length; t++) if ((s & t) === 0) sum[s | t] += l[s] * r[t];
          }
        }
      }
      return sum;
    });
    return this.result(bias === undefined ? [x, filter] : [x, filter, bias], x.dtype, shape, numbers);
  }

  /** f of the numbers in every window. */
  pool(x: Value, { kernel = 2, stride = kernel, padding = 0 }: Options, f: (window: Num[]) => Num): Value {
    const [n, c, height, width] = x.shape;
    const count = (length: number) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
    const shape = [n, c, count(height), count(width)];
    const numbers = places(shape).map(([image, channel, row, column]) => {
      const window: Num[] = [];
      for (let u = 0; u < kernel; u++) {
        for (let v = 0; v < kernel; v++) {
          const i = row * stride + u - padding, j = column * stride + v - padding;
          if (i >= 0 && j >= 0 && i < height && j < width) {
            window.push(this.number(x, ((image * c + channel) * height + i) * width + j));
          }
        }
      }
      return f(window);
    });
    return this.result([x], x.dtype, shape, numbers);
  }

  maxPool(x: Value, options: Options): Value {
    return this.pool(x, options, (window) => {
      let best = window[0];
      for (const number of window.slice(1)) if (this.compare(number[0], best[0], x.storage.rough) > 0) best = number;
      return best;
    });
  }

  relu(x: Value): Value {
    return this.map(x, (number) => this.compare(number[0], 0, x.storage.rough) > 0 ? number : [0]);
  }

  known(x: Value): Known | null {
    if (this.lost) return null;
    const numbers = x.cells.map((cell) => x.storage.numbers[cell]);
    return { dtype: x.dtype, shape: x.shape, numbers, tolerance: (x.storage.rough ? 3e-5 : 1e-10) * this.greatest };
  }
}
