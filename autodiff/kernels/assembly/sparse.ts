import { beginning, Planes } from "./job";
import { multiplyAdd } from "./vectors";

/* The gradients of a correlation in its filters and bias, from the gradient after a max pooling. Only one output of a window counts,
 * and none where a rectifier was closed, so that few products remain. This serves first layers with few channels, where
 * transforms would cost more than they save.
 */

/** For filters of at most five by five taps and stride 1. */
@unmanaged
class SparseGradients {
  images: i32;
  x: Planes;
  dy: Planes;
  top: i32;
  left: i32;
  /** Rows of a padded plane of x, and bytes of a row, with room for eight columns from each output's column. */
  height: i32;
  rowBytes: usize;
  /** Places for the first thread; bytes from one thread's places to the next. */
  padded: usize;
  list: usize;
  threadBytes: usize;
  /** Sums of the first part, [outputs, depth, 5, 8]: for taps 0 to 3 and 1 to 4 of each row. */
  taps: usize;
  /** Bias sums of the first part, [outputs], float64. */
  sums: usize;
}

/** Runs one part of a job in a thread's places. */
export function sparseGradients(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<SparseGradients>(at), x = job.x, dy = job.dy, shift = thread * job.threadBytes;
  const padded = job.padded + shift, list = job.list + shift, planeBytes = job.height * job.rowBytes;
  const bytes = 160 * dy.channels * x.channels, taps = job.taps + part * bytes, sums = job.sums + 8 * part * dy.channels;
  memory.fill(padded, 0, x.channels * planeBytes);
  memory.fill(taps, 0, bytes);
  memory.fill(sums, 0, 8 * dy.channels);
  for (let n = beginning(part, parts, job.images), end = beginning(part + 1, parts, job.images); n < end; n++) {
    loadImage(x, n, job.top, job.left, padded, job.height, job.rowBytes);
    for (let o = 0; o < dy.channels; o++) {
      const last = compact(dy, n * dy.channels + o, job.rowBytes, list);
      let sum: f64 = 0;
      for (let i = list; i < last; i += 8) sum += load<f32>(i, 4);
      store<f64>(sums + 8 * o, load<f64>(sums + 8 * o) + sum);
      for (let c = 0; c < x.channels; c++) {
        addProducts(list, last, padded + c * planeBytes, job.rowBytes, taps + 160 * (o * x.channels + c));
      }
    }
  }
}

/** Lists the nonzero gradients of a plane: the byte at which the output's taps begin, and the value. Returns the list's end. */
function compact(dy: Planes, plane: i32, rowBytes: usize, list: usize): usize {
  const count = dy.pooled, columns = dy.columns, first = plane * dy.rows * columns, extra = (rowBytes as i32) - 4 * columns;
  const values = dy.values + 4 * (plane * count), positions = dy.positions + 4 * (plane * count);
  const gate = dy.gate == 0 ? values : dy.gate + 4 * (plane * count), open = dy.gate == 0;
  const inverse: f32 = 1 / (columns as f32);
  for (let i: usize = 0; i < 4 * (count as usize); i += 4) {
    const at = load<i32>(positions + i) - first, value = load<f32>(values + i);
    // A division is slow; half a column is far above the product's error.
    const row = (((at as f32) + 0.5) * inverse) as i32;
    store<i32>(list, 4 * at + row * extra);
    store<f32>(list, value, 4);
    list += 8 * (usize(open || !(load<f32>(gate + i) <= 0)) & usize(value != 0));
  }
  return list;
}

/** Adds value times eight columns by five rows for each entry: sums per image, so that sums over many images keep digits. */
function addProducts(list: usize, end: usize, plane: usize, row: usize, taps: usize): void {
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0), c0 = f32x4.splat(0), c1 = f32x4.splat(0);
  let d0 = f32x4.splat(0), d1 = f32x4.splat(0), e0 = f32x4.splat(0), e1 = f32x4.splat(0);
  for (; list < end; list += 8) {
    let from = plane + load<i32>(list);
    const value = v128.load32_splat(list, 4);
    a0 = multiplyAdd(value, v128.load(from), a0);
    a1 = multiplyAdd(value, v128.load(from, 4), a1);
    b0 = multiplyAdd(value, v128.load(from += row), b0);
    b1 = multiplyAdd(value, v128.load(from, 4), b1);
    c0 = multiplyAdd(value, v128.load(from += row), c0);
    c1 = multiplyAdd(value, v128.load(from, 4), c1);
    d0 = multiplyAdd(value, v128.load(from += row), d0);
    d1 = multiplyAdd(value, v128.load(from, 4), d1);
    e0 = multiplyAdd(value, v128.load(from += row), e0);
    e1 = multiplyAdd(value, v128.load(from, 4), e1);
  }
  v128.store(taps, f32x4.add(v128.load(taps), a0));
  v128.store(taps, f32x4.add(v128.load(taps, 16), a1), 16);
  v128.store(taps, f32x4.add(v128.load(taps, 32), b0), 32);
  v128.store(taps, f32x4.add(v128.load(taps, 48), b1), 48);
  v128.store(taps, f32x4.add(v128.load(taps, 64), c0), 64);
  v128.store(taps, f32x4.add(v128.load(taps, 80), c1), 80);
  v128.store(taps, f32x4.add(v128.load(taps, 96), d0), 96);
  v128.store(taps, f32x4.add(v128.load(taps, 112), d1), 112);
  v128.store(taps, f32x4.add(v128.load(taps, 128), e0), 128);
  v128.store(taps, f32x4.add(v128.load(taps, 144), e1), 144);
}

/**
 * Copies an image's planes to padded planes of `height` rows: element [0, 0] goes to row `top` and column `left`. Elements that
 * do not fit are dropped; the surroundings are not changed.
 */
function loadImage(planes: Planes, image: i32, top: i32, left: i32, to: usize, height: i32, rowBytes: usize): void {
  const rows = planes.rows, columns = planes.columns, size = rows * columns, width = (rowBytes >> 2) as i32;
  const firstRow = max(0, -top), endRow = min(rows, height - top);
  const firstColumn = max(0, -left), count = min(columns, width - left) - firstColumn;
  for (let c = 0; c < planes.channels; c++, to += height * rowBytes) {
    const from = planes.values + 4 * (image * planes.channels + c) * size;
    for (let i = firstRow; i < endRow; i++) {
      copy(from + 4 * (i * columns + firstColumn), to + (i + top) * rowBytes + 4 * (left + firstColumn), count);
    }
  }
}

/** Copies float32 numbers. */
function copy(from: usize, to: usize, count: i32): void {
  for (; count >= 4; count -= 4, from += 16, to += 16) v128.store(to, v128.load(from));
  for (; count > 0; count--, from += 4, to += 4) store<f32>(to, load<f32>(from));
}
