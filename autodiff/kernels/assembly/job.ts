/**
 * The first of `count` items in a part, which ends the part before. Larger parts come first, so that threads end together.
 *
 * A job's parts divide items whose results do not depend on each other, so any number of parts and of threads gives the same
 * bits. Where a kernel sums over the items of a part, its sums are separate for each part, and the number of parts is a constant
 * (`orderedParts` in `machine.ts`), because it defines the order of additions. Temporary data of a part is in the places of its
 * thread and stays in that thread's cache.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function beginning(part: i32, parts: i32, count: i32): i32 {
  return part * (count / parts) + min(part, count % parts);
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
