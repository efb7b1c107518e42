import type { Tensor } from "../../autodiff/mod.ts";
import type { ForecastRequest, Request } from "./bound.ts";

/** A number that a law has besides its mean, of a level in (0, 1), with bounds of its own. */
export interface Functional {
  /** As results name it. */
  name: string;
  /** What its bounds take for granted of the values. */
  assumes: string;
  /** Whether its bounds are proven at every number of values; default "approximate". */
  guarantee?: "finite-sample" | "approximate";
  /** Of the empirical law: shape [], differentiable. */
  value(values: Tensor, level: number): Tensor;
  /** A number above it with probability at least 1 - delta. */
  upper(values: Float64Array, level: number, request: Request): number;
  /** A number below it with probability at least 1 - delta. */
  lower(values: Float64Array, level: number, request: Request): number;
  /** What `upper`, or `lower`, will be on n values like these: shape [], differentiable. */
  forecast(side: "lower" | "upper", values: Tensor, level: number, request: ForecastRequest): Tensor;
}
