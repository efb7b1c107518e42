import { grad, noGrad } from "./graph.ts";
import { callable, checkArgument, checkOptions, type Known, positive } from "./options.ts";
import { requireTensorList } from "./primitive.ts";
import { Tensor } from "./tensor.ts";

/** The difference between the analytic gradient and central differences, at the worst input element. */
export interface GradientCheck {
  /** Whether every element is within the tolerance. */
  ok: boolean;
  /** Greatest |analytic - numeric| / max(1, |analytic|, |numeric|). */
  error: number;
  /** The position of the worst element's input in the list of inputs. */
  input: number;
  /** The flat index of the worst element in that input. */
  index: number;
}

/**
 * Compares the gradient of a scalar function with central differences, (f(x + h) - f(x - h)) / 2h, at float64 inputs.
 * With `order: 2` it also checks the gradient of a fixed weighted sum of the gradient.
 */
export function checkGradients(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: Tensor[],
  options: { step?: number; tolerance?: number; order?: 1 | 2 } = {},
): GradientCheck {
  const { step = 1e-5, tolerance = 1e-6, order = 1 } = checkOptions("check gradients", options, checking);
  checkArgument("check gradients", "the function", f, callable);
  requireTensorList("check gradients at", inputs);
  for (const { dtype } of inputs) {
    if (dtype !== "float64") {
      throw new TypeError(`Cannot check gradients at ${dtype}: central differences need float64, as in x.cast("float64")`);
    }
  }
  const analytic = grad(f)(...inputs);
  let worst: GradientCheck = { ok: true, error: 0, input: 0, index: 0 };
  inputs.forEach((input, position) => {
    const base = Float64Array.from(input.data), slope = analytic[position].data;
    for (let index = 0; index < base.length; index++) {
      const at = (value: number) => {
        const moved = base.slice();
        moved[index] = value;
        const shifted = Tensor.from(moved, input.shape);
        return noGrad(() => f(...inputs.map((other, i) => i === position ? shifted : other)).value);
      };
      const numeric = (at(base[index] + step) - at(base[index] - step)) / (2 * step);
      const error = Math.abs(slope[index] - numeric) / Math.max(1, Math.abs(slope[index]), Math.abs(numeric));
      if (!(error <= worst.error)) worst = { ok: error <= tolerance, error, input: position, index };
    }
  });
  if (!worst.ok || order === 1) return worst;
  return checkGradients(
    (...x) => {
      const weighted = grad(f)(...x).map((g, i) => g.mul(weights(g, i)).sum());
      return weighted.reduce((total, term) => total.add(term));
    },
    inputs,
    { step, tolerance: tolerance * 10 },
  );
}

const checking: Known<{ step?: number; tolerance?: number; order?: 1 | 2 }> = {
  step: positive,
  tolerance: positive,
  order: { wanted: "1 or 2", type: "number", holds: (order) => order === 1 || order === 2 },
};

/** Fixed weights that differ, so that a second-order check sees each entry of the Hessian separately. */
function weights(like: Tensor, salt: number): Tensor {
  return Tensor.from(Float64Array.from({ length: like.size }, (_, i) => 0.5 + ((i * 7 + salt * 3) % 11) / 11), like.shape);
}
