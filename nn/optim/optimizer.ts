import { checkArgument, type Kind } from "../../autodiff/options.ts";

/** Updates flat parameters in place by their flat gradient. */
export interface Optimizer {
  /**
   * Does one update and sets the gradient to zero for the next one.
   * @param factor multiplies the learning rate, as from a schedule; default 1
   */
  step(factor?: number): void;
}

const flat: Kind = {
  type: "object",
  wanted: "a Float32Array, as from nn.flatParameters()",
  holds: (value) => value instanceof Float32Array,
};

/**
 * @throws {TypeError} unless both are flat arrays
 * @throws {RangeError} if their lengths differ
 */
export function checkFlat(theta: Float32Array, gradient: Float32Array): void {
  for (const [name, values] of Object.entries({ theta, gradient })) checkArgument("change parameters", name, values, flat);
  if (theta.length === gradient.length) return;
  throw new RangeError(
    `Cannot change ${theta.length} parameters by a gradient of ${gradient.length} numbers: wanted one for each parameter`,
  );
}
