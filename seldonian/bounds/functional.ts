import type { Tensor } from "../../autodiff/mod.ts";
import type { ForecastRequest, Request } from "./bound.ts";

/** A quantity of a law besides its mean, mostly with a level in (0, 1), and its own bounds. */
export interface Functional {
  /** Its name in results. */
  name: string;
  /** What its bounds assume about the values. */
  assumes: string;
  /** Whether its bounds are proven for every number of values; default "approximate". */
  guarantee?: "finite-sample" | "approximate";
  /** The number of its levels; default 1. Without one, `level` is NaN. */
  levels?: 0;
  /** The numbers of a row, one after the other, if there are several, such as a weight and a return; it checks them itself. */
  width?: number;
  /** Its own range, for values in this one; default: the same. */
  range?(values: readonly [number, number]): readonly [number, number];
  /** Its value for the empirical law: shape [], differentiable. */
  value(values: Tensor, level: number): Tensor;
  /** A number above it with probability at least 1 - delta. */
  upper(values: Float64Array, level: number, request: Request): number;
  /** A number below it with probability at least 1 - delta. */
  lower(values: Float64Array, level: number, request: Request): number;
  /** The predicted `upper`, or `lower`, of n values like these: shape [], differentiable. */
  forecast(side: "lower" | "upper", values: Tensor, level: number, request: ForecastRequest): Tensor;
}
