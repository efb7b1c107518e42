import type { NdArray, view as View } from "./ndarray.ts";

/** An array, and one number for each axis or none. */
type Places = (number | null | undefined)[];

function given(place: number | null | undefined): place is number {
  return typeof place === "number" && place >= 0;
}

/**
 * The methods of scijs' ndarray, for programs that read `tensor.array`. That package compiles them from text, which a page's content
 * security policy may forbid.
 */
export function methodsOf(view: typeof View): object {
  const methods: ThisType<NdArray & { index(...at: number[]): number }> & Record<string, unknown> = {
    /** The axes, from the smallest stride to the greatest. */
    get order(): number[] {
      return this.stride.map((_, axis) => axis).sort((a, b) => Math.abs(this.stride[a]) - Math.abs(this.stride[b]));
    },
    /** The place of an element in the storage. */
    index(...at: number[]): number {
      return this.stride.reduce((place, step, axis) => place + step * at[axis], this.offset);
    },
    get(...at: number[]): number {
      return this.data[this.index(...at)];
    },
    set(...given: number[]): number {
      return this.data[this.index(...given)] = given[this.shape.length];
    },
    valueOf(): unknown {
      return this.shape.length === 0 ? this.data[this.offset] : this;
    },
    /** Without the first elements of each axis. */
    lo(...from: Places): NdArray {
      const first = this.shape.map((_, axis) => given(from[axis]) ? Math.trunc(from[axis]) : 0);
      return view(this.data, this.shape.map((length, axis) => length - first[axis]), [...this.stride], this.index(...first));
    },
    /** The first elements of each axis. */
    hi(...to: Places): NdArray {
      const shape = this.shape.map((length, axis) => given(to[axis]) ? Math.trunc(to[axis]) : length);
      return view(this.data, shape, [...this.stride], this.offset);
    },
    /** Every nth element of each axis; from the end, if n is negative. */
    step(...by: Places): NdArray {
      const steps = this.shape.map((_, axis) => Math.trunc(by[axis] ?? 1));
      const first = this.shape.map((length, axis) => steps[axis] < 0 ? length - 1 : 0);
      const shape = this.shape.map((length, axis) => Math.ceil(length / Math.abs(steps[axis])));
      return view(this.data, shape, this.stride.map((step, axis) => step * steps[axis]), this.index(...first));
    },
    /** The axes in another order. */
    transpose(...axes: number[]): NdArray {
      const from = this.shape.map((_, axis) => axes[axis] ?? axis);
      return view(this.data, from.map((axis) => this.shape[axis]), from.map((axis) => this.stride[axis]), this.offset);
    },
    /** Without the axes for which there is a place. */
    pick(...at: Places): NdArray {
      const kept = <T>(all: readonly T[]): T[] => all.filter((_, axis) => !given(at[axis]));
      const place = this.index(...this.shape.map((_, axis) => given(at[axis]) ? at[axis] : 0));
      return view(this.data, kept(this.shape), kept(this.stride), place);
    },
  };
  return methods;
}
