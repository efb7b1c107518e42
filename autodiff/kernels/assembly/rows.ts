import { Operation } from "./operation";

/** What softmax and the log-loss of classes do with each row. */

/** Rows of `n` numbers minus the greatest of each, float64. */
export function shift(o: Operation): void {
  const row = 8 * o.n;
  let z = o.z, x = o.x;
  for (let i = 0; i < o.a; i++) {
    let greatest: f64 = -Infinity;
    for (const end = x + row; x < end; x += 8) greatest = max<f64>(greatest, load<f64>(x));
    x -= row;
    for (const end = x + row; x < end; x += 8, z += 8) store<f64>(z, load<f64>(x) - greatest);
  }
}

/** Sums of `a` rows of `n` numbers, one after the other, float64. */
export function rowSums(o: Operation): void {
  let x = o.x;
  for (let z = o.z, last = z + 8 * o.a; z < last; z += 8) {
    let total: f64 = 0;
    for (const end = x + 8 * o.n; x < end; x += 8) total += load<f64>(x);
    store<f64>(z, total);
  }
}

/** Rows of `n` numbers minus a number y for each, float64. */
export function subRows(o: Operation): void {
  let z = o.z, x = o.x, y = o.y;
  for (let i = 0; i < o.a; i++, y += 8) {
    const less = load<f64>(y);
    for (const end = x + 8 * o.n; x < end; x += 8, z += 8) store<f64>(z, load<f64>(x) - less);
  }
}

/** A label as a position in a row. Labels are checked elsewhere; here none leads outside of the row. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function labelAt(place: usize, n: i32): i32 {
  return max(0, min(n - 1, load<f64>(place) as i32));
}

/** The number at position y of each row of `n` numbers, float64. */
export function own(o: Operation): void {
  const row = 8 * o.n;
  let z = o.z, x = o.x, y = o.y;
  for (let i = 0; i < o.a; i++, x += row, y += 8, z += 8) store<f64>(z, load<f64>(x + 8 * labelAt(y, o.n)));
}

/** (x / w - [column is y]) / a for rows of `n` numbers, with w and y for each, float64. */
export function entropySlope(o: Operation): void {
  const rows = o.a as f64, n = o.n;
  let z = o.z, x = o.x, y = o.y, w = o.w;
  for (let i = 0; i < o.a; i++, y += 8, w += 8) {
    const total = load<f64>(w), label = labelAt(y, n);
    for (let k = 0; k < n; k++, x += 8, z += 8) store<f64>(z, (load<f64>(x) / total - (k == label ? 1.0 : 0.0)) / rows);
  }
}
