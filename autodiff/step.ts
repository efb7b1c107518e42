import { isSpent, requireResult } from "./graph.ts";
import { stepMemory } from "./kernels/in_use.ts";
import type { TypedArray } from "./dtype.ts";
import { callable, checkArgument } from "./options.ts";
import { Step, within } from "./running_step.ts";
import { recording } from "./recorder.ts";
import { Tensor } from "./tensor.ts";

/**
 * Runs one training step. Its results use memory that the next step reuses, so training allocates no arrays. Returned tensors
 * (alone, in a list or in a record) and those of `kept` are copied out, with the graph that their gradients need unless
 * `backward()` was called on them. Any other tensor of the step throws when it is read after the end. A step within a step is
 * part of the outer one.
 * @param kept called at the end, returns further tensors that outlive the step
 * @throws {TypeError} if `compute` is asynchronous: the step would end before it does
 */
export function inStep<T>(compute: () => T, kept: () => Iterable<Tensor> = () => []): T {
  checkArgument("run a step", "the function", compute, callable);
  checkArgument("run a step", "the tensors to keep", kept, callable);
  // Arrays of a recording stay.
  const memory = recording() === null ? stepMemory() : null, end = memory?.beginStep() ?? null;
  if (memory === null || end === null) return requireResult(compute(), "inStep()");
  const step = new Step(memory), stay = new Set<unknown>();
  try {
    return within(step, () => {
      const result = requireResult(compute(), "inStep()");
      for (const tensor of withGraph([...returned(result), ...kept()])) stay.add(tensor);
      return result;
    });
  } finally {
    const copies = new Map<TypedArray, TypedArray>();
    for (const borrower of step.borrowers) borrower.release(stay.has(borrower) ? copies : null);
    end();
  }
}

/** The tensors, and those that their gradients need unless `backward()` was called on them. */
function withGraph(tensors: readonly Tensor[]): Set<Tensor> {
  const found = new Set(tensors);
  for (const tensor of found) {
    const { node, companion } = tensor;
    if (companion !== null) found.add(companion);
    if (node === null || isSpent(tensor)) continue;
    node.inputs.forEach((input) => found.add(input));
    if (node.saved !== undefined) found.add(node.saved);
  }
  return found;
}

/** The tensors of a result: itself, the fields of a list or record, or the elements of lists in one. */
function returned(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  if (typeof result !== "object" || result === null || ArrayBuffer.isView(result)) return [];
  return Object.values(result).flat().filter((field) => field instanceof Tensor);
}
