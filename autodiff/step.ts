import { requireResult } from "./graph.ts";
import { stepMemory } from "./kernels/kernels.ts";
import { setAllocator } from "./ndarray.ts";
import { rememberShapes } from "./primitive.ts";
import { type Borrowed, setBorrowed, Tensor } from "./tensor.ts";

/**
 * Runs one training step, the results of which lie in memory that the next step uses again, so that training makes no arrays.
 * A tensor that is returned, and those of `kept`, are copied out; any other that outlives the step throws when it is read. A
 * step within a step is part of it.
 * @param kept tensors that outlive the step, asked for at its end
 * @throws {TypeError} if `compute` is asynchronous, because the step would end before it does
 */
export function inStep<T>(compute: () => T, kept: () => Iterable<Tensor> = () => []): T {
  const memory = stepMemory(), end = memory?.beginStep() ?? null;
  if (memory === null || end === null) return requireResult(compute(), "inStep()");
  const borrowed: Borrowed = { holds: (data) => memory.holds(data), tensors: [] };
  setAllocator((dtype, size) => memory.allocate(dtype, size));
  rememberShapes(true);
  setBorrowed(borrowed);
  const stay = new Set<Tensor>();
  try {
    const result = requireResult(compute(), "inStep()");
    if (result instanceof Tensor) stay.add(result);
    for (const tensor of kept()) stay.add(tensor);
    return result;
  } finally {
    setAllocator(null);
    rememberShapes(false);
    setBorrowed(null);
    for (const tensor of borrowed.tensors) tensor.release(stay.has(tensor));
    end();
  }
}
