import { isSpent, requireResult } from "./graph.ts";
import { stepMemory } from "./kernels/in_use.ts";
import type { TypedArray } from "./dtype.ts";
import { setAllocator } from "./ndarray.ts";
import { callable, checkArgument } from "./options.ts";
import { rememberShapes } from "./primitive.ts";
import { type Borrowed, setBorrowed, Tensor } from "./tensor.ts";

/**
 * Runs one training step, whose results lie in memory that the next step uses again, so that training makes no arrays. A tensor
 * that is returned, alone or in a list or record, and those of `kept`, are copied out, with the graph that their gradients need
 * unless `backward()` was called on them; any other that outlives the step throws when it is read. A step within a step is part of it.
 * @param kept tensors that outlive the step, asked for at its end
 * @throws {TypeError} if `compute` is asynchronous, because the step would end before it does
 */
export function inStep<T>(compute: () => T, kept: () => Iterable<Tensor> = () => []): T {
  checkArgument("run a step", "the function", compute, callable);
  checkArgument("run a step", "the tensors to keep", kept, callable);
  const memory = stepMemory(), end = memory?.beginStep() ?? null;
  if (memory === null || end === null) return requireResult(compute(), "inStep()");
  const borrowed: Borrowed = { holds: (data) => memory.holds(data), tensors: [] };
  setAllocator((dtype, size) => memory.allocate(dtype, size));
  rememberShapes(true);
  setBorrowed(borrowed);
  const stay = new Set<Tensor>();
  try {
    const result = requireResult(compute(), "inStep()");
    const wanted = [...returned(result), ...kept()];
    for (const tensor of wanted) stay.add(tensor);
    for (const tensor of stay) {
      const { node, companion } = tensor;
      if (companion !== null) stay.add(companion);
      if (node === null || isSpent(tensor)) continue;
      node.inputs.forEach((input) => stay.add(input));
      if (node.saved !== undefined) stay.add(node.saved);
    }
    return result;
  } finally {
    setAllocator(null);
    rememberShapes(false);
    setBorrowed(null);
    const copies = new Map<TypedArray, TypedArray>();
    for (const tensor of borrowed.tensors) tensor.release(stay.has(tensor) ? copies : null);
    end();
  }
}

/** The tensors of a result: itself, or the fields of a list or record, or of lists in one. */
function returned(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  if (typeof result !== "object" || result === null || ArrayBuffer.isView(result)) return [];
  return Object.values(result).flat().filter((field) => field instanceof Tensor);
}
