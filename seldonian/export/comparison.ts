import { noGrad, Tensor } from "../../autodiff/mod.ts";
import { loadOnnxRuntime, type OnnxRuntime } from "../../deps.ts";
import type { Module } from "../../nn/module.ts";
import { chunkSize, type DataSet } from "../data/data_set.ts";
import type { Fitted } from "../encoding/scales.ts";
import type { Table } from "../tables/table.ts";
import { classification } from "../tasks/classification.ts";

/** How close to a threshold decisions may differ. */
const close = 1e-6;

/** How far numbers of float32 may be apart, for numbers of size 1. */
const apart = 1e-4;

/** What to compare. */
export interface Compared {
  /** The file. */
  onnx: Uint8Array;
  /** The model that it was made of. */
  model: Module;
  /** Rows, of tensors. */
  data: DataSet;
  /** The table that the data was encoded from, and the encoding, whose columns are the file's inputs; none: the features are. */
  encoded: { table: Table; encoder: Fitted } | undefined;
  /** Whether the file has decisions. */
  decides: boolean;
  /** The most rows to compare on. */
  rows: number;
}

/** What a comparison found. */
export interface Comparison {
  rows: number;
  greatestDifference: number;
  /** Rows with different decisions, all of them closer than 1e-6 to a threshold. */
  decisionsThatDiffer: number;
}

/**
 * Runs a file of ONNX beside its model.
 * @returns what it found; `null` where there is no package to run it, or that package may not read its files
 * @throws {RangeError} for an output that is not the model's, or a decision that is another, with the row
 */
export async function comparison({ onnx, model, data, encoded, decides, rows }: Compared): Promise<Comparison | null> {
  const runtime = await loadOnnxRuntime().catch(() => null);
  if (runtime === null) return null;
  const session = await runtime.InferenceSession.create(onnx).catch((error) => {
    // What it says where it may not read its own files.
    if (/no available backend/.test(`${error}`)) return null;
    throw error;
  });
  if (session === null) return null;
  const inputsOf = inputsFor(runtime, data, encoded);
  const found = { rows: 0, greatestDifference: 0, decisionsThatDiffer: 0 };
  try {
    const part = rows < data.size ? data.take(Int32Array.from({ length: rows }, (_, row) => row)) : data;
    for (const { features, labels: { size } } of part.chunks(chunkSize)) {
      const [output, decision] = Object.values(await session.run(inputsOf(features, found.rows, size)));
      const wanted = noGrad(() => model.forward(features as Tensor)), placeOf = (row: number) => data.place(found.rows + row);
      found.greatestDifference = Math.max(
        found.greatestDifference,
        difference(wanted, output.data as ArrayLike<number>, placeOf),
      );
      if (decides) found.decisionsThatDiffer += differing(wanted, decision.data as ArrayLike<bigint>, placeOf);
      found.rows += size;
    }
    return found;
  } finally {
    await session.release();
  }
}

/** The file's inputs for rows from a place on. */
function inputsFor({ Tensor: Input }: OnnxRuntime, { rowNumbers }: DataSet, encoded: Compared["encoded"]) {
  return (features: unknown, from: number, size: number): Record<string, unknown> => {
    if (encoded === undefined) {
      const named = features instanceof Tensor ? { features } : features as Record<string, Tensor>;
      return Object.fromEntries(Object.entries(named).map(([name, x]) => [name, new Input(x.dtype, x.data.slice(), x.shape)]));
    }
    const rows = rowNumbers.subarray(from, from + size);
    return Object.fromEntries(encoded.encoder.scales.map((scale) => {
      const values = encoded.table.column(scale.name), cells = Array.from(rows, (row) => values[row]);
      // A column without any value has no kind.
      const texts = () => cells.map((cell) => typeof cell === "string" ? cell : "");
      return [
        scale.name,
        "categories" in scale
          ? new Input("string", texts(), [size, 1])
          : new Input("float64", Float64Array.from(cells as number[]), [size, 1]),
      ];
    }));
  };
}

/** The greatest difference. @throws {RangeError} for one that rounding cannot explain */
function difference({ data, shape: [, ...rest] }: Tensor, found: ArrayLike<number>, placeOf: (row: number) => string): number {
  let greatest = 0;
  const width = rest.reduce((product, length) => product * length, 1);
  for (let i = 0; i < data.length; i++) {
    const by = Math.abs(found[i] - data[i]);
    if (!(by <= apart * Math.max(1, Math.abs(data[i])))) {
      throw new RangeError(
        `Cannot export the model: the file gives ${found[i]} for ${placeOf(Math.floor(i / width))}, and the model ${
          data[i]
        }; wanted ` +
          "a forward() that depends on its input and parameters alone",
      );
    }
    greatest = Math.max(greatest, by);
  }
  return greatest;
}

/** The number of rows with other decisions. @throws {RangeError} for one that is not close to a threshold */
function differing(outputs: Tensor, found: ArrayLike<bigint>, placeOf: (row: number) => string): number {
  const { decided, margin } = classification.decision!, p = outputs.cast("float64"), wanted = decided(p).data;
  let count = 0;
  for (let row = 0; row < wanted.length; row++) {
    if (Number(found[row]) === wanted[row]) continue;
    if (margin(p, row) > close) {
      throw new RangeError(
        `Cannot export the model: the file decides ${found[row]} for ${placeOf(row)}, and the model ${wanted[row]}`,
      );
    }
    count++;
  }
  return count;
}
