/** Gradients within a program. */
import type { DType, Tensor } from "../../../autodiff/mod.ts";
import { Interpreter } from "./interpreter.ts";
import type { Instruction, Value } from "./program.ts";
import { type Num, plus, scaled, sumOf, times } from "./infinitesimals.ts";
import { operations } from "./operations/operations.ts";

/** The last line of a function that is differentiated: Σ x² / 2 + x. */
export function ending(x: Tensor): Tensor {
  return x.mul(x).mul(0.5).add(x).sum();
}

function interpretEnding(interpreter: Interpreter, x: Value): Value {
  const sum = sumOf(interpreter.all(x).map((number) => plus(scaled(times(number, number), 0.5), number)));
  return interpreter.result([x], x.dtype, [], [sum]);
}

/** A value and its gradients, one element of its inputs at a time. */
export function interpretGradient(
  interpreter: Interpreter,
  { variables, body }: Omit<Instruction, "first">,
  inputs: Value[],
): Value[] {
  const outer = interpreter.recording, bit = 1 << interpreter.depth++, results: Value[] = [];
  const leaves = inputs.slice(0, variables).map((x) => ({
    ...x,
    requires: true,
    slopes: outer && x.requires ? x.slopes : null,
  }));
  const evaluate = (variable: number, element: number): Num => {
    const registers = [...inputs];
    leaves.forEach((leaf, i) => {
      const slopes = leaf.cells.map((_, k) => {
        const parts = [...leaf.slopes?.[k] ?? [0]];
        while (parts.length < 2 * bit) parts.push(0);
        if (i === variable && k === element) parts[bit] = 1;
        return parts;
      });
      registers[i] = { ...leaf, slopes };
    });
    interpreter.recording = true;
    for (const line of body!) {
      interpreter.recording = !line.noGrad;
      const own = line.inputs.map((i) => registers[i]);
      if (line.operation === "grad") registers.push(...interpretGradient(interpreter, line, own));
      else if (line.operation === "square") registers.push(interpretEnding(interpreter, own[0]));
      else registers.push(operations[line.operation].naive(interpreter, own, line.options));
    }
    return interpreter.number(registers.at(-1)!, 0);
  };
  const made = (shape: number[], dtype: DType, numbers: Num[]) => {
    interpreter.recording = outer;
    const result = interpreter.result(inputs, dtype, shape, numbers.map((parts) => outer ? parts : parts.slice(0, 1)));
    // The engine decides whether a gradient is recorded, and the gradient may share its storage.
    result.certain = !outer;
    result.storage.owned = false;
    result.storage.rough = rough;
    return result;
  };
  const rough = inputs.some(({ storage, dtype }) => storage.rough || dtype === "float32") || narrows(body!);
  const value = evaluate(-1, -1), last = body!.at(-1)!;
  const dtype = bodyDType(body!, inputs, last.inputs[0]);
  results.push(made([], dtype, [value.slice(0, bit)]));
  leaves.forEach((leaf, i) => {
    const numbers = leaf.cells.map((_, k) => {
      const parts = evaluate(i, k);
      return Array.from({ length: bit }, (_, j) => parts[j | bit] ?? 0);
    });
    results.push(made(leaf.shape, leaf.dtype, numbers));
  });
  interpreter.depth--;
  interpreter.recording = outer;
  return results;
}

/** Whether a function casts other numbers to float32. */
function narrows(body: readonly Instruction[]): boolean {
  return body.some((line) => line.options.dtype === "float32" || narrows(line.body ?? []));
}

/** The dtype of a function's register. */
function bodyDType(body: readonly Instruction[], inputs: readonly Value[], register: number): DType {
  const trial = new Interpreter(), registers = [...inputs];
  for (const line of body) {
    if (registers.length > register) break;
    const own = line.inputs.map((i) => registers[i]);
    if (line.operation === "grad") {
      registers.push(
        trial.constant(0, bodyDType(line.body!, own, line.body!.at(-1)!.inputs[0])),
        ...own.slice(0, line.variables).map((x) => ({ ...x })),
      );
    } else registers.push(operations[line.operation].naive(trial, own, line.options));
  }
  return registers[register].dtype;
}
