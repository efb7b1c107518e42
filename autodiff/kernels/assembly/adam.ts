import { at, Operation } from "./operation";

// @ts-ignore: a decorator of AssemblyScript
@inline
function constant(o: Operation, i: usize): v128 {
  return v128.load64_splat((o.a as usize) + 8 * i);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function narrow(x: v128, y: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(x), f32x4.demote_f64x2_zero(y), 0, 1, 4, 5);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function narrowConstant(o: Operation, i: usize): v128 {
  const x = constant(o, i);
  return narrow(x, x);
}

/**
 * A step of Adam on n float32 numbers z with gradients x; y and w are the running means of gradients and of their squares, computed
 * in float64. Roots and quotients are float32: in float64 they take most of the time. At `a` are the constants of
 * `nn/optim/adam.ts`: β1, 1 - β1, β2, 1 - β2, the rate, the factor of the root, and ε.
 */
export function adam(o: Operation): void {
  const beta1 = constant(o, 0), rest1 = constant(o, 1), beta2 = constant(o, 2), rest2 = constant(o, 3);
  const rate = narrowConstant(o, 4), root = narrowConstant(o, 5), epsilon = narrowConstant(o, 6);
  let x = o.x, m = o.y, v = o.w, z = o.z;
  for (const end = z + 4 * o.n; z < end; z += 16, x += 16, m += 16, v += 16) {
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
