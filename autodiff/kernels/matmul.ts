import type { NdArray } from "../ndarray.ts";
import type { Machine } from "./machine.ts";

/** Multiplications below which waking threads costs more than it saves, and those of a part. */
const leastWork = 1 << 20, partWork = 1 << 18;
/** The most bytes from a panel's first step to its last for which the kernel reads a matrix in place. */
const nearBytes = 1 << 14;

/** Panels of a matrix: their place, bytes between steps and between panels. */
interface Panels {
  place: number;
  step: number;
  next: number;
}

/**
 * The product of [n, k] and [k, m], of any strides, in float32. The kernel reads panels of four rows and of eight columns, which
 * are packed first unless the matrix is small and its rows or columns are neighbours already.
 */
export function matrixProduct(machine: Machine, x: NdArray, y: NdArray): Float32Array {
  const { workspace } = machine, [n, depth] = x.shape, m = y.shape[1];
  workspace.clear();
  const c = workspace.reserve(n * m), a = workspace.matrix(x), b = workspace.matrix(y);
  // A column would fill an eighth of a panel.
  if (m === 1 && (a.column === 4 || a.row === 4)) {
    machine.exports.multiplyVector(a.place, a.row, a.column, n, depth, b.place, b.row, c, workspace.reserve(2 * n + 8));
    return workspace.keep(c, n);
  }
  const panels = (place: number, own: boolean, step: number, lines: number, width: number): Panels =>
    own && lines % width === 0 && step > 0 && step * depth <= nearBytes
      ? { place, step, next: 4 * width }
      : { place: workspace.reserve(width * Math.ceil(lines / width) * depth), step: 4 * width, next: 4 * width * depth };
  const rows = panels(a.place, a.row === 4, a.column, n, 4), columns = panels(b.place, b.column === 4, b.row, m, 8);
  const work = n * depth * m, fours = Math.ceil(n / 4), eights = Math.ceil(m / 8);
  const parts = work < leastWork ? 1 : machine.partsOf(Math.floor(work / partWork));
  // Several rows of tiles share the reads of a panel of columns.
  const rowParts = Math.min(parts, Math.ceil(fours / 4)), columnParts = Math.min(Math.ceil(parts / rowParts), eights);
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
    rows: rows.place,
    rowsStep: rows.step,
    rowsNext: rows.next,
    columns: columns.place,
    columnsStep: columns.step,
    columnsNext: columns.next,
    columnParts,
    scratch: workspace.reserve(128 * machine.threads),
  });
  machine.run("packPanels", job, parts);
  machine.run("multiplyPanels", job, rowParts * columnParts);
  return workspace.keep(c, n * m);
}
