import { fastest } from "./in_use.ts";
import { firstPlace, fixedMemory } from "./memory_map.ts";

/** A step of Adam: β1, 1 - β1, β2, 1 - β2, the rate, the factor of the root, and ε. */
export type AdamStep = (theta: Float32Array, gradient: Float32Array, constants: readonly number[]) => void;

/** The size of the largest memory. */
const mostBytes = 2 ** 32;

/** Steps of Adam on n float32 numbers, whose running means stay in a memory of the kernels; `null` if there are none. */
export function adamSteps(n: number): AdamStep | null {
  // The kernel takes four numbers at a time.
  const bytes = 16 * Math.ceil(n / 4), places = [0, 1, 2, 3].map((i) => firstPlace + i * bytes);
  const machine = fastest()?.machine, size = firstPlace + 4 * bytes;
  if (machine === undefined || size > mostBytes) return null;
  const memory = fixedMemory(size, machine.shared), kernels = machine.exportsIn(memory);
  const [z, x] = places.map((place) => new Float32Array(memory.buffer, place, n));
  return (theta, gradient, constants) => {
    z.set(theta);
    x.set(gradient);
    kernels.adam(...places, n, ...constants);
    theta.set(z);
  };
}
