import { primitive, Tensor } from "../../autodiff/mod.ts";
import type { Bound } from "./bound.ts";

/** An upper bound on a mean of n values in [0, 1], from their mean and their variance with n - 1. */
export type UnitBound = (mean: number, n: number, delta: number, variance: number) => number;

/** A family that uses only the mean: its bound on [0, 1], scaled to the range; the forecast is the same. */
export function fromMean(unitBound: (mean: number, n: number, delta: number) => number): Pick<Bound, "upper" | "forecast"> {
  return scaled(unitBound, false);
}

/** A family that also uses the variance. */
export function fromMoments(unitBound: UnitBound): Pick<Bound, "upper" | "forecast"> {
  return scaled(unitBound, true);
}

function scaled(unitBound: UnitBound, readsVariance: boolean): Pick<Bound, "upper" | "forecast"> {
  return {
    upper(values, { delta, range: [low, high] }) {
      const width = high - low, { mean, variance } = meanAndVariance(values);
      return low + width * unitBound(within((mean - low) / width), values.length, delta, variance / (width * width));
    },
    forecast({ mean, variance }, { n, delta, range: [low, high] }) {
      const width = high - low, moments = [mean.sub(low).div(width), ...(readsVariance ? [variance.div(width * width)] : [])];
      return numeric(moments, (m, v) => unitBound(within(m), n, delta, Math.max(0, v))).mul(width).add(low);
    },
  };
}

/** Mean and variance (with n - 1; 0 for one value). The variance is computed from deviations, so no digits cancel. */
export function meanAndVariance(values: Float64Array): { mean: number; variance: number } {
  let sum = 0, squares = 0;
  for (const z of values) sum += z;
  const mean = sum / values.length;
  for (const z of values) squares += (z - mean) * (z - mean);
  return { mean, variance: squares / Math.max(1, values.length - 1) };
}

/** A function of numbers in [0, 1], applied to tensors of shape []; its slope is a difference quotient. */
export function numeric(inputs: readonly Tensor[], f: (...x: number[]) => number): Tensor {
  return apply(inputs, f);
}

const step = 1e-6;

const apply = primitive<(...x: number[]) => number>({
  name: "numeric",
  shape: () => [],
  forward: (_, inputs, f) => {
    const x = inputs.map(({ data, offset }) => data[offset]);
    return Tensor.scalar(x.some(Number.isNaN) ? NaN : f(...x)).array;
  },
  gradient: ({ dy, inputs, options: f }) =>
    inputs.map((input, i) => () => {
      const at = (x: number) => f(...inputs.map(({ value }, j) => i === j ? x : value));
      const below = Math.max(0, input.value - step), above = Math.min(1, input.value + step);
      return dy.mul((at(above) - at(below)) / (above - below));
    }),
});

function within(x: number): number {
  return Math.min(1, Math.max(0, x));
}
