import type { Device } from "./device.ts";
import { cpu } from "./devices/cpu.ts";
import type { DType } from "./dtype.ts";
import type { NdArray } from "./ndarray.ts";
import type { Shape } from "./shape.ts";
import { shown } from "./options.ts";
import { isRecording } from "./recording.ts";
import { type AnyArray, isRemote } from "./remote_array.ts";
import { Replay, runningStep } from "./running_step.ts";
import { Tensor } from "./tensor.ts";

/** What a gradient rule sees: d(loss)/d(output), the inputs, the output and the options of the call. */
export interface GradientContext<Options> {
  /** d(loss)/d(output), of the output's shape. */
  dy: Tensor;
  /** What the operation was called with. */
  inputs: readonly Tensor[];
  /** What it gave. */
  output: Tensor;
  /** The options of the call. */
  options: Options;
  /** What `forward` saved. */
  saved: Tensor | undefined;
}

/** Everything the engine knows of an operation, in one place: one of arrays here, or of those of any device. */
export interface Primitive<Options = unknown, A extends AnyArray = NdArray> {
  /** As error messages name it. */
  name: string;
  /** The output's shape, or an error that shows the inputs' shapes. */
  shape(shapes: readonly Shape[], options: Options): Shape;
  /** The output's value. Inputs are views of any stride. What is passed to `save` waits for the gradient. */
  forward(
    device: Device<AnyArray>,
    inputs: readonly A[],
    options: Options,
    shape: Shape,
    save: (array: AnyArray) => void,
  ): AnyArray;
  /**
   * One thunk an input, in tensor operations so that gradients differentiate again; only those of inputs that need a
   * gradient are called. A result may have the broadcast shape: `graph.ts` sums it down. `null`: not differentiable.
   */
  gradient: ((context: GradientContext<Options>) => ((() => Tensor) | null)[]) | null;
}

/** How a tensor was made: an edge of the graph. */
export interface Node {
  /** The operation. */
  // deno-lint-ignore no-explicit-any
  primitive: Primitive<any, AnyArray>;
  /** What it was called with. */
  inputs: readonly Tensor[];
  /** The options of the call. */
  options: unknown;
  /** What `forward` saved for the gradient; a tensor, so that it stays as long as its result does. */
  saved: Tensor | undefined;
}

/** A number stands for a scalar of the other operand's dtype; beside int32 a fraction makes both float64, which holds every integer. */
export type Operand = Tensor | number;

/** Applies a primitive to tensors and records it. */
export type Apply<Options = void> = (inputs: readonly Tensor[], options: Options) => Tensor;

/** The function that a declaration stands for. */
export function primitive<Options = void>(declaration: Primitive<Options, AnyArray>): Apply<Options> {
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
    const array = declaration.forward(deviceOf(arrays), arrays, options, shape, save);
    const node = recorded ? { primitive: declaration, inputs, options, saved } : null;
    saved = outer;
    return new Tensor(array, recorded, node);
  };
}

/** Where an operation is done: where one of its inputs is; the others are brought there. */
function deviceOf(arrays: readonly AnyArray[]): Device<AnyArray> {
  for (let i = 0; i < arrays.length; i++) {
    const array = arrays[i];
    if (isRemote(array)) return array.buffer.device as Device<AnyArray>;
  }
  return cpu as Device<AnyArray>;
}

/** What the operation at work wants kept. */
let saved: Tensor | undefined;

function save(array: AnyArray): void {
  saved = new Tensor(array);
}

/** An operation without options of a training step, and the shape that was found for it. */
interface Site {
  declaration: unknown;
  first: Shape;
  second: Shape | undefined;
  shape: Shape;
}

/** Operations that find the very arrays and shapes of the step before, so that looking at them twice tells nothing new. */
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
 * Both operands as tensors of one dtype.
 * @throws {TypeError} if they are tensors of different dtypes, or no tensors
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

/** The same tensor, or integers as float64, for what is no integer of integers. */
export function real(x: Tensor): Tensor {
  requireTensors("compute with", x);
  return x.dtype === "int32" ? x.cast("float64") : x;
}

/** Programs add and multiply by the same few numbers over and over. Clones are in no step's memory. */
const constants: Record<DType, Map<number, Tensor>> = { float32: new Map(), float64: new Map(), int32: new Map() };

function constant(value: number, dtype: DType = "float64"): Tensor {
  // A map takes -0 for 0.
  if (Object.is(value, -0)) return Tensor.scalar(value, dtype);
  const known = constants[dtype];
  let found = known.get(value);
  if (found === undefined) {
    if (known.size >= 1000) known.clear();
    known.set(value, found = Tensor.scalar(value, dtype).clone());
  }
  return found;
}

function notTensor(action: string, found: unknown, wanted = "a tensor"): TypeError {
  return new TypeError(`Cannot ${action} ${shown(found)}: wanted ${wanted}, as tensor([1, 2])`);
}

/** @throws {TypeError} for what is no tensor */
export function requireTensors(action: string, ...given: readonly unknown[]): void {
  for (const one of given) if (!(one instanceof Tensor)) throw notTensor(action, one);
}

/** @throws {TypeError} for what is no list of tensors */
export function requireTensorList(action: string, given: unknown): void {
  if (!Array.isArray(given)) throw notTensor(action, given, "a list of tensors");
  for (const one of given) if (!(one instanceof Tensor)) throw notTensor(action, one);
}

/** @throws {TypeError} if the dtypes differ, with the cast to write, and for what is no tensor */
export function requireSameDType(action: string, ...tensors: readonly Tensor[]): void {
  requireTensorList(action, tensors);
  const other = tensors.find(({ dtype }) => dtype !== tensors[0].dtype);
  if (other === undefined) return;
  // Float32 is what networks are of; what meets an integer takes its place.
  const dtypes = [tensors[0].dtype, other.dtype], to = (["float32", "float64"] as const).find((dtype) => dtypes.includes(dtype))!;
  const from = dtypes.find((dtype) => dtype !== to)!;
  throw new TypeError(`Cannot ${action} ${dtypes.join(" and ")}: cast the ${from} one, as in x.cast("${to}")`);
}
