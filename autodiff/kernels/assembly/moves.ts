import { at, Operation, put } from "./operation";

/** Copies and conversions. */

/** float32 to float64. */
export function widen(o: Operation): void {
  let z = o.z, x = o.x;
  for (const end = z + 8 * o.n; z < end; z += 16, x += 8) v128.store(z, at<f32>(x));
}

/** float64 to float32. */
export function narrow(o: Operation): void {
  let z = o.z, x = o.x;
  for (const end = z + 4 * o.n; z < end; z += 8, x += 16) put<f32>(z, v128.load(x));
}

/** int32 to float64. */
export function whole(o: Operation): void {
  let z = o.z, x = o.x;
  for (const end = z + 8 * o.n; z < end; z += 16, x += 8) v128.store(z, f64x2.convert_low_i32x4_s(v128.load64_zero(x)));
}

/** A row-major copy of `a` rows and `b` columns, any bytes apart. */
export function copy(o: Operation): void {
  const bytes = o.wide ? 8 : 4, whole = o.yStep == bytes ? bytes * o.b : 0;
  let z = o.z, row = o.x;
  for (let i = 0; i < o.a; i++, row += o.xStep) {
    if (whole) {
      memory.copy(z, row, whole);
      z += whole;
      continue;
    }
    let x = row;
    if (o.wide) for (let j = 0; j < o.b; j++, x += o.yStep, z += 8) store<f64>(z, load<f64>(x));
    else for (let j = 0; j < o.b; j++, x += o.yStep, z += 4) store<u32>(z, load<u32>(x));
  }
}

/** z[i] = x[y[i]]. */
export function pick(o: Operation): void {
  let z = o.z, y = o.y;
  const x = o.x;
  if (o.wide) for (const end = z + 8 * o.n; z < end; z += 8, y += 4) store<f64>(z, load<f64>(x + 8 * load<u32>(y)));
  else for (const end = z + 4 * o.n; z < end; z += 4, y += 4) store<u32>(z, load<u32>(x + 4 * load<u32>(y)));
}

/** z[y[i]] += x[i] on zeros z, float64, of `a` bytes. */
export function place(o: Operation): void {
  const z = o.z;
  let x = o.x, y = o.y;
  memory.fill(z, 0, o.a);
  for (const end = y + 4 * o.n; y < end; y += 4) {
    const to = z + 8 * load<u32>(y);
    store<f64>(to, load<f64>(to) + (o.wide ? load<f64>(x) : load<f32>(x) as f64));
    x += o.wide ? 8 : 4;
  }
}
