/** The type of an operation, and the choice of its inputs. */
import type * as ad from "../../../../autodiff/mod.ts";
import type { Tensor } from "../../../../autodiff/mod.ts";
import type { Random } from "../random.ts";
import type { Options, Value } from "../program.ts";
import type { Interpreter } from "../interpreter.ts";
import { broadcast } from "../places.ts";
import { sizeOf } from "../../../helpers/tensors.ts";

/** An operation: its possible inputs, its expected result, and the kit's result. */
export interface Operation {
  draw(random: Random, values: readonly Value[]): [number[], Options] | null;
  naive(interpreter: Interpreter, inputs: Value[], options: Options): Value;
  kit(inputs: Tensor[], options: Options): Tensor;
}

export function choose(random: Random, values: readonly Value[], fits: (x: Value) => boolean): number | null {
  // Prefers newer values.
  for (let tries = 0; tries < 12; tries++) {
    const at = random.chance(0.5) ? values.length - 1 - random.int(Math.min(4, values.length)) : random.int(values.length);
    if (fits(values[at])) return at;
  }
  return null;
}

/** The position of one fitting value, with random options. */
export const one = (fits: (x: Value) => boolean, options: (random: Random, x: Value) => Options = () => ({})) =>
  function draw(random: Random, values: readonly Value[]): [number[], Options] | null {
    const x = choose(random, values, fits);
    return x === null ? null : [[x], options(random, values[x])];
  };

export const any = () => true;
export const ranked = (x: Value) => x.shape.length > 0;
export const filled = (x: Value) => ranked(x) && x.cells.length > 0;
export const small = (x: Value) => x.cells.length <= 64;
export const axisOf = (random: Random, x: Value) => ({ axis: random.int(x.shape.length) });

export function two(random: Random, values: readonly Value[], numbers: readonly number[], fits = any as (x: Value) => boolean) {
  const x = choose(random, values, (x) => fits(x));
  if (x === null) return null;
  const y = random.chance(0.75)
    ? choose(
      random,
      values,
      (y) => fits(y) && y.dtype === values[x].dtype && sizeOf(broadcast(values[x].shape, y.shape) ?? [1e9]) <= 2000,
    )
    : null;
  if (y !== null) return [[x, y], {}] as [number[], Options];
  // New numbers too, because the engine caches numbers.
  const number = random.chance(0.3) ? (random.int(4001) - 2000) / 1024 : random.pick(numbers);
  return [[x], { number, swapped: random.chance(0.3) }] as [number[], Options];
}

export type Kit2 = (x: ad.Tensor | number, y: ad.Tensor | number) => Tensor;
export const kit2 = (f: Kit2) => ([x, y]: Tensor[], { number, swapped }: Options) =>
  swapped ? f(y ?? number!, x) : f(x, y ?? number!);
