import { arithmeticHere } from "../../autodiff/kernels/in_use.ts";
import { version } from "../version.ts";

/** What computed a test, as far as last digits depend on it. */
export interface Made {
  /** The kit's version. */
  version: string;
  /** The kernels and the kind of convolutions, such as "SIMD, fast convolutions". */
  arithmetic: string;
}

/** What computes here. */
export function madeHere(): Made {
  return { version, arithmetic: arithmeticHere() };
}
