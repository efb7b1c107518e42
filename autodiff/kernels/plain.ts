import { type DType, integers } from "../dtype.ts";
import { allocate, type NdArray } from "../ndarray.ts";
import type { Kernels } from "./kernels.ts";

/** The kernels as plain loops with float64 sums: for other dtypes than float32, without WebAssembly, and as the tests' oracle. */
export const plain: Kernels = {
  matmul(x: NdArray, y: NdArray) {
    const [n, k] = x.shape, m = y.shape[1];
    const z = allocate(x.dtype as DType, n * m), row = new Float64Array(m);
    for (let i = 0; i < n; i++) {
      row.fill(0);
      for (let l = 0; l < k; l++) {
        const factor = x.data[x.offset + i * x.stride[0] + l * x.stride[1]];
        for (let j = 0, at = y.offset + l * y.stride[0]; j < m; j++, at += y.stride[1]) row[j] += factor * y.data[at];
      }
      z.set(x.dtype === "int32" ? integers(row, "multiply", true) : row, i * m);
    }
    return z;
  },
};
