/** Functions of many float32 numbers in WebAssembly: a module that only programs with such functions have. @module */
import type { TypedArray } from "../dtype.ts";
import { compiled, fastest } from "./in_use.ts";
import type { Machine } from "./machine.ts";
import { numbers as simd } from "./simd_numbers.ts";

/** Functions of up to three numbers. */
export type EachName =
  | "silu"
  | "siluSlope"
  | "normalCdfEach"
  | "product"
  | "geluSlope"
  | "tanhGelu"
  | "tanhGeluSlope"
  | "leakyRelu"
  | "squaredDifference"
  | "differenceSlope"
  | "bentDifference"
  | "bentSlope"
  | "logisticLoss"
  | "logisticSlope"
  | "gateTanh"
  | "round"
  | "sine"
  | "cosine";

/** Functions of the numbers of a row. */
export type RowsName = "softmaxRows" | "logSoftmaxRows" | "softmaxSlope" | "logSoftmaxSlope";

/** A kernel of places of the result and three operands; it returns whether it has left numbers to the caller. */
type Kernel = (...numbers: [z: number, x: number, y: number, w: number, count: number]) => number | void;

/** The numbers of a block, which stay in a core's cache. */
const blockLength = 16384;

/** The module's functions in the memory of each kernels. */
const made = new WeakMap<Machine, Record<EachName | RowsName, Kernel>>();

function kernelsOf(machine: Machine): Record<EachName | RowsName, Kernel> {
  let found = made.get(machine);
  if (found === undefined) {
    const { memory } = machine.workspace;
    // A runtime with the other kernels has the instructions of these.
    const { exports } = new WebAssembly.Instance(compiled(simd, machine.shared)!, { env: { memory } });
    made.set(machine, found = exports as Record<EachName | RowsName, Kernel>);
  }
  return found;
}

/** A part of an array in the kernels' memory: in place, or copied there, or one number repeated. */
class Operand {
  readonly #room: number;
  #held: boolean;

  constructor(readonly machine: Machine, readonly data: TypedArray, readonly step: number, length: number) {
    const { workspace } = machine;
    this.#held = step === 1 && workspace.holds(data);
    this.#room = workspace.reserve(this.#held ? 4 : length);
    if (step === 0) workspace.floats(this.#room, length).fill(data[0]);
  }

  /** The place of numbers that a kernel reads. */
  at(start: number, count: number): number {
    if (this.#held) return this.data.byteOffset + 4 * start;
    if (this.step === 1) {
      this.machine.workspace.floats(this.#room, count).set(this.data.subarray(start, start + count));
    }
    return this.#room;
  }

  /** The place of numbers that a kernel writes. */
  to(start: number): number {
    return this.#held ? this.data.byteOffset + 4 * start : this.#room;
  }

  /** From now on copies, even of an array in the kernels' memory. */
  leave(): void {
    this.#held = false;
  }

  /** Brings written numbers to the array. */
  finish(start: number, count: number): void {
    if (!this.#held) this.data.set(this.machine.workspace.floats(this.#room, count), start);
  }
}

/**
 * z[i] = f(x[i], y[i], w[i]); an operand of step 0 repeats its first number. z may be an operand.
 * @returns whether it was done, and no number was left to the caller: not for other dtypes and without WebAssembly
 */
export function eachNumber(name: EachName, z: TypedArray, ...operands: [array: TypedArray, step: number][]): boolean {
  const machine = machineFor([z, ...operands.map(([array]) => array)]);
  if (machine === null) return false;
  const length = Math.max(4, Math.min(blockLength, z.length)),
    kernel = kernelsOf(machine)[name],
    to = new Operand(machine, z, 1, length);
  const from = operands.map(([array, step]) => new Operand(machine, array, step, length));
  let done = true;
  for (let start = 0, count = 0; start < z.length; start += count) {
    // Kernels compute four at a time, and would overwrite what follows the last ones.
    const left = z.length - start, last = left < 4;
    count = last ? left : Math.min(blockLength, left & ~3);
    if (last) [to, ...from].forEach((operand) => operand.leave());
    const [x, y = 0, w = 0] = from.map((operand) => operand.at(start, count));
    if (kernel(to.to(start), x, y, w, last ? 4 : count)) done = false;
    to.finish(start, count);
  }
  return done;
}

/** The same for rows of `length` numbers; z is no operand. */
export function eachRow(name: RowsName, z: TypedArray, length: number, ...operands: TypedArray[]): boolean {
  const machine = machineFor([z, ...operands]);
  if (machine === null) return false;
  const most = Math.max(1, Math.floor(blockLength / length)), rows = z.length / length;
  const kernel = kernelsOf(machine)[name], to = new Operand(machine, z, 1, most * length);
  const from = operands.map((array) => new Operand(machine, array, 1, most * length));
  for (let row = 0; row < rows; row += most) {
    const count = Math.min(most, rows - row), start = row * length;
    const [x, y = 0] = from.map((operand) => operand.at(start, count * length));
    kernel(to.to(start), x, y, length, count);
    to.finish(start, count * length);
  }
  return true;
}

/** The machine for these arrays; its reserved places become free. */
function machineFor(arrays: readonly TypedArray[]): Machine | null {
  if (!arrays.every((array) => array instanceof Float32Array)) return null;
  const machine = fastest()?.machine ?? null;
  machine?.workspace.clear();
  return machine;
}
