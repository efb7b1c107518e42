/** Tensors of regular numbers. @module */
import { type DType, integers, requireDType } from "./dtype.ts";
import { allocate } from "./ndarray.ts";
import { checkArgument, finite, whole } from "./options.ts";
import { here } from "./remote_array.ts";
import { Tensor, zeros } from "./tensor.ts";

function filled(count: number, dtype: DType, value: (i: number) => number): Tensor {
  requireDType("make a tensor", dtype);
  const data = allocate(dtype, count), numbers = dtype === "int32" ? new Float64Array(count) : data;
  for (let i = 0; i < count; i++) numbers[i] = value(i);
  if (numbers !== data) data.set(integers(numbers, "use"));
  return Tensor.from(data);
}

/**
 * The numbers start, start + step, … before `end`; with one number, those from 0 to below it.
 * @throws {RangeError} for a step of 0, or that leads away from the end
 */
export function arange(start: number, end?: number, step = 1, dtype: DType = "float32"): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  for (const [name, value] of [["start", from], ["end", to], ["step", step]] as const) {
    checkArgument("count", name, value, finite);
  }
  if (step === 0 || (to - from) / step < 0) throw new RangeError(`Cannot count from ${from} to ${to} by ${step}`);
  return filled(Math.ceil((to - from) / step), dtype, (i) => from + i * step);
}

/** `count` numbers at equal distances, from `start` to `end`, both included. */
export function linspace(start: number, end: number, count: number, dtype: DType = "float32"): Tensor {
  for (const [name, value] of Object.entries({ start, end })) checkArgument("divide a range", name, value, finite);
  checkArgument("divide a range", "the count", count, whole(0));
  // From the nearer end, so that both ends are exact.
  const step = (end - start) / (count - 1);
  return filled(count, dtype, (i) => count === 1 || 2 * i < count ? start + (i && i * step) : end - (count - 1 - i) * step);
}

/** A matrix [rows, columns] with 1 on its diagonal, square by default. */
export function eye(rows: number, columns: number = rows, dtype: DType = "float32"): Tensor {
  for (const [name, count] of Object.entries({ rows, columns })) checkArgument("make a matrix", name, count, whole(0));
  const ones = zeros([rows, columns], dtype), { data } = here(ones.array);
  for (let i = 0; i < Math.min(rows, columns); i++) data[i * (columns + 1)] = 1;
  return ones;
}
