import type { NdArray } from "../ndarray.ts";
import type { Machine } from "./machine.ts";
import { heldSteps } from "./tile_module.ts";
import type { Fields } from "./workspace.ts";

/** Multiplications below which waking threads costs more than it saves, and those of a part. */
const leastWork = 1 << 20, partWork = 1 << 18;
/** The most bytes from a panel's first step to its last for which the kernel reads a matrix in place. */
const nearBytes = 1 << 14;

/** Where a matrix is, and its strides, in bytes. */
export interface Matrix {
  place: number;
  row: number;
  column: number;
}

/** Memory for what a product needs. */
export interface Room {
  reserve(elements: number): number;
  record(name: "MatrixProduct", fields: Fields<"MatrixProduct">): number;
}

/** Panels of rows and of columns in a block: see `assembly/blocks.ts`. */
const blockRows = 16, blockColumns = 32;
/**
 * The fewest columns for which holding steps of A pays: Deno's engine checks the bounds of each load. Others have guard pages
 * instead, and Bun's is slow with variables of a module. The bits are the same.
 */
const fewestColumns = "Deno" in globalThis ? 160 : Infinity;
/** The most terms of a float32 sum. */
const wideDepth = 256;

/** Panels of a matrix: their place, bytes between steps, between panels, and from a step to the one 64 later. */
interface Panels {
  place: number;
  step: number;
  next: number;
  chunk: number;
}

/** The product of [n, k] and [k, m], of any strides, in float32. */
export function matrixProduct(machine: Machine, x: NdArray, y: NdArray): Float32Array {
  const { workspace } = machine, [n, depth] = x.shape, m = y.shape[1];
  workspace.clear();
  const c = workspace.reserve(n * m), a = workspace.matrix(x), b = workspace.matrix(y);
  if (isByColumn(a, m)) {
    machine.exports.multiplyVector(a.place, a.row, a.column, n, depth, b.place, b.row, c, workspace.reserve(2 * n + 8));
    return workspace.keep(c, n);
  }
  const parts = isSmall(n, depth, m) ? 1 : machine.partsOf(Math.floor(n * depth * m / partWork));
  // Several rows of tiles share the reads of a panel of columns.
  const rowParts = Math.min(parts, Math.ceil(n / 16)), columnParts = Math.min(Math.ceil(parts / rowParts), Math.ceil(m / 8));
  const job = productRecord(workspace, [n, depth, m], a, b, c, { columnParts, threads: machine.threads });
  machine.run("packPanels", job, parts);
  machine.run("multiplyPanels", job, rowParts * columnParts);
  return workspace.keep(c, n * m);
}

/** Whether a product is by `multiplyVector`: a column would fill an eighth of a panel. */
export function isByColumn(a: Matrix, m: number): boolean {
  return m === 1 && (a.column === 4 || a.row === 4);
}

/** Whether one thread does a product of [n, depth] and [depth, m]. */
export function isSmall(n: number, depth: number, m: number): boolean {
  return n * depth * m < leastWork;
}

/**
 * Stores the record of a product. The kernel reads panels of four rows and of eight columns, which are packed first unless the
 * matrix is small and its rows or columns are neighbours already.
 */
export function productRecord(
  room: Room,
  [n, depth, m]: readonly [number, number, number],
  a: Matrix,
  b: Matrix,
  c: number,
  { columnParts, threads }: { columnParts: number; threads: number },
): number {
  const held = depth >= heldSteps && m >= fewestColumns, wide = depth > wideDepth;
  const panels = (place: number, own: boolean, step: number, lines: number, width: number, cut: boolean): Panels => {
    const count = Math.ceil(lines / width), chunk = 4 * width * heldSteps;
    if (own && lines % width === 0 && step > 0 && step * depth <= nearBytes) {
      return { place, step, next: 4 * width, chunk: heldSteps * step };
    }
    return cut
      ? {
        place: room.reserve(chunk / 4 * count * Math.ceil(depth / heldSteps)),
        step: 4 * width,
        next: chunk,
        chunk: count * chunk,
      }
      : { place: room.reserve(width * count * depth), step: 4 * width, next: 4 * width * depth, chunk };
  };
  const rows = panels(a.place, a.row === 4, a.column, n, 4, false),
    columns = panels(b.place, b.column === 4, b.row, m, 8, held);
  const tiles = held || wide ? Math.min(blockRows, Math.ceil(n / 4)) * Math.min(blockColumns, Math.ceil(m / 8)) : 1;
  // Tiles in float32, and in float64 where sums are long.
  const scratchLength = 32 * tiles * (wide ? 3 : 1);
  return room.record("MatrixProduct", {
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
    columnsChunk: columns.chunk,
    held: held ? 1 : 0,
    columnParts,
    scratch: room.reserve(scratchLength * threads),
    scratchNext: 4 * scratchLength,
  });
}
