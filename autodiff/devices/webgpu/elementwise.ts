import type { DType } from "../../dtype.ts";
import { sameShape, type Shape, sizeOf } from "../../shape.ts";
import { type Call, entry, type Kernel, mostNumbers, oneEach, real, threads, whole } from "./kernel.ts";
import type { Buffer } from "./memory.ts";

/** An operand of an element-wise operation: one number for all elements, or an array that is broadcast to the result's shape. */
export type Operand = { dtype: DType; number: number } | {
  dtype: DType;
  buffer: Buffer;
  stride: readonly number[];
  offset: number;
  /** Whether its elements are those of the buffer, in the result's order. */
  same: boolean;
};

/** An element-wise operation: `formula` is the body of a function of the named operands. */
export interface Each {
  name: string;
  formula: string;
  names: readonly string[];
  operands: readonly Operand[];
  inputs: readonly Buffer[];
  outputs: readonly [Buffer];
  dtype: DType;
  shape: Shape;
}

/** Whether a result that `within` operations of its own kernel read must be stored. */
export type Stored = (output: Buffer, within: number) => boolean;

/** What somebody may still read. */
export const inUse: Stored = (output, within) => !output.released || output.readers !== within;

/**
 * Calls for work in order, where neighbouring element-wise operations of one shape are one kernel: each thread computes them all
 * for an element. A result that only they read is never stored.
 */
export function joined<Other extends { outputs: readonly Buffer[] }>(
  work: readonly (Call | Each | Other)[],
  mostBuffers: number,
  isStored: Stored = inUse,
): (Call | Other)[] {
  const calls: (Call | Other)[] = [];
  let chain: Each[] = [];
  const close = () => {
    if (chain.length > 0) calls.push(...callsOf(chain, mostBuffers, isStored));
    chain = [];
  };
  for (const one of work) {
    if (!("formula" in one)) {
      close();
      calls.push(one);
      continue;
    }
    if (chain.length > 0 && !continues(chain, one)) close();
    chain.push(one);
  }
  close();
  return calls;
}

/** Whether an operation can be computed for an element right after a chain is. */
function continues(chain: readonly Each[], { shape, operands }: Each): boolean {
  if (!sameShape(chain[0].shape, shape)) return false;
  return operands.every((operand) => {
    if ("number" in operand) return true;
    const source = chain.find(({ outputs: [output] }) => output === operand.buffer);
    return source === undefined || (operand.same && operand.dtype === source.dtype);
  });
}

function callsOf(chain: readonly Each[], mostBuffers: number, isStored: Stored): Call[] {
  const reads = chain.flatMap(({ inputs }) => inputs);
  const within = new Map<Buffer, number>();
  for (const read of reads) within.set(read, (within.get(read) ?? 0) + 1);
  const inputs = new Map<string, { buffer: Buffer; type: "f32" | "i32" }>(), reals: number[] = [], size = sizeOf(chain[0].shape);
  const wholes = [size], indices = new Map<Buffer, number>(), registers = new Map<Buffer, string>();
  let functions = "", body = "", coordinates = false;
  const valueOf = (operand: Operand): string => {
    const type = typeOf(operand.dtype);
    if ("number" in operand) {
      return type === "i32" ? `bitcast<i32>(${whole(wholes.push(operand.number) - 1)})` : real(reals.push(operand.number) - 1);
    }
    const { buffer } = operand, register = registers.get(buffer);
    if (register !== undefined) return register;
    if (!indices.has(buffer)) indices.set(buffer, indices.size);
    const key = `${indices.get(buffer)} ${type}`, places = [...inputs.keys()];
    if (!inputs.has(key)) inputs.set(key, { buffer, type });
    const place = places.includes(key) ? places.indexOf(key) : places.length;
    coordinates ||= !operand.same;
    return `a${place}[${operand.same ? "i" : placeOf(chain[0].shape, operand)}]`;
  };
  chain.forEach(({ formula, names, operands, outputs: [output], dtype }, k) => {
    const type = typeOf(dtype), integers = type === "i32" && !/[./]|\b(exp|log|pow|sqrt|tanh|floor|ceil|sin|cos)\(/.test(formula);
    const inner = integers ? "i32" : "f32";
    const values = operands.map((operand) => converted(valueOf(operand), typeOf(operand.dtype), inner));
    functions += `fn f${k}(${names.map((name) => `${name} : ${inner}`).join(", ")}) -> ${inner} { ${
      integers ? formula : inFloats(formula)
    } }\n`;
    body += `let r${k} = ${type}(f${k}(${values.join(", ")}));\n`;
    registers.set(output, `r${k}`);
  });
  const stored = chain.filter(({ outputs: [output] }) => isStored(output, within.get(output) ?? 0));
  const tooMany = inputs.size + stored.length > mostBuffers || reals.length > mostNumbers || wholes.length > mostNumbers;
  if (tooMany && chain.length > 1) {
    const half = chain.length >> 1;
    return [chain.slice(0, half), chain.slice(half)].flatMap((some) => callsOf(some, mostBuffers, isStored));
  }
  stored.forEach((one, k) => body += `z${k}[i] = r${chain.indexOf(one)};\n`);
  const text = `${functions}${entry(threads)} { ${oneEach(whole(0))}\n${
    coordinates ? coordinatesOf("i", chain[0].shape) : ""
  }${body} }`;
  const outputs = stored.map(({ outputs: [output] }) => output), outer = [...inputs.values()];
  const kernel: Kernel = {
    key: `${outer.map(({ type }) => type)} ${stored.map(({ dtype }) => dtype)} ${text}`,
    inputs: outer.map(({ type }) => type),
    outputs: stored.map(({ dtype }) => typeOf(dtype)),
    text: () => text,
  };
  return [{
    name: [...new Set(chain.map(({ name }) => name))].join(", "),
    kernel,
    inputs: outer.map(({ buffer }) => buffer),
    outputs,
    reads,
    wholes,
    reals,
    groups: Math.ceil(size / threads),
  }];
}

/** The type of elements on the card. */
export function typeOf(dtype: DType): "f32" | "i32" {
  return dtype === "int32" ? "i32" : "f32";
}

/** Declares `${names}0`, `${names}1`, … as the coordinates of element `index` of a row-major shape; its first length may vary. */
export function coordinatesOf(index: string, shape: Shape, names = "c"): string {
  let text = "", rest = index;
  for (let axis = shape.length - 1; axis > 0; axis--) {
    text += `let ${names}${axis} = ${rest} % ${shape[axis]}u; let ${names}q${axis} = ${rest} / ${shape[axis]}u;\n`;
    rest = `${names}q${axis}`;
  }
  return shape.length === 0 ? "" : `${text}let ${names}0 = ${rest};\n`;
}

/** The position of the element at the coordinates. */
export function placeOf(shape: Shape, { stride, offset }: { stride: readonly number[]; offset: number }, names = "c"): string {
  const terms = shape.flatMap((length, axis) =>
    length === 1 || stride[axis] === 0 ? [] : [`${names}${axis} * ${stride[axis] >>> 0}u`]
  );
  return [...terms, ...(offset === 0 && terms.length > 0 ? [] : [`${offset}u`])].join(" + ");
}

/** An operand as another type. The only one of an integer operation that may be a fraction is a condition. */
function converted(value: string, from: string, to: string): string {
  if (from === to) return value;
  return to === "i32" ? `select(1, 0, ${value} == 0.0)` : `f32(${value})`;
}

const formulas = new Map<string, string>();

/** Whole numbers in a formula as fractions. */
function inFloats(formula: string): string {
  let found = formulas.get(formula);
  if (found === undefined) formulas.set(formula, found = formula.replace(/(?<![\w.])(\d+)(?![\w.])/g, "$1.0"));
  return found;
}
