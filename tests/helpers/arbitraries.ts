/** Generators for the property tests. */
import { type Shape, Tensor } from "../../autodiff/mod.ts";
import { fc } from "../deps.ts";
import { sizeOf } from "./tensors.ts";

/** Shapes of rank 0 to 3, with axes of length 0 to 3. */
export const shapes: fc.Arbitrary<Shape> = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });

/** Shapes without empty axes. */
export const filledShapes: fc.Arbitrary<Shape> = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });

/** Two shapes that broadcast. Both come from one shape: some axes become 1, and leading axes are dropped. */
export const broadcastingShapes: fc.Arbitrary<[Shape, Shape]> = shapes.chain((shape) => {
  const side = fc.tuple(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.integer({ min: 0, max: shape.length }))
    .map(([ones, dropped]) => shape.map((length, axis) => ones[axis] ? 1 : length).slice(dropped));
  return fc.tuple(side, fc.oneof(side, fc.constant(shape)));
});

/**
 * A float64 tensor of distinct values (k + offset) / 10. No value is within 1e-2 of a kink at 0 or of a value of a tensor with
 * another offset. The storage is row-major, column-major, or every other element of a longer array.
 */
export function tensors(shape: Shape, { offset = 0.5, positive = false } = {}): fc.Arbitrary<Tensor> {
  const size = sizeOf(shape);
  const [min, max] = positive ? [1, 40] : [-20, 20];
  return fc.tuple(
    fc.uniqueArray(fc.integer({ min, max }), { minLength: size, maxLength: size }),
    fc.constantFrom("rows", "columns", "gaps"),
  ).map(([values, layout]) => stored(Float64Array.from(values, (k) => (k + offset) / 10), shape, layout));
}

/** A tensor with the given elements in row-major order, stored in some layout. */
export function stored(values: Float64Array, shape: Shape, layout: string): Tensor {
  const rows = Tensor.from(values, shape);
  if (layout === "columns") return rows.transpose().clone().transpose().detach();
  if (layout === "gaps" && shape.length > 0 && values.length > 0) {
    const last = shape.length - 1, wide = new Float64Array(values.length * 2).fill(NaN);
    values.forEach((value, i) => wide[2 * i + 1] = value);
    return Tensor.from(wide, [...shape.slice(0, last), shape[last] * 2]).slice(last, 1, undefined, 2).detach();
  }
  return rows;
}

/** Positions at which bytes are cut into pieces. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(), { maxLength: 5 });

/** Rates that float32 represents exactly. */
export const rate: fc.Arbitrary<number> = fc.integer({ min: 1, max: 64 }).map((i) => i / 64);
