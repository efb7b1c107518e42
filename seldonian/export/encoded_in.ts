import type { Tensor } from "../../autodiff/mod.ts";
import type { DataSet } from "../data/data_set.ts";
import type { EncodedRows } from "../description/describe_parts.ts";

/** The table that data was encoded from, and the encoding; none, if it was made otherwise. */
export function encodedIn({ about: { source } }: DataSet): Pick<EncodedRows, "encoder" | "table"> | undefined {
  return source !== undefined && "encoder" in source ? source as EncodedRows : undefined;
}

/**
 * A few rows.
 * @throws {TypeError} for items
 */
export function exampleIn(data: DataSet): Tensor | Record<string, Tensor> {
  const { features } = data.take(Int32Array.from({ length: Math.min(8, data.size) }, (_, row) => row)).whole();
  if (!Array.isArray(features)) return features as Tensor;
  throw new TypeError("Cannot export a model whose rows are items of any kind: wanted tensors, or tensors by name");
}
