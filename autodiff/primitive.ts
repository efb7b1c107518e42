import type { Device } from "./device.ts";
import { cpuOf } from "./devices/cpu_of.ts";
import type { DType } from "./dtype.ts";
import type { NdArray } from "./ndarray.ts";
import type { Shape } from "./shape.ts";
import { shown } from "./options.ts";
import { isRecording } from "./recording.ts";
import { type AnyArray, isRemote } from "./remote_array.ts";
import { Replay, runningStep } from "./running_step.ts";
import { aside, recording } from "./recorder.ts";
import { Tensor } from "./tensor.ts";

/** The arguments of a gradient rule. */
export interface GradientContext<Options> {
  /** d(loss)/d(output), of the output's shape. */
  dy: Tensor;
  /** The inputs of the call. */
  inputs: readonly Tensor[];
  /** The result of the call. */
  output: Tensor;
  /** The options of the call. */
  options: Options;
  /** The array that `forward` saved. */
  saved: Tensor | undefined;
}

/** The declaration of an operation, on CPU arrays or on those of any device. */
export interface Primitive<Options = unknown, A extends AnyArray = NdArray> {
  /** Its name in error messages. */
  name: string;
  /** Returns the output's shape, or throws an error that shows the inputs' shapes. */
  shape(shapes: readonly Shape[], options: Options): Shape;
  /** Computes the output. Inputs are views of any stride. An array passed to `save` is kept for the gradient. */
  forward(
    device: Device<AnyArray>,
    inputs: readonly A[],
    options: Options,
    shape: Shape,
    save: (array: AnyArray) => void,
  ): AnyArray;
  /**
   * Returns one thunk per input, built from tensor operations so that gradients can be differentiated again. Only thunks of
   * inputs that need a gradient are called. A result may have the broadcast shape: `graph.ts` sums it down. `null`: not
   * differentiable.
   */
  gradient: ((context: GradientContext<Options>) => ((() => Tensor) | null)[]) | null;
}

/** A primitive of the kit. */
export interface OwnPrimitive<Options> extends Primitive<Options, AnyArray> {
  /**
   * The CPU with operations that programs without this primitive do not need; default: `devices/cpu.ts`. A primitive that names one
   * is no part of a list.
   */
  cpu?: Partial<Device<NdArray>>;
}

/** How a tensor was computed: an edge of the graph. */
export interface Node {
  /** The operation. */
  // deno-lint-ignore no-explicit-any
  primitive: Primitive<any, AnyArray>;
  /** The inputs of the call. */
  inputs: readonly Tensor[];
  /** The options of the call. */
  options: unknown;
  /** The array that `forward` saved for the gradient, as a tensor, so that it lives as long as the result. */
  saved: Tensor | undefined;
}

/** A number becomes a scalar of the other operand's dtype. A fraction and int32 become float64, which represents every int32. */
export type Operand = Tensor | number;

/** Applies a primitive to tensors and records it. */
export type Apply<Options = void> = (inputs: readonly Tensor[], options: Options) => Tensor;

/** Turns a declaration into a function. */
export function primitive<Options = void>(declaration: OwnPrimitive<Options>): Apply<Options> {
  const cpu = cpuOf(declaration);
  return (inputs, options) => {
    const arrays: AnyArray[] = [];
    let recorded = false;
    for (const input of inputs) {
      if (!(input instanceof Tensor)) throw notTensor(`take ${declaration.name} of`, input);
      arrays.push(input.array);
      if (input.requiresGrad) recorded = declaration.gradient !== null && isRecording();
    }
    const shape = shapeOf(declaration, arrays, options);
    const outer = saved;
    saved = undefined;
    const tape = recording();
    const array = tape === null
      ? declaration.forward(deviceOf(arrays) ?? cpu, arrays, options, shape, save)
      : tape.run(declaration, arrays, options, shape, save);
    const node = recorded ? { primitive: declaration, inputs, options, saved } : null;
    saved = outer;
    return new Tensor(array, recorded, node);
  };
}

/** The device of an operation: that of any remote input. The other inputs are brought there. `null`: the CPU. */
function deviceOf(arrays: readonly AnyArray[]): Device<AnyArray> | null {
  for (let i = 0; i < arrays.length; i++) {
    const array = arrays[i];
    if (isRemote(array)) return array.buffer.device as Device<AnyArray>;
  }
  return null;
}

/** The array that the running operation saved. */
let saved: Tensor | undefined;

function save(array: AnyArray): void {
  saved = new Tensor(array);
}

/** A call without options in a training step, and its shape. */
interface Site {
  declaration: unknown;
  first: Shape;
  second: Shape | undefined;
  shape: Shape;
}

/** Calls by step: one with the same shape objects as in the step before needs no new check. */
const sites = new Replay<Site>();

function shapeOf<Options>(declaration: Primitive<Options, AnyArray>, arrays: readonly AnyArray[], options: Options): Shape {
  const step = runningStep();
  if (step === null || options !== undefined || arrays.length > 2) {
    return declaration.shape(arrays.map(({ shape }) => shape), options);
  }
  const first = arrays[0].shape, second = arrays[1]?.shape, found = sites.next(step);
  if (found !== undefined && found.declaration === declaration && found.first === first && found.second === second) {
    return sites.put(found).shape;
  }
  const shape = declaration.shape(second === undefined ? [first] : [first, second], options);
  return sites.put({ declaration, first, second, shape }).shape;
}

/**
 * Converts both operands to tensors of one dtype.
 * @throws {TypeError} if they are tensors of different dtypes, or neither tensors nor numbers
 */
export function operands(x: Operand, y: Operand, action: string): [Tensor, Tensor] {
  if (typeof x !== "number" && !(x instanceof Tensor)) throw notTensor(action, x, "a tensor or a number");
  if (typeof y !== "number" && !(y instanceof Tensor)) throw notTensor(action, y, "a tensor or a number");
  if (typeof x === "number" && typeof y === "number") return [constant(x), constant(y)];
  if (typeof x === "number") return reversed(beside(y as Tensor, x));
  if (typeof y === "number") return beside(x, y);
  requireSameDType(action, x, y);
  return [x, y];
}

function beside(x: Tensor, y: number): [Tensor, Tensor] {
  const own = x.dtype === "int32" && y !== (y | 0) ? x.cast("float64") : x;
  return [own, constant(y, own.dtype)];
}

function reversed([x, y]: [Tensor, Tensor]): [Tensor, Tensor] {
  return [y, x];
}

/** Casts int32 to float64, for operations that do not return integers; other tensors stay. */
export function real(x: Tensor): Tensor {
  requireTensors("compute with", x);
  return x.dtype === "int32" ? x.cast("float64") : x;
}

/** Programs use the same few constants over and over. Clones are outside any step's memory. */
const constants: Record<DType, Map<number, Tensor>> = { float32: new Map(), float64: new Map(), int32: new Map() };

function constant(value: number, dtype: DType = "float64"): Tensor {
  // A map does not distinguish -0 from 0.
  if (Object.is(value, -0)) return Tensor.scalar(value, dtype);
  const known = constants[dtype];
  let found = known.get(value);
  if (found === undefined) {
    if (known.size >= 1000) known.clear();
    known.set(value, found = aside(() => Tensor.scalar(value, dtype).clone()));
  }
  return found;
}

function notTensor(action: string, found: unknown, wanted = "a tensor"): TypeError {
  return new TypeError(`Cannot ${action} ${shown(found)}: wanted ${wanted}, as in tensor([1, 2])`);
}

/** @throws {TypeError} unless all are tensors */
export function requireTensors(action: string, ...given: readonly unknown[]): void {
  for (const one of given) if (!(one instanceof Tensor)) throw notTensor(action, one);
}

/** @throws {TypeError} unless it is a list of tensors */
export function requireTensorList(action: string, given: unknown): void {
  if (!Array.isArray(given)) throw notTensor(action, given, "a list of tensors");
  for (const one of given) if (!(one instanceof Tensor)) throw notTensor(action, one);
}

/** @throws {TypeError} if the dtypes differ, with the cast to write, or if one is not a tensor */
export function requireSameDType(action: string, ...tensors: readonly Tensor[]): void {
  requireTensorList(action, tensors);
  const other = tensors.find(({ dtype }) => dtype !== tensors[0].dtype);
  if (other === undefined) return;
  // Suggests float32, the dtype of networks, over float64, and either over int32.
  const dtypes = [tensors[0].dtype, other.dtype], to = (["float32", "float64"] as const).find((dtype) => dtypes.includes(dtype))!;
  const from = dtypes.find((dtype) => dtype !== to)!;
  throw new TypeError(`Cannot ${action} ${dtypes.join(" and ")}: cast the ${from} one, as in x.cast("${to}")`);
}
