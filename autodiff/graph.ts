import { addInto } from "./ndarray.ts";
import { sameShape, showShape } from "./shape.ts";
import { anySince } from "./overwrites.ts";
import { callable, checkArgument } from "./options.ts";
import { requireTensors } from "./primitive.ts";
import { isRecording, withRecording } from "./recording.ts";
import { isRemote } from "./remote_array.ts";
import { repeated, Tensor } from "./tensor.ts";
import { add } from "./primitives/binary.ts";
import { sumTo } from "./primitives/reductions.ts";
import { accumulated } from "./recorder.ts";
import { ownCopy } from "./views.ts";

/** Results that {@link backward} was called on: as in PyTorch, their intermediate values need not be kept. */
const spent = new WeakSet<Tensor>();

/** Computed tensors that keep their gradients; `null` until there is one. */
let retaining: WeakSet<Tensor> | null = null;

/** Makes `backward()` keep the gradient of a computed tensor. */
export function retainGradient(tensor: Tensor): void {
  (retaining ??= new WeakSet()).add(tensor);
}

/** Whether {@link backward} was called on this result. */
export function isSpent(output: Tensor): boolean {
  return spent.has(output);
}

/**
 * Runs `compute` without recording. Its results have no gradient, and its intermediate results can be freed immediately.
 * @throws {TypeError} if `compute` is asynchronous: recording would resume before it ends
 */
export function noGrad<T>(compute: () => T): T {
  checkArgument("compute without a graph", "the function", compute, callable);
  return requireResult(withRecording(false, compute), "noGrad()");
}

/** @throws {TypeError} for a promise: its work would outlast the call */
export function requireResult<T>(result: T, place: string): T {
  if (result instanceof Promise) {
    throw new TypeError(`Cannot run an asynchronous function in ${place}: pass one that returns its result, not a promise`);
  }
  return result;
}

/**
 * Reverse-mode differentiation of `output` with respect to every leaf that requires a gradient. As in PyTorch, gradients are
 * added to each leaf's `grad`, in place if there is one.
 * @param gradient d(loss)/d(output), of the output's shape; needed only if the output has more than one element
 */
export function backward(output: Tensor, gradient?: Tensor): void {
  requireTensors("differentiate", output);
  const gradients = propagate(output, gradient, []);
  spent.add(output);
  for (const [tensor, value] of gradients) {
    if (!tensor.requiresGrad || (tensor.node !== null && !retaining?.has(tensor))) continue;
    accumulated(tensor, value.array, () => addGradient(tensor, value));
  }
}

/** Adds to the gradient of a leaf, in place if there is one. A leaf may outlive the step, so its gradient must too. */
function addGradient(leaf: Tensor, term: Tensor): void {
  const { grad } = leaf;
  if (grad === null) leaf.grad = new Tensor(ownCopy(term.array));
  else if (!sameShape(grad.shape, term.shape) || grad.dtype !== term.dtype) {
    throw new TypeError(
      `Cannot add a gradient of shape ${showShape(term.shape)}, ${term.dtype}, to \`grad\` of shape ${
        showShape(grad.shape)
      }, ${grad.dtype}: set it to null, or to one like the tensor`,
    );
  } else if (isRemote(grad.array) || isRemote(term.array)) grad.assign(add(grad, term));
  else addInto(grad.array, term.array);
}

/**
 * The gradient of a scalar function: `grad(f)(x, y)` is [df/dx, df/dy]. The results are differentiable, so
 * `grad((x) => grad(f)(x)[0].sum())` is a gradient of a gradient.
 */
export function grad(f: (...inputs: Tensor[]) => Tensor): (...inputs: Tensor[]) => Tensor[] {
  const both = valueAndGrad(f);
  return (...inputs) => both(...inputs).gradients;
}

/** The value of a scalar function and its gradient, from one forward and one backward pass. */
export function valueAndGrad(
  f: (...inputs: Tensor[]) => Tensor,
): (...inputs: Tensor[]) => { value: Tensor; gradients: Tensor[] } {
  checkArgument("differentiate", "the function", f, callable);
  return (...inputs) => {
    const [value, ...gradients] = withLeaves(inputs, (leaves) => {
      const value = f(...leaves);
      return [value, ...gradientsOf(value, leaves)];
    });
    return { value, gradients };
  };
}

/**
 * Runs `compute` on leaves that require a gradient. While a graph is being recorded, leaves and results stay in it; otherwise the
 * results are detached.
 * @param which selects the inputs that become leaves; default: all
 */
export function withLeaves(
  inputs: readonly Tensor[],
  compute: (leaves: Tensor[]) => Tensor[],
  which: (input: Tensor) => boolean = () => true,
): Tensor[] {
  requireTensors("differentiate with respect to", ...inputs);
  const outer = isRecording();
  const leaves = inputs.map((input) => !which(input) ? input : outer && input.requiresGrad ? input.alias() : input.withGrad());
  const found = withRecording(true, () => compute(leaves));
  return outer ? found : found.map((tensor) => tensor.detach());
}

/** The recorded gradients of a result in `leaves`; `seed` is the `gradient` of {@link backward}. */
export function gradientsOf(output: Tensor, leaves: readonly Tensor[], seed?: Tensor): Tensor[] {
  requireTensors("differentiate a function that returns", output);
  const gradients = propagate(output, seed, leaves);
  return leaves.map((leaf) => gradients.get(leaf) ?? leaf.zerosLike());
}

/**
 * Visits the graph from `output` in reverse order of creation and sums every tensor's gradient. The order of creation is a
 * topological order, so no recursion is needed and deep graphs cannot overflow the stack.
 * @param leaves where to stop; if there are any, the gradients are recorded, so that they can be differentiated again
 */
function propagate(output: Tensor, seed: Tensor | undefined, leaves: readonly Tensor[]): Map<Tensor, Tensor> {
  const differentiable = leaves.length > 0;
  if (seed !== undefined) requireTensors("start a backward pass from", seed);
  if (seed === undefined && output.size !== 1) {
    throw new RangeError(
      `Cannot differentiate a result of shape ${
        showShape(output.shape)
      }: reduce it to one element, as in y.sum(), or pass its gradient`,
    );
  }
  if (seed !== undefined && !sameShape(seed.shape, output.shape)) {
    throw new RangeError(
      `Cannot start a backward pass from shape ${showShape(seed.shape)}: the result has shape ${showShape(output.shape)}`,
    );
  }
  if (!output.requiresGrad) {
    if (differentiable) return new Map();
    throw new TypeError(
      "Cannot differentiate a result that depends on no tensor with requiresGrad: make one with tensor(…, { requiresGrad: true })",
    );
  }
  return withRecording(differentiable, () => {
    const gradients = new Map<Tensor, Tensor>([[output, seed ?? repeated(1, output.shape, output.dtype)]]);
    const ends = new Set(leaves), between = inReverse(output, ends), leading = differentiable ? new Set(between) : null;
    for (const tensor of between) {
      const { node } = tensor, dy = gradients.get(tensor);
      if (node === null || dy === undefined || ends.has(tensor)) continue;
      const { primitive, inputs, options, saved } = node;
      const rules = primitive.gradient!(
        anySince(tensor.order)
          ? { dy, inputs: inputs.map((input) => asUsed(input, tensor)), output: asUsed(tensor, tensor), options, saved }
          : { dy, inputs, output: tensor, options, saved },
      );
      for (let i = 0; i < inputs.length; i++) {
        const input = inputs[i], rule = rules[i];
        if (rule == null || !(leading === null ? input.requiresGrad : leading.has(input))) continue;
        // Undoes broadcasting here, so that no primitive has to.
        const slope = sumTo(rule(), input.shape);
        const sum = gradients.get(input);
        gradients.set(input, sum === undefined ? slope : add(sum, slope));
      }
      if (!differentiable && !retaining?.has(tensor)) gradients.delete(tensor);
    }
    return gradients;
  });
}

/** A tensor for the gradient rule of an operation that used it. Its values are an error if they were assigned since. */
function asUsed(x: Tensor, by: Tensor): Tensor {
  if (!x.assignedSince(by.order)) return x;
  const { shape, rank, size, dtype, device } = x;
  const array = () => {
    throw new RangeError(
      `Cannot differentiate ${by.node!.primitive.name}: a tensor of shape ${
        showShape(shape)
      } that it needs was assigned after it ` +
        "was used, and the slope would be that of the new values; assign after backward(), or make a new tensor",
    );
  };
  const known = Object.entries({ shape, rank, size, dtype, device }).map(([name, value]) => [name, { value }]);
  return Object.create(x, { ...Object.fromEntries(known), array: { get: array } });
}

/**
 * Every tensor between the output and the leaves, newest first; without leaves, every tensor that requires a gradient. A tensor
 * older than all leaves does not depend on them, so a gradient within a large graph does not visit it.
 */
function inReverse(output: Tensor, leaves: ReadonlySet<Tensor>): Tensor[] {
  let oldest = leaves.size === 0 ? 0 : Infinity;
  for (const { order } of leaves) oldest = Math.min(oldest, order);
  const seen = new Set<Tensor>([output]);
  for (const tensor of seen) {
    if (leaves.has(tensor)) continue;
    for (const input of tensor.node?.inputs ?? []) if (input.requiresGrad && input.order >= oldest) seen.add(input);
  }
  const newest = [...seen].sort((a, b) => b.order - a.order);
  if (leaves.size === 0) return newest;
  const leading = new Set(leaves);
  for (const tensor of newest.toReversed()) if (tensor.node?.inputs.some((input) => leading.has(input))) leading.add(tensor);
  return newest.filter((tensor) => leading.has(tensor));
}
