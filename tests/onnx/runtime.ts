/** Runs files of ONNX; the tests here are skipped where the runtime cannot be loaded. */
import { Tensor } from "../../mod.ts";
import { loadOnnxRuntime } from "../../deps.ts";

const runtime = await loadOnnxRuntime().catch(() => null);

/** Why tests are skipped. */
export const skip: string | false = runtime === null && "onnxruntime-web cannot be loaded";

/** What a file gives. */
export interface Given {
  output: { data: number[]; dims: readonly number[] };
  decision: number[];
}

/** Opens a file, and returns a function that runs it on inputs by name: tensors, or columns of numbers and texts. */
export async function opened(
  file: Uint8Array,
): Promise<(inputs: Record<string, Tensor | number[] | string[]>) => Promise<Given>> {
  const { InferenceSession, Tensor: Input } = runtime!, session = await InferenceSession.create(file);
  return async (inputs) => {
    const given = Object.entries(inputs).map(([name, x]) => {
      if (x instanceof Tensor) return [name, new Input(x.dtype, x.data.slice(), x.shape)];
      const texts = typeof x[0] === "string";
      return [name, new Input(texts ? "string" : "float64", texts ? x : Float64Array.from(x as number[]), [x.length, 1])];
    });
    const found = await session.run(Object.fromEntries(given)), [{ data, dims }, decision] = Object.values(found);
    return { output: { data: Array.from(data, Number), dims }, decision: Array.from(decision?.data ?? [], Number) };
  };
}

/** The greatest difference between numbers of about size 1; of larger ones relative. */
export function difference(wanted: ArrayLike<number>, found: ArrayLike<number>): number {
  let greatest = 0;
  for (let i = 0; i < wanted.length; i++) {
    if (Object.is(wanted[i], found[i])) continue;
    const by = Math.abs(wanted[i] - found[i]) / Math.max(1, Math.abs(wanted[i]));
    greatest = Math.max(greatest, Number.isNaN(by) ? Infinity : by);
  }
  return greatest;
}
