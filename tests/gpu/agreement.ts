/** Compares a device with the processor, with gradients and gradients of gradients. */
import { ok } from "node:assert/strict";
import * as ad from "../../autodiff/mod.ts";
import { type Gpu, type Tensor, tensor } from "../../autodiff/mod.ts";
import { fc } from "../deps.ts";
import { errorOf } from "../helpers/tensors.ts";

/** Numbers from -1 to 1 that differ by `seed`, as float32. */
export function numbers(shape: readonly number[], seed = 0): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tensor(Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i + seed)), [...shape]);
}

/** Checks that values and gradients of a function agree on both devices; with `twice`, gradients of gradients too. */
export async function agrees(
  gpu: Gpu,
  what: string,
  inputs: readonly Tensor[],
  apply: (x: Tensor[]) => Tensor,
  twice = false,
): Promise<void> {
  const results = [inputs, inputs.map((x) => x.to(gpu))].map((given) => {
    const weighted = (z: Tensor) => z.mul(numbers(z.shape, 3)).sum();
    const slopes = (x: Tensor[]) => ad.grad((...x) => weighted(apply(x)))(...x);
    const steep = (x: Tensor[]) =>
      ad.grad((...x) => slopes(x).map((slope) => weighted(slope.square())).reduce((a, b) => a.add(b)))(...x);
    return [apply([...given]), ...slopes([...given]), ...(twice ? steep([...given]) : [])];
  });
  for (const [i, wanted] of results[0].entries()) {
    const [here, there] = [await wanted.read(), await results[1][i].read()], most = Math.max(1, ...Array.from(here, Math.abs));
    const error = errorOf(Float64Array.from(here, (x) => x / most), Float64Array.from(there, (x) => x / most));
    ok(error <= 1e-4, `${what}: ${i === 0 ? "its value" : `gradient ${i - 1}`} is off by ${error}`);
  }
}

/** Runs a check on samples of a fixed seed. */
export async function forAll<T>(arbitrary: fc.Arbitrary<T>, count: number, check: (one: T) => Promise<void>): Promise<void> {
  for (const one of fc.sample(arbitrary, { seed: 24, numRuns: count })) await check(one);
}
