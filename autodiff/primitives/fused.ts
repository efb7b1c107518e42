/** Functions whose values and slopes take one pass each over float32 numbers. @module */
import { operand, operandStep } from "../devices/cpu.ts";
import type { TypedArray } from "../dtype.ts";
import { fastest } from "../kernels/in_use.ts";
import { type EachName, eachNumber } from "../kernels/numbers_in_use.ts";
import { emptyArray, type NdArray } from "../ndarray.ts";
import { type Apply, primitive } from "../primitive.ts";
import { isRecording } from "../recording.ts";
import type { AnyArray } from "../remote_array.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Whether there are kernels for these tensors: float32 on the CPU. */
export function isQuick(...tensors: readonly Tensor[]): boolean {
  return tensors.every(({ dtype, device }) => dtype === "float32" && device === "cpu") && fastest() !== null;
}

/** What a kernel makes of inputs, broadcast to a shape. */
export function passed(kernel: EachName, inputs: readonly AnyArray[], shape: Shape): NdArray {
  const z = emptyArray("float32", shape);
  eachNumber(
    kernel,
    z.data,
    ...(inputs as NdArray[]).map((x): [TypedArray, 0 | 1] => {
      const step = operandStep(x, shape);
      return [operand(x, shape, step), step];
    }),
  );
  return z;
}

/** A kernel as a primitive; the result has the shape of the first input. */
export function passing(name: string, kernel: EachName, gradient: Parameters<typeof primitive<void>>[0]["gradient"]): Apply {
  return primitive({
    name,
    shape: ([x]) => x,
    forward: (_, inputs, __, shape) => passed(kernel, inputs, shape),
    gradient,
  });
}

/**
 * A function of {@link isQuick} tensors of one shape, with a gradient in the first.
 * @param slope the kernel of its gradient, from dy and the inputs
 * @param slopes the same in operations that have gradients, for gradients of gradients
 */
export function fused(
  name: string,
  [kernel, slope]: readonly [EachName, EachName],
  slopes: (dy: Tensor, ...inputs: readonly Tensor[]) => Tensor,
): Apply {
  const gradient = passing(`${name}Slope`, slope, null);
  return passing(name, kernel, ({ dy, inputs }) => [
    () => isRecording() ? slopes(dy, ...inputs) : gradient([dy, ...inputs]),
    ...inputs.slice(1).map(() => null),
  ]);
}
