import type { Elementwise } from "../device.ts";
import { eachNumber } from "../kernels/numbers_in_use.ts";
import { type Apply, primitive, real, requireTensors } from "../primitive.ts";
import { Tensor } from "../tensor.ts";

const leaking: Elementwise = {
  name: "leakyRelu",
  loop(z, x, p, y, q, slope, r) {
    if (eachNumber("leakyRelu", z, [x, p], [y, q], [slope, r])) return;
    for (let i = 0; i < z.length; i++) z[i] = y[i * q] > 0 ? x[i * p] : slope[i * r] * x[i * p];
  },
  formula: "if (y > 0) { return x; } return w * x;",
};

/** x where y > 0, else a slope times x: a leaky rectifier of x for y = x, and its gradient for x = dy. */
const leak: Apply = primitive({
  name: leaking.name,
  shape: ([x]) => x,
  forward: (device, inputs, _, shape) => device.elementwise(leaking, inputs, shape),
  gradient: ({ dy, inputs: [, y, slope] }) => [() => leak([dy, y, slope]), null, null],
});

/** x where x > 0, else `slope` x, by default 0.01 x; the gradient at 0 is the slope, as in PyTorch. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  requireTensors("take leakyRelu of", x);
  const own = real(x);
  return leak([own, own.detach(), Tensor.scalar(slope, own.dtype)]);
}
