import { firstPlace } from "./memory_map.ts";
import { listMemory } from "./in_use.ts";

/** A step of Adam: β1, 1 - β1, β2, 1 - β2, the rate, the factor of the root, and ε. */
export type AdamStep = (theta: Float32Array, gradient: Float32Array, constants: readonly number[]) => void;

/** The size of the largest memory. */
const mostBytes = 2 ** 32;

/** Steps of Adam on n float32 numbers, whose running means stay in a memory of the kernels; `null` if there are none. */
export function adamSteps(n: number): AdamStep | null {
  const arrays = ["float32", "float32", "float32", "float32", "float64"] as const, own = 1024;
  const bytes = firstPlace + 4 * (4 * n + 64) + own, memory = bytes > mostBytes ? null : listMemory(bytes);
  if (memory === null) return null;
  const [z, x, y, w, a] = arrays.map((dtype) => memory.array(dtype, [dtype === "float32" ? n : 7])!.data);
  const [from, end] = memory.list([{
    code: "adam",
    n,
    z: z.byteOffset,
    x: x.byteOffset,
    y: y.byteOffset,
    w: w.byteOffset,
    a: a.byteOffset,
  }]);
  return (theta, gradient, constants) => {
    z.set(theta);
    x.set(gradient);
    a.set(constants);
    memory.run(from, end);
    theta.set(z as Float32Array);
  };
}
