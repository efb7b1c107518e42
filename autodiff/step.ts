import { isSpent, requireResult } from "./graph.ts";
import { stepMemory } from "./kernels/in_use.ts";
import type { TypedArray } from "./dtype.ts";
import { callable, checkArgument } from "./options.ts";
import { Step, within } from "./running_step.ts";
import { Tensor } from "./tensor.ts";

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

/** Tensors, and what their gradients need unless `backward()` was called on them. */
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

/** The tensors of a result: itself, or the fields of a list or record, or of lists in one. */
function returned(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  if (typeof result !== "object" || result === null || ArrayBuffer.isView(result)) return [];
  return Object.values(result).flat().filter((field) => field instanceof Tensor);
}
