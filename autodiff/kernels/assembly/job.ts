/**
 * Parts into which a job over images is split, whatever the number of threads: each has its own sums, so that the order of
 * additions, and with it every bit of the result, does not depend on who does which part. What a part needs only while it is
 * done lies in the places of the thread that does it, where it stays in that thread's cache.
 */
export const PARTS: i32 = 8;

/** Where a part of so many things begins, and the one before ends. The larger parts come first, so that threads end together. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function beginning(part: i32, count: i32): i32 {
  return part * (count / PARTS) + min(part, count % PARTS);
}

/**
 * Planes of float32, images after channels after rows. With `positions` they are gradients of a max pooling: each of the
 * `pooled` numbers of a plane goes to its position, counted through all planes, and the rest is zero. With `gate` a number
 * counts as 0 where the one of `gate` is 0 or below.
 */
@unmanaged
export class Planes {
  values: usize;
  channels: i32;
  rows: i32;
  columns: i32;
  positions: usize;
  pooled: i32;
  gate: usize;
}

/**
 * What becomes of a convolution's output planes [outputs, rows, columns]: `bias` is added; then, if `positions` is not 0, max
 * pooling, and with `relu` max(x, 0) after it.
 */
@unmanaged
export class Outcome {
  values: usize;
  outputs: i32;
  rows: i32;
  columns: i32;
  bias: usize;
  relu: i32;
  /** Of the greatest elements, int32. */
  positions: usize;
  pooledRows: i32;
  pooledColumns: i32;
  height: i32;
  width: i32;
  down: i32;
  along: i32;
  above: i32;
  before: i32;
}
