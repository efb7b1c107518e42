import type { NdArray } from "../ndarray.ts";
import type { Machine } from "./machine.ts";
import { partCount } from "./thread_pool.ts";

/** Below this number of operations, waking threads costs more than it saves. */
const leastWork = 1 << 20;

/**
 * The product of [n, k] and [k, m], of any strides, in float32. Panels of eight columns are packed once, and each part packs its
 * rows, so that the kernel reads contiguous memory.
 */
export function matrixProduct(machine: Machine, x: NdArray, y: NdArray): Float32Array {
  const { workspace } = machine,
    [n, depth] = x.shape,
    m = y.shape[1],
    fours = Math.ceil(n / 4),
    threadBytes = 512 + 16 * depth * Math.ceil(fours / partCount);
  workspace.clear();
  const c = workspace.reserve(n * m), a = workspace.matrix(x), b = workspace.matrix(y);
  // A column would fill an eighth of a panel.
  if (m === 1 && (a.column === 4 || a.row === 4)) {
    machine.exports.multiplyVector(a.place, a.row, a.column, n, depth, b.place, b.row, c, workspace.reserve(2 * n + 8));
    return workspace.keep(c, n);
  }
  const job = workspace.record("MatrixProduct", {
    n,
    depth,
    m,
    a: a.place,
    aRow: a.row,
    aColumn: a.column,
    b: b.place,
    bRow: b.row,
    bColumn: b.column,
    c,
    panels: workspace.reserve(8 * Math.ceil(m / 8) * depth),
    rows: workspace.reserve(machine.threads * threadBytes / 4),
    threadBytes,
  });
  for (const kernel of ["packColumns", "multiplyRows"] as const) machine.run(kernel, job, n * depth * m < leastWork);
  return workspace.keep(c, n * m);
}
