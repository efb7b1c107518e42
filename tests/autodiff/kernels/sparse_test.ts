import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { view } from "../../../autodiff/ndarray.ts";
import { sparsePays } from "../../../autodiff/kernels/sparse.ts";
import { over } from "./convolutions.ts";

test("sums of few products apply only to planes whose rows float32 can distinguish", () => {
  const window = { stride: [1, 1] as const, padding: [2, 2] as const }, wanted = { x: false, filter: true, bias: true };
  const pays = (size: number) => {
    const after = [1, 16, size / 2, size / 2], positions = view(new Int32Array(0), after);
    const two = [2, 2] as const, pooling = { kernel: two, stride: two, padding: [0, 0] as const, relu: true, shape: after };
    const shape = [1, 16, size, size], pooled = { positions, gate: null, shape, pooling };
    return sparsePays(over(window, [1, 1, size, size], [16, 1, 5, 5], shape), { ...wanted, pooled });
  };
  deepEqual([28, 1024, 1026, 8192].map(pays), [true, true, false, false]);
});
