import type { Derived, DeviceCore, Standardization } from "../device.ts";
import type { DType } from "../dtype.ts";
import { contiguousData, emptyArray, type NdArray } from "../ndarray.ts";
import { cpu, momentsOf } from "./cpu.ts";
import { standardizeGradientLoop, standardizeLoop, type Standardizing } from "./standardize_loops.ts";

/** The CPU with its operations that standardise. */
export const standardizing: DeviceCore<NdArray> & Partial<Derived<NdArray>> = {
  ...cpu,

  moments: momentsOf,

  standardize(x: NdArray, by: Standardization) {
    const z = emptyArray(x.dtype as DType, x.shape);
    standardizeLoop(z.data, contiguousData(x), x.shape, loopsBy(by));
    return z;
  },

  standardizeGradients(x: NdArray, dy: NdArray, by: Standardization, own: boolean, wanted: boolean) {
    const size = wanted ? x.size : 0, few = by.weight.size, z = emptyArray(x.dtype as DType, [size + 2 * few]);
    const dx = wanted ? z.data.subarray(0, size) : null, sums = new Float64Array(2 * few);
    const gradients = [dx, sums.subarray(0, few), sums.subarray(few)] as const;
    standardizeGradientLoop(gradients, contiguousData(x), contiguousData(dy), x.shape, loopsBy(by), own);
    z.data.set(sums, size);
    return z;
  },
};

function loopsBy({ moments, weight, bias, epsilon }: Standardization): Standardizing {
  const [numbers, factors, summands] = [moments, weight, bias].map(contiguousData);
  return { moments: numbers, weight: factors, bias: summands, epsilon, places: weight.shape[2] > 1 };
}
