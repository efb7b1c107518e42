import { cpu } from "../../autodiff/devices/cpu.ts";
import { Tensor } from "../../autodiff/mod.ts";
import { type Apply, primitive } from "../../autodiff/primitive.ts";
import { type AnyArray, here } from "../../autodiff/remote_array.ts";
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
      return numeric(moments, { unitBound, n, delta }).mul(width).add(low);
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

/** A unit bound for n values at delta. */
interface At {
  unitBound: UnitBound;
  n: number;
  delta: number;
}

function boundAt({ unitBound, n, delta }: At, mean: number, variance = NaN): number {
  return unitBound(within(mean), n, delta, Math.max(0, variance));
}

/** The bound as a function of tensors of shape []; its slope is a difference quotient. */
const numeric: Apply<At> = primitive({
  name: "numeric",
  cpu,
  shape: () => [],
  forward: (_, inputs, at) => {
    const x = inputs.map(numberOf) as [number, number];
    return Tensor.scalar(x.some(Number.isNaN) ? NaN : boundAt(at, ...x)).array;
  },
  gradient: ({ dy, inputs, options }) => inputs.map((_, i) => () => dy.mul(slope(inputs, { ...options, i }))),
});

const step = 1e-6;

/** The difference quotient in the i-th input, without a gradient. */
const slope: Apply<At & { i: number }> = primitive({
  name: "slope",
  cpu,
  shape: () => [],
  forward: (_, inputs, { i, ...at }) => {
    const x = inputs.map(numberOf), below = Math.max(0, x[i] - step), above = Math.min(1, x[i] + step);
    const [high, low] = [above, below].map((end) => boundAt(at, ...x.with(i, end) as [number, number]));
    return Tensor.scalar((high - low) / (above - below)).array;
  },
  gradient: null,
});

function numberOf(x: AnyArray): number {
  const { data, offset } = here(x);
  return data[offset];
}

function within(x: number): number {
  return Math.min(1, Math.max(0, x));
}
