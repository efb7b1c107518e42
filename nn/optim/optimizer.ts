import { checkArgument, type Kind } from "../../autodiff/options.ts";

/** Changes flat parameters in place by their flat gradient. */
export interface Optimizer {
  /**
   * One update, in a pass that also sets the gradient to zero, ready for the next sum.
   * @param factor on the learning rate, as a schedule gives it; default 1
   */
  step(factor?: number): void;
}

const flat: Kind = {
  type: "object",
  wanted: "a Float32Array, as nn.flatParameters() makes it",
  holds: (value) => value instanceof Float32Array,
};

/** @throws {TypeError} for what is no flat array @throws {RangeError} for two of different lengths */
export function checkFlat(theta: Float32Array, gradient: Float32Array): void {
  for (const [name, values] of Object.entries({ theta, gradient })) checkArgument("change parameters", name, values, flat);
  if (theta.length === gradient.length) return;
  throw new RangeError(
    `Cannot change ${theta.length} parameters by a gradient of ${gradient.length} numbers: wanted one for each`,
  );
}
