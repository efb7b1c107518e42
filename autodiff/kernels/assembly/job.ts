/**
 * The number of parts of a job over images, whatever the number of threads. Each part has separate sums, so that the order of
 * additions, and with it every bit of the result, does not depend on which thread runs which part. Temporary data of a part is in
 * the places of its thread and stays in that thread's cache.
 */
export const PARTS: i32 = 8;

/** The first of `count` items in a part, which ends the part before. Larger parts come first, so that threads end together. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function beginning(part: i32, count: i32): i32 {
  return part * (count / PARTS) + min(part, count % PARTS);
}

/**
 * Planes of float32, [images, channels, rows, columns]. With `positions` they are gradients of a max pooling: each of the
 * `pooled` numbers of a plane goes to its position, counted through all planes, and the rest is zero. With `gate`, a number
 * counts as 0 where `gate` is at most 0.
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
 * What to do with a convolution's output planes [outputs, rows, columns]: add `bias`; then, if `positions` is not 0, max
 * pooling, and with `relu` max(x, 0).
 */
@unmanaged
export class Outcome {
  values: usize;
  outputs: i32;
  rows: i32;
  columns: i32;
  bias: usize;
  relu: i32;
  /** Positions of the greatest elements, int32. */
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
