import { multiplyColumns } from "./imported";
import { addWide, copyTile, DEPTH, MatrixProduct, roundWide, tile } from "./matmul";

/** Steps of A's rows that `multiplyColumns` holds. */
export const STEPS: i32 = 64;

/** Panels of rows and of columns in a block, whose tiles and panels stay in a near cache. */
const ROWS: i32 = 16, COLUMNS: i32 = 32;

/** Computes C from panel `first` to before `last` of A and from `left` to before `right` of B, block by block. */
export function multiplyBlocks(job: MatrixProduct, first: i32, last: i32, left: i32, right: i32, scratch: usize): void {
  for (let j = left; j < right; j += COLUMNS) {
    for (let i = first; i < last; i += ROWS) multiplyBlock(job, i, min(i + ROWS, last), j, min(j + COLUMNS, right), scratch);
  }
}

/** Computes a block: its tiles are one after the other in `scratch`, then the same in float64. */
function multiplyBlock(job: MatrixProduct, first: i32, last: i32, left: i32, right: i32, tiles: usize): void {
  const depth = job.depth, most = job.held ? STEPS : DEPTH, columns = right - left;
  const count = (last - first) * columns, sums = tiles + 128 * count;
  if (depth > DEPTH) memory.fill(sums, 0, 256 * count);
  for (let k = 0; k < depth; k += DEPTH) {
    const end = min(k + DEPTH, depth);
    if (job.held) memory.fill(tiles, 0, 128 * count);
    for (let l = k; l < end; l += most) {
      let u = job.rows + first * job.rowsNext + l * job.rowsStep, c = tiles;
      const v = job.columns + left * job.columnsNext + l / STEPS * job.columnsChunk;
      for (let i = first; i < last; i++, u += job.rowsNext, c += 128 * columns) addSteps(job, u, v, c, columns, min(most, end - l));
    }
    if (depth > DEPTH) addWide(tiles, sums, 32 * count);
  }
  if (depth > DEPTH) roundWide(sums, tiles, 32 * count);
  for (let i = first; i < last; i++) for (let j = left; j < right; j++, tiles += 128) copyTile(job, i, j, tiles);
}

/** Adds the products of some steps to a row of tiles; stores them if there are no others. */
function addSteps(job: MatrixProduct, u: usize, v: usize, c: usize, columns: i32, steps: i32): void {
  if (job.held && steps == STEPS) return multiplyColumns(u, job.rowsStep, v, job.columnsStep, job.columnsNext, c, columns);
  for (; columns > 0; columns--, v += job.columnsNext, c += 128) tile(u, job.rowsStep, steps, v, job.columnsStep, c, 32, job.held != 0);
}
