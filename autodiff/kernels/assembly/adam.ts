import { at } from "./operation";

// @ts-ignore: a decorator of AssemblyScript
@inline
function narrow(x: v128, y: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(x), f32x4.demote_f64x2_zero(y), 0, 1, 4, 5);
}

/**
 * A step of Adam on n float32 numbers z with gradients x; m and v are the running means of gradients and of their squares, computed
 * in float64. Roots and quotients are float32: in float64 they take most of the time. The constants are those of `nn/optim/adam.ts`:
 * β1, 1 - β1, β2, 1 - β2, the rate, the factor of the root, and ε.
 */
export function adam(z: usize, x: usize, m: usize, v: usize, n: i32, b1: f64, r1: f64, b2: f64, r2: f64, lr: f64, by: f64, eps: f64): void {
  const beta1 = f64x2.splat(b1), rest1 = f64x2.splat(r1), beta2 = f64x2.splat(b2), rest2 = f64x2.splat(r2);
  const rate = f32x4.splat(lr as f32), root = f32x4.splat(by as f32), epsilon = f32x4.splat(eps as f32);
  for (const end = z + 4 * n; z < end; z += 16, x += 16, m += 16, v += 16) {
    const g = at<f32>(x), h = at<f32>(x + 8);
    const mean = narrow(
      f64x2.add(f64x2.mul(beta1, at<f32>(m)), f64x2.mul(rest1, g)),
      f64x2.add(f64x2.mul(beta1, at<f32>(m + 8)), f64x2.mul(rest1, h)),
    );
    const square = narrow(
      f64x2.add(f64x2.mul(beta2, at<f32>(v)), f64x2.mul(f64x2.mul(rest2, g), g)),
      f64x2.add(f64x2.mul(beta2, at<f32>(v + 8)), f64x2.mul(f64x2.mul(rest2, h), h)),
    );
    v128.store(m, mean);
    v128.store(v, square);
    const deviation = f32x4.add(f32x4.mul(f32x4.sqrt(square), root), epsilon);
    v128.store(z, f32x4.sub(v128.load(z), f32x4.mul(f32x4.div(mean, deviation), rate)));
  }
}
