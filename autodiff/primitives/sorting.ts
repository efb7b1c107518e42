import { contiguousData, emptyArray, type NdArray } from "../ndarray.ts";
import { checkArgument, checkOptions, type Known, truth, whole } from "../options.ts";
import { type Apply, primitive, requireTensors } from "../primitive.ts";
import { here } from "../remote_array.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { pick } from "./indexing.ts";
import { axisOf } from "./reductions.ts";

/** Sorted elements and their places along the axis, int32. */
export interface Sorted {
  /** The elements in order. */
  values: Tensor;
  /** Where each was along the axis. */
  indices: Tensor;
}

interface Order {
  axis: number;
  descending: boolean;
  /** How many of the first to find. */
  count: number;
}

/** The row-major positions of the first elements in order, along an axis. */
const positionsOf: Apply<Order> = primitive({
  name: "sort",
  shape: ([x], { axis, count }) => x.map((length, i) => i === axis ? count : length),
  forward: (_, [x], order, shape) => positions(here(x), order, shape),
  gradient: null,
});

/** The places along an axis of row-major positions. */
const placesOf: Apply<{ inner: number; length: number }> = primitive({
  name: "place",
  shape: ([x]) => x,
  forward: (_, [x], { inner, length }, shape) => {
    const z = emptyArray("int32", shape), data = contiguousData(here(x));
    for (let i = 0; i < z.size; i++) z.data[i] = Math.floor(data[i] / inner) % length;
    return z;
  },
  gradient: null,
});

function positions(x: NdArray, { axis, descending, count }: Order, shape: Shape): NdArray {
  const z = emptyArray("int32", shape), data = contiguousData(x), length = x.shape[axis];
  const inner = sizeOf(shape.slice(axis + 1)), sign = descending ? -1 : 1;
  const row = new Row(length, descending), few = count < length / 8 && count <= 64;
  for (let start = 0, to = 0; start < data.length; start += length * inner, to += count * inner) {
    for (let i = 0; i < inner; i++) {
      for (let r = 0, at = start + i; r < length; r++, at += inner) row.values[r] = sign * data[at];
      const places = few ? row.first(count) : row.sorted();
      for (let k = 0; k < count; k++) z.data[to + k * inner + i] = start + places[k] * inner + i;
    }
  }
  return z;
}

/** A row to sort, with room for it. Numbers to sort in descending order are negated; NaN is the greatest of all. */
class Row {
  values: Float64Array;
  #places: Int32Array;
  #otherValues: Float64Array;
  #otherPlaces: Int32Array;

  constructor(readonly length: number, readonly descending: boolean) {
    [this.values, this.#otherValues] = [new Float64Array(length), new Float64Array(length)];
    [this.#places, this.#otherPlaces] = [new Int32Array(length), new Int32Array(length)];
  }

  /** The places of all in order, equal ones as they were: merges runs of 1, 2, 4, … */
  sorted(): Int32Array {
    const { length, descending } = this;
    for (let i = 0; i < length; i++) this.#places[i] = i;
    for (let run = 1; run < length; run *= 2) {
      const from = this.values, places = this.#places, to = this.#otherValues, found = this.#otherPlaces;
      for (let start = 0; start < length; start += 2 * run) {
        const middle = Math.min(start + run, length), end = Math.min(start + 2 * run, length);
        for (let i = start, j = middle, k = start; k < end; k++) {
          const left = i < middle && (j >= end || from[i] <= from[j] || (descending ? from[i] !== from[i] : from[j] !== from[j]));
          to[k] = from[left ? i : j];
          found[k] = places[left ? i++ : j++];
        }
      }
      [this.values, this.#otherValues, this.#places, this.#otherPlaces] = [to, from, found, places];
    }
    return this.#places;
  }

  /** The places of the first few in order, by insertion. */
  first(count: number): Int32Array {
    const { values, descending } = this, best = this.#otherValues, places = this.#places;
    let filled = 0;
    for (let r = 0; r < values.length; r++) {
      const value = values[r], nan = value !== value;
      if (filled === count) {
        const last = best[count - 1];
        if (descending ? last !== last || (value >= last) : nan || value >= last) continue;
      }
      let k = filled === count ? count - 1 : filled++;
      for (; k > 0; k--) {
        const before = best[k - 1];
        if (descending ? before !== before || before <= value : nan || before <= value) break;
        best[k] = before;
        places[k] = places[k - 1];
      }
      best[k] = value;
      places[k] = r;
    }
    return places;
  }
}

function sortedAlong(x: Tensor, order: Order): Sorted {
  if (x.rank === 0) {
    const { values, indices } = sortedAlong(x.reshape(1), order);
    return { values: values.reshape(), indices: indices.reshape() };
  }
  const found = positionsOf([x], order), inner = sizeOf(x.shape.slice(order.axis + 1));
  return { values: pick([x, found]), indices: placesOf([found], { inner, length: x.shape[order.axis] }) };
}

const sorting: Known<{ descending?: boolean }> = { descending: truth };
const choosing: Known<{ largest?: boolean }> = { largest: truth };

/**
 * The elements along an axis in order, and their places; equal ones stay in order, and NaN counts as greatest.
 * @param options `descending: true`: the greatest first
 * @throws {TypeError} for a tensor on a device: bring it here first, as in await x.cpu()
 */
export function sort(x: Tensor, axis = -1, options: { descending?: boolean } = {}): Sorted {
  const { descending = false } = checkOptions("sort", options, sorting);
  requireTensors("sort", x);
  const at = axisOf(x.rank === 0 ? [1] : x.shape, axis, "sort");
  return sortedAlong(x, { axis: at, descending, count: x.shape[at] ?? 1 });
}

/**
 * The greatest elements along an axis, the greatest first, and their places. Unlike PyTorch's, equal ones stay in order.
 * @param options `largest: false`: the least ones, the least first
 * @throws {RangeError} if the axis has fewer elements
 */
export function topk(x: Tensor, count: number, axis = -1, options: { largest?: boolean } = {}): Sorted {
  const { largest = true } = checkOptions("find the greatest", options, choosing);
  requireTensors("find the greatest of", x);
  checkArgument("find the greatest", "the count", count, whole(0));
  const at = axisOf(x.rank === 0 ? [1] : x.shape, axis, "find the greatest"), length = x.shape[at] ?? 1;
  if (count > length) throw new RangeError(`Cannot find the ${count} greatest of ${length} elements`);
  return sortedAlong(x, { axis: at, descending: largest, count });
}
