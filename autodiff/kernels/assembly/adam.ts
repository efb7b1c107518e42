import { at, Operation, put } from "./operation";

// @ts-ignore: a decorator of AssemblyScript
@inline
function constant(o: Operation, i: usize): v128 {
  return v128.load64_splat((o.a as usize) + 8 * i);
}

/**
 * A step of Adam on n float32 numbers z with gradients x; y and w are the running means of gradients and of their squares. At `a`
 * are the constants of `nn/optim/adam.ts`: β1, 1 - β1, β2, 1 - β2, the rate, the factor under the root, and ε.
 */
export function adam(o: Operation): void {
  const beta1 = constant(o, 0), rest1 = constant(o, 1), beta2 = constant(o, 2), rest2 = constant(o, 3);
  const rate = constant(o, 4), root = constant(o, 5), epsilon = constant(o, 6);
  let x = o.x, m = o.y, v = o.w, z = o.z;
  for (const end = z + 4 * o.n; z < end; z += 8, x += 8, m += 8, v += 8) {
    const g = at<f32>(x);
    put<f32>(m, f64x2.add(f64x2.mul(beta1, at<f32>(m)), f64x2.mul(rest1, g)));
    put<f32>(v, f64x2.add(f64x2.mul(beta2, at<f32>(v)), f64x2.mul(f64x2.mul(rest2, g), g)));
    const deviation = f64x2.add(f64x2.sqrt(f64x2.mul(at<f32>(v), root)), epsilon);
    put<f32>(z, f64x2.sub(at<f32>(z), f64x2.div(f64x2.mul(rate, at<f32>(m)), deviation)));
  }
}
