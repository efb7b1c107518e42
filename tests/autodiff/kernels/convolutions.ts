/** Convolutions for tests of kernels, and the tolerance between two results. */
import { deepEqual, ok } from "node:assert/strict";
import type { Convolution, Window2d } from "../../../autodiff/mod.ts";
import type { TypedArray } from "../../../autodiff/dtype.ts";
import { type NdArray, view } from "../../../autodiff/ndarray.ts";
import type { Shape } from "../../../autodiff/shape.ts";
import { convolutionsOf } from "../../../autodiff/kernels/convolutions_in_use.ts";
import { FourierProducts } from "../../../autodiff/kernels/fourier.ts";
import { wasm } from "../../../autodiff/kernels/in_use.ts";
import type { WasmConvolutions } from "../../../autodiff/kernels/wasm_convolutions.ts";
import { windowCount } from "../../../autodiff/primitives/convolution.ts";
import { fc } from "../../deps.ts";
import { sizeOf } from "../../helpers/tensors.ts";

/** Convolutions with plain SIMD and threads. */
export async function simdConvolutions(): Promise<WasmConvolutions> {
  return convolutionsOf((await wasm("simd", true))!);
}

/** Numbers in [-1, 1) that depend on the seed alone. */
export function array(shape: number[], seed: number): NdArray {
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0, state = seed; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = state / 2 ** 31;
  }
  return view(data, shape);
}

/**
 * Compares float32 sums with float64 sums, relative to the greatest Σ |x| |w|. This is the effect of a rounding error of the
 * operands, both for a direct algorithm and for a fast one that mixes neighbouring outputs.
 */
export function agree(name: string, found: TypedArray, wanted: TypedArray, magnitudes: TypedArray): void {
  ok(found.length === wanted.length, `${name}: ${found.length} numbers, wanted ${wanted.length}`);
  let worst = 0, scale = 0;
  for (let i = 0; i < found.length; i++) {
    worst = Math.max(worst, Math.abs(found[i] - wanted[i]));
    scale = Math.max(scale, magnitudes[i]);
  }
  ok(worst <= 1e-6 * scale, `${name} is off by ${worst}, where the greatest sum of magnitudes is ${scale}`);
}

/** A convolution from its window and its three shapes. */
export function over(window: Window2d, image: Shape, filter: Shape, output: Shape): Convolution {
  return { ...window, image, filter, output };
}

export function magnitudes(x: NdArray): NdArray {
  return view(x.data.map(Math.abs), x.shape, x.stride, x.offset);
}

export const seed = fc.integer({ min: 1, max: 1e9 });
export const convolutions = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 5 }),
  outputs: fc.integer({ min: 1, max: 20 }),
  rows: fc.integer({ min: 1, max: 20 }),
  columns: fc.integer({ min: 1, max: 36 }),
  filter: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  padding: fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })),
  seed,
}).filter(({ rows, columns, filter, padding }) => rows + 2 * padding[0] >= filter[0] && columns + 2 * padding[1] >= filter[1]);

/** Large enough for transforms. */
export const large = fc.record({
  images: fc.integer({ min: 1, max: 9 }),
  channels: fc.integer({ min: 1, max: 9 }),
  outputs: fc.integer({ min: 5, max: 12 }),
  rows: fc.integer({ min: 11, max: 38 }),
  columns: fc.integer({ min: 11, max: 38 }),
  filter: fc.tuple(fc.integer({ min: 3, max: 7 }), fc.integer({ min: 3, max: 7 })),
  stride: fc.constant<[number, number]>([1, 1]),
  padding: fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 })),
  seed,
});

export const transformed = fc.sample(large, { seed: 6, numRuns: 30 }).filter(
  ({ channels, outputs, rows, columns, filter, padding }) => {
    const counts = [0, 1].map((i) => windowCount([rows, columns][i], filter[i], 1, padding[i]));
    return FourierProducts.pays(
      over({ stride: [1, 1], padding }, [1, channels, rows, columns], [outputs, channels, ...filter], [1, outputs, ...counts]),
    );
  },
);

/** Images, filters and biases of a shape, with the shape and a pooling of the outputs. */
export function problem(
  { channels, outputs, rows, columns, filter, padding, seed }: (typeof transformed)[number],
  images: number,
) {
  const counts = [0, 1].map((i) => windowCount([rows, columns][i], filter[i], 1, padding[i])), two = [2, 2] as const;
  const pooling = { kernel: two, stride: two, padding: [0, 0] as const, relu: true };
  return {
    x: array([images, channels, rows, columns], seed),
    w: array([outputs, channels, ...filter], seed + 1),
    bias: array([outputs], seed + 2).data,
    window: { stride: [1, 1] as const, padding },
    shapeOf: (images: number) => [images, outputs, ...counts],
    poolingOf: (images: number) => ({ ...pooling, shape: [images, outputs, ...counts.map((n) => Math.floor(n / 2))] }),
  };
}

/** Checks for the same numbers; the bits of a NaN may differ. */
export function same(found: TypedArray, wanted: TypedArray): void {
  deepEqual(Array.from(found), Array.from(wanted));
}
