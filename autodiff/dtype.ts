import { checkArgument, needed, oneOf } from "./options.ts";

/** Element types. `float32` for networks, `float64` for statistics, `int32` for indices (never differentiated). */
export type DType = "float32" | "float64" | "int32";

/** The storage of each {@link DType}. */
export type TypedArray = Float32Array | Float64Array | Int32Array;

/** @throws {RangeError} unless it is a dtype, with one that holds the numbers of the wanted one */
export function requireDType(action: string, dtype: unknown): void {
  if (typeof dtype === "string" && Object.hasOwn(storages, dtype)) return;
  const instead = typeof dtype === "string" && substitutes.find(([names]) => names.test(dtype))?.[1];
  if (!instead) return checkArgument(action, "dtype", dtype, dtypes);
  throw new RangeError(`Cannot ${action}: dtype is "${dtype}"; the dtypes are ${dtypes.wanted}: use ${instead}`);
}

/** The storage constructor of each dtype. */
export const storages = { float32: Float32Array, float64: Float64Array, int32: Int32Array };

/** The dtype of a storage. */
export function dtypeOf(data: TypedArray): DType {
  return data instanceof Float64Array ? "float64" : data instanceof Float32Array ? "float32" : "int32";
}

const dtypes = needed(oneOf(...Object.keys(storages)));

/** Dtypes of others, and what to use here. */
const substitutes: readonly (readonly [RegExp, string])[] = [
  [/^u?int(8|16)$|^int$|^short$/, '"int32"'],
  [/^u?int(32|64)$|^long$|^double$/, '"float64", which has every whole number up to 2^53'],
  [/^b?float(16)?$|^half$/, '"float32"'],
  [/^bool/, '"int32" or "float32", with 1 and 0'],
];

/**
 * Converts numbers to int32 by truncation.
 * @param whole whether a fraction is an error
 * @throws {RangeError} for NaN, and for a number outside the range of int32
 */
export function integers(from: ArrayLike<number>, action: string, whole = false): Int32Array {
  if (from instanceof Int32Array) return from;
  return Int32Array.from(from, (x) => {
    if (x > -2147483649 && x < 2147483648 && (!whole || Number.isInteger(x))) return x;
    throw new RangeError(
      whole
        ? `Cannot ${action} int32: the result ${x} is not a 32-bit integer; cast first, as in x.cast("float64")`
        : `Cannot ${action} ${x} as int32: wanted a number from -2147483648 to 2147483647`,
    );
  });
}
