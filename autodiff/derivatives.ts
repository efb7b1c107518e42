/** Derivatives built from gradients, so they can be differentiated again, to any order. @module */
import { grad, gradientsOf, withLeaves } from "./graph.ts";
import { sameShape, showShape } from "./shape.ts";
import { callable, checkArgument } from "./options.ts";
import { type Apply, primitive, requireTensorList, requireTensors } from "./primitive.ts";
import { stack } from "./primitives/shapes.ts";
import { isRecording } from "./recording.ts";
import { here } from "./remote_array.ts";
import { repeated, type Tensor, zeros } from "./tensor.ts";

/**
 * The Hessian of a scalar function times a direction, H v = d(∇f · v) / dx. It costs a few gradients and never builds H.
 * Source: B. A. Pearlmutter, "Fast exact multiplication by the Hessian" (1994).
 * @param f returns one element
 * @param directions one per input, of the same shape
 * @returns one product per input
 * @throws {RangeError} if the shapes of the directions are not those of the inputs
 */
export function hvp(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[], directions: readonly Tensor[]): Tensor[] {
  requireTensorList("multiply a Hessian", inputs);
  requireTensorList("multiply a Hessian by", directions);
  if (inputs.length !== directions.length || !inputs.every(({ shape }, i) => sameShape(shape, directions[i].shape))) {
    const [wanted, found] = [inputs, directions].map((tensors) => tensors.map(({ shape }) => showShape(shape)).join(", "));
    throw new RangeError(`Cannot multiply a Hessian by directions of shapes ${found}: wanted the inputs' shapes, ${wanted}`);
  }
  const along = (...x: Tensor[]) => grad(f)(...x).map((slope, i) => slope.mul(directions[i]).sum());
  return grad((...x) => along(...x).reduce((sum, term) => sum.add(term)))(...inputs);
}

/** The Jacobian d y[i] / d x[j] of y = f(x), shape [...y.shape, ...x.shape]: one forward pass, then one backward per element. */
export function jacobian(f: (x: Tensor) => Tensor, x: Tensor): Tensor {
  checkArgument("differentiate", "the function", f, callable);
  return withLeaves([x], ([leaf]) => {
    const y = f(leaf), rows: Tensor[] = [];
    requireTensors("differentiate a function that returns", y);
    for (let i = 0; i < y.size; i++) {
      const seed = zeros([y.size], y.dtype);
      here(seed.array).data[i] = 1;
      rows.push(gradientsOf(y, [leaf], seed.reshape(...y.shape))[0]);
    }
    return [rows.length === 0 ? zeros([...y.shape, ...x.shape], x.dtype) : stack(rows).reshape(...y.shape, ...x.shape)];
  })[0];
}

/** The Hessian d²f / d x[i] d x[j] of a scalar function, shape [...x.shape, ...x.shape]. */
export function hessian(f: (x: Tensor) => Tensor, x: Tensor): Tensor {
  const slope = grad(f);
  return jacobian((x) => slope(x)[0], x);
}

/**
 * Computes f(...inputs) without storing its intermediate results: each gradient computes them again. Memory grows with the number
 * of checkpoints, not with the work inside them. Gradients of any order reach the inputs and everything else f uses, such as a
 * layer's parameters. f must return the same numbers each time, from values that outlive the step: draw random numbers before the
 * checkpoint, not in it. Batch normalisation in f updates its running statistics each time. In a step, as in `train()`, nothing
 * is freed before the end, so a checkpoint saves nothing. Source: T. Chen, B. Xu, C. Zhang, C. Guestrin, "Training deep nets with
 * sublinear memory cost" (2016).
 */
export function checkpoint(f: (...inputs: Tensor[]) => Tensor, ...inputs: Tensor[]): Tensor {
  checkArgument("make a checkpoint", "the function", f, callable);
  requireTensors("make a checkpoint of", ...inputs);
  if (!isRecording()) return f(...inputs);
  const leaves = inputs.map((input) => input.requiresGrad ? input.detach().withGrad() : input);
  // A tensor created before this one comes from outside f.
  const { order } = repeated(0, [], "float32"), value = f(...leaves);
  requireTensors("make a checkpoint of a function that returns", value);
  const others = new Set<Tensor>(), seen = new Set([value]);
  for (const tensor of seen) {
    if (leaves.includes(tensor)) continue;
    if (tensor.order < order) others.add(tensor);
    else tensor.node?.inputs.forEach((input) => input.requiresGrad && seen.add(input));
  }
  return again([...inputs, ...others], { f, count: inputs.length, value: value.detach() });
}

const again: Apply<{ f: (...inputs: Tensor[]) => Tensor; count: number; value: Tensor }> = primitive({
  name: "checkpoint",
  shape: (_, { value }) => value.shape,
  forward: (_, __, { value }) => value.array,
  gradient: ({ dy, inputs, output, options: { f, count } }) => {
    const needed = ({ requiresGrad }: Tensor) => requiresGrad;
    const slopes = () =>
      withLeaves(
        inputs.slice(0, count),
        (leaves) => gradientsOf(alike(f(...leaves), output), [...leaves, ...inputs.slice(count)].filter(needed), dy),
        needed,
      );
    let found: Tensor[] | undefined;
    return inputs.map((_, i) => () => (found ??= slopes())[inputs.slice(0, i).filter(needed).length]);
  },
});

/** @throws {RangeError} unless both runs returned the same numbers */
function alike(again: Tensor, before: Tensor): Tensor {
  if (again.device === "cpu" && before.device === "cpu") {
    const { data } = before;
    if (!sameShape(again.shape, before.shape) || again.data.some((x, i) => !Object.is(x, data[i]))) {
      throw new RangeError(
        "Cannot differentiate a checkpoint whose function returned other numbers the second time: draw random numbers before it",
      );
    }
  }
  return again;
}
