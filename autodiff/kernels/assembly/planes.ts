import { copy, Outcome, PARTS, Planes } from "./job";

/**
 * Copies an image's planes to padded ones of `height` rows, element [0, 0] to row `top` and column `left`; what does not fit is
 * left out, and what is around stays as it is.
 * @param expanded room for one plane
 */
export function loadImage(planes: Planes, image: i32, top: i32, left: i32, to: usize, height: i32, rowBytes: usize, expanded: usize): void {
  const rows = planes.rows, columns = planes.columns, size = rows * columns, width = (rowBytes >> 2) as i32;
  const firstRow = max(0, -top), endRow = min(rows, height - top);
  const firstColumn = max(0, -left), count = min(columns, width - left) - firstColumn;
  for (let c = 0; c < planes.channels; c++, to += height * rowBytes) {
    const plane = image * planes.channels + c;
    let from = planes.values + 4 * (plane * size);
    if (planes.positions != 0) {
      expand(planes, plane, expanded);
      from = expanded;
    }
    for (let i = firstRow; i < endRow; i++) {
      copy(from + 4 * (i * columns + firstColumn), to + (i + top) * rowBytes + 4 * (left + firstColumn), count);
    }
  }
}

/** Copies the elements of padded planes from row `top` and column `left` on to an image's planes. */
export function unloadImage(
  from: usize,
  height: i32,
  rowBytes: usize,
  top: i32,
  left: i32,
  to: usize,
  channels: i32,
  rows: i32,
  columns: i32,
): void {
  const width = (rowBytes >> 2) as i32, firstRow = max(0, -top), endRow = min(rows, height - top);
  const firstColumn = max(0, -left), count = max(0, min(columns, width - left) - firstColumn);
  for (let c = 0; c < channels; c++, from += height * rowBytes, to += 4 * rows * columns) {
    // Elements that no output has seen.
    if (firstRow > 0 || endRow < rows || count < columns) memory.fill(to, 0, 4 * rows * columns);
    for (let i = firstRow; i < endRow; i++) {
      copy(from + (i + top) * rowBytes + 4 * (left + firstColumn), to + 4 * (i * columns + firstColumn), count);
    }
  }
}

/** Adds the sums of planes to float64 numbers. */
export function addSums(from: usize, planes: i32, bytes: usize, sums: usize): void {
  for (let c = 0; c < planes; c++, sums += 8) {
    let sum = f32x4.splat(0);
    for (const end = from + bytes; from < end; from += 16) sum = f32x4.add(sum, v128.load(from));
    const pairs = f64x2.add(f64x2.promote_low_f32x4(sum), f64x2.promote_low_f32x4(v128.shuffle<f32>(sum, sum, 2, 3, 2, 3)));
    store<f64>(sums, load<f64>(sums) + f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1));
  }
}

/** The gradient of a max pooling in its input, on one plane. */
function expand(planes: Planes, plane: i32, to: usize): void {
  const size = planes.rows * planes.columns, count = planes.pooled, start: usize = 4 * (plane * count);
  memory.fill(to, 0, 4 * size);
  to -= 4 * (plane * size);
  const values = planes.values, positions = planes.positions, gate = planes.gate;
  for (let i = start; i < start + 4 * (count as usize); i += 4) {
    const at = to + 4 * load<i32>(positions + i);
    // A mask instead of a branch, which could not be predicted.
    const open = gate == 0 || load<f32>(gate + i) > 0;
    store<f32>(at, load<f32>(at) + reinterpret<f32>(reinterpret<i32>(load<f32>(values + i)) & -i32(open)));
  }
}

/** Stores an image's output planes, whose rows are `rowBytes` apart, as they are or pooled. */
export function finish(z: Outcome, image: i32, from: usize, planeBytes: usize, rowBytes: usize): void {
  for (let o = 0; o < z.outputs; o++, from += planeBytes) {
    const plane = image * z.outputs + o;
    if (z.positions != 0) {
      pool(z, plane, from, rowBytes);
      continue;
    }
    let to = z.values + 4 * (plane * z.rows * z.columns);
    for (let i = 0; i < z.rows; i++, to += 4 * z.columns) copy(from + i * rowBytes, to, z.columns);
  }
}

/**
 * For each window the greatest element and its position, counted through all planes; the first of equals, and NaN before all.
 * Elements outside of the plane do not count.
 */
export function pool(z: Outcome, plane: i32, from: usize, rowBytes: usize): void {
  const start = plane * z.rows * z.columns;
  let to: usize = 4 * plane * z.pooledRows * z.pooledColumns;
  const pairs = inPairs(z);
  for (let i = 0; i < z.pooledRows; i++) {
    if (pairs) {
      const first = start + 2 * i * z.columns;
      poolPairs(from + 2 * i * rowBytes, rowBytes, first, z.columns, z.pooledColumns, z.relu, z.values + to, z.positions + to);
      to += 4 * z.pooledColumns;
      continue;
    }
    const top = max(0, i * z.down - z.above), bottom = min(z.rows, i * z.down - z.above + z.height);
    for (let j = 0; j < z.pooledColumns; j++, to += 4) {
      const left = max(0, j * z.along - z.before), right = min(z.columns, j * z.along - z.before + z.width);
      let greatest = load<f32>(from + top * rowBytes + 4 * left), position = start + top * z.columns + left;
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          const value = load<f32>(from + row * rowBytes + 4 * column);
          // Arithmetic instead of a branch that cannot be predicted.
          const better = i32(!(value <= greatest)) & i32(greatest == greatest);
          greatest = better ? value : greatest;
          position += (start + row * z.columns + column - position) & -better;
        }
      }
      store<f32>(z.values + to, z.relu && greatest <= 0 ? 0 : greatest);
      store<i32>(z.positions + to, position);
    }
  }
}

/** Whether windows are two by two, side by side and all inside. */
export function inPairs(z: Outcome): bool {
  return z.positions != 0 && z.above == 0 && z.before == 0 && z.height == 2 && z.width == 2 && z.down == 2 && z.along == 2;
}

/** A row of windows of two by two, four at a time. Rows may be read up to a multiple of eight columns. */
function poolPairs(from: usize, rowBytes: usize, first: i32, columns: i32, count: i32, relu: i32, values: usize, positions: usize): void {
  const even = i32x4(0, 2, 4, 6);
  for (let j = 0; j < count; j += 4, from += 32, values += 16, positions += 16) {
    const a = v128.load(from), b = v128.load(from, 16), c = v128.load(from + rowBytes), d = v128.load(from + rowBytes, 16);
    const p = v128.shuffle<f32>(a, b, 0, 2, 4, 6), q = v128.shuffle<f32>(a, b, 1, 3, 5, 7);
    const r = v128.shuffle<f32>(c, d, 0, 2, 4, 6), s = v128.shuffle<f32>(c, d, 1, 3, 5, 7);
    const start = i32x4.add(i32x4.splat(first + 2 * j), even);
    putFour(values, greatest(p, q, r, s, relu), count - j);
    putFour(positions, place(p, q, r, s, start, columns), count - j);
  }
}

/** The greatest of four, the first of equals and NaN before all; and then max(x, 0), if wanted. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function greatest(p: v128, q: v128, r: v128, s: v128, relu: i32): v128 {
  const upper = v128.bitselect(q, p, better(q, p)), lower = v128.bitselect(s, r, better(s, r));
  const best = v128.bitselect(lower, upper, better(lower, upper));
  return relu ? v128.andnot(best, f32x4.le(best, f32x4.splat(0))) : best;
}

/** Where that is: p at `start`, q one to the right, r and s a row of `columns` below. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function place(p: v128, q: v128, r: v128, s: v128, start: v128, columns: i32): v128 {
  const right = better(q, p), last = better(s, r);
  const upper = v128.bitselect(q, p, right), lower = v128.bitselect(s, r, last);
  const below = i32x4.sub(i32x4.add(start, i32x4.splat(columns)), last);
  return v128.bitselect(below, i32x4.sub(start, right), better(lower, upper));
}

/** Where x is chosen before an earlier y: it is not at most y, and y is a number. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function better(x: v128, y: v128): v128 {
  return v128.andnot(f32x4.eq(y, y), f32x4.le(x, y));
}

/** Stores the first `count` of four numbers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function putFour(to: usize, x: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, x);
    return;
  }
  if (count > 0) v128.store32_lane(to, x, 0);
  if (count > 1) v128.store32_lane(to, x, 1, 4);
  if (count > 2) v128.store32_lane(to, x, 2, 8);
}

/** Max pooling of images. */
@unmanaged
class Pooling {
  images: i32;
  from: usize;
  z: Outcome;
}

/** Does one part of the job at a place, in the places of a thread. */
export function poolImages(at: usize, part: i32, thread: i32): void {
  const job = changetype<Pooling>(at), z = job.z, rowBytes: usize = 4 * z.columns, planeBytes = z.rows * rowBytes;
  for (let n = part * job.images / PARTS, end = (part + 1) * job.images / PARTS; n < end; n++) {
    finish(z, n, job.from + n * z.outputs * planeBytes, planeBytes, rowBytes);
  }
}
