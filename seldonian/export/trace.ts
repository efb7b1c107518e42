import { noGrad, type Shape, Tensor, type TypedArray } from "../../autodiff/mod.ts";
import { sameBits } from "../../autodiff/agreement.ts";
import type { Forward } from "../../autodiff/entries.ts";
import { contiguousData, type NdArray } from "../../autodiff/ndarray.ts";
import { recordedBy, Recorder } from "../../autodiff/recorder.ts";
import { type AnyArray, here } from "../../autodiff/remote_array.ts";
import { sameShape } from "../../autodiff/shape.ts";
import { broadcastArray, viewOf } from "../../autodiff/views.ts";
import { type Length, lengthOf, liftedOptions } from "./lengths.ts";

/** An operation as it ran. */
interface Ran {
  name: string;
  inputs: readonly NdArray[];
  options: unknown;
  output: NdArray;
}

/** Notes every operation on numbers that depend on the inputs, views included. */
class Tracer extends Recorder {
  readonly ran: Ran[] = [];
  readonly #known: Set<TypedArray>;
  #inside = false;

  constructor(inputs: readonly NdArray[]) {
    super(null, null);
    this.#known = new Set(inputs.map(({ data }) => data));
  }

  override run<Options>(
    primitive: Forward<Options>,
    inputs: readonly AnyArray[],
    options: Options,
    shape: Shape,
    save: (array: AnyArray) => void,
  ): AnyArray {
    const compute = () => super.run(primitive, inputs, options, shape, save);
    return this.#inside ? compute() : this.#noted(primitive.name, inputs, options, compute, (array) => array);
  }

  override lookup<T extends { array: AnyArray }>(
    name: string,
    inputs: readonly AnyArray[],
    options: unknown,
    find: () => T,
  ): T {
    return this.#inside ? find() : this.#noted(name, inputs, options, find, ({ array }) => array);
  }

  /** Notes an operation as a whole, unless it is of constants. */
  #noted<T>(name: string, inputs: readonly AnyArray[], options: unknown, compute: () => T, arrayOf: (found: T) => AnyArray): T {
    const depends = inputs.some((input) => this.#known.has(here(input).data));
    this.#inside = true;
    try {
      const found = compute();
      if (depends) {
        const output = here(arrayOf(found));
        this.ran.push({ name, inputs: inputs.map(here), options, output });
        this.#known.add(output.data);
      }
      return found;
    } finally {
      this.#inside = false;
    }
  }

  override changes({ data }: NdArray): boolean {
    return !this.#inside && this.#known.has(data);
  }
}

/** A constant of a trace: its numbers, or along an axis of the batch's length, those of one row. */
export interface Constant {
  array: NdArray;
  shape: readonly Length[];
}

/** An input of an operation: what an earlier one gave, by number (inputs of the model come first), or a constant. */
export type Source = number | Constant;

/** An operation, for every number of rows. */
export interface Operation {
  name: string;
  inputs: readonly Source[];
  // deno-lint-ignore no-explicit-any
  options: any;
  shape: readonly Length[];
  dtype: NdArray["dtype"];
}

/** The operations of a function of rows. Values are numbered: the inputs, then the result of each operation. */
export interface Traced {
  operations: readonly Operation[];
  output: Source;
}

/** One run. */
interface Run {
  rows: number;
  inputs: readonly NdArray[];
  ran: readonly Ran[];
  output: NdArray;
}

/**
 * Traces a function on several numbers of rows, so that lengths which follow that number are known from others.
 * @param inputsOf makes inputs of so many rows, with other numbers for each
 * @throws {RangeError} if the operations depend on values or otherwise on the number of rows
 */
export function traced(inputsOf: (rows: number) => readonly Tensor[], compute: (inputs: Tensor[]) => Tensor): Traced {
  const runs = [3, 5, 2].map((rows) => run(rows, inputsOf(rows), compute));
  const places = runs.map(({ inputs }) => new Map(inputs.map((input, i) => [input, i])));
  const [{ ran, inputs }] = runs, operations: Operation[] = [];
  if (runs.some((other) => other.ran.length !== ran.length)) throw varies("its number of operations");
  const sourceOf = (arrays: readonly NdArray[], what: string): Source => {
    const [first, ...others] = arrays.map((array, k) => places[k].get(array));
    if (first !== undefined) {
      if (others.some((place) => place !== first)) throw varies(what);
      return first;
    }
    return constantOf(arrays, runs, what);
  };
  ran.forEach(({ name, inputs: given, output: { dtype } }, i) => {
    const all = runs.map(({ ran }) => ran[i]), what = `operation ${i + 1}, ${name},`;
    if (all.some((other) => other.name !== name || other.inputs.length !== given.length)) throw varies(what);
    operations.push({
      name,
      inputs: given.map((_, k) => sourceOf(all.map(({ inputs }) => inputs[k]), what)),
      options: liftedOptions(
        all.map(({ options }) => options),
        runs.map(({ rows }) => rows),
        () => varies(`an option of ${what}`),
      ),
      shape: lengthsOf(all.map(({ output }) => output.shape), runs, what),
      dtype,
    });
    all.forEach(({ output }, k) => places[k].set(output, inputs.length + i));
  });
  return { operations, output: sourceOf(runs.map(({ output }) => output), "the output") };
}

function run(rows: number, inputs: readonly Tensor[], compute: (inputs: Tensor[]) => Tensor): Run {
  const arrays = inputs.map(({ array }) => here(array)), tracer = new Tracer(arrays);
  let output: Tensor;
  recordedBy(tracer, () => output = noGrad(() => compute([...inputs])));
  const decides = tracer.entries.some((entry) => "decide" in entry && entry.decided !== undefined);
  const why = tracer.refused ?? (decides ? "it decides by values which operations come next" : null);
  if (why !== null) {
    const last = tracer.ran.at(-1)?.name;
    throw new RangeError(
      `Cannot export the model: ${why}${
        last === undefined ? "" : `, after the operation ${last}`
      }; wanted a forward() of tensor ` +
        "operations alone",
    );
  }
  if (!(output! instanceof Tensor)) throw new TypeError("Cannot export the model: its forward() returns no tensor");
  return { rows, inputs: arrays, ran: tracer.ran, output: here(output.array) };
}

function lengthsOf(shapes: readonly Shape[], runs: readonly Run[], what: string): Length[] {
  if (shapes.some(({ length }) => length !== shapes[0].length)) throw varies(`the shape of ${what}`);
  return shapes[0].map((_, axis) =>
    lengthOf(shapes.map((shape) => shape[axis]), runs.map(({ rows }) => rows), () => varies(`the shape of ${what}`))
  );
}

/** A constant that is the same for all numbers of rows, or repeats one row. */
function constantOf(arrays: readonly NdArray[], runs: readonly Run[], what: string): Constant {
  const shape = lengthsOf(arrays.map(({ shape }) => shape), runs, what);
  const [first, ...others] = arrays.map((array) => firstRow(array, shape));
  if (others.every((other) => sameNumbers(first, other))) return { array: first, shape };
  throw new RangeError(
    `Cannot export the model: a constant of ${what} differs from row to row, or was computed from values that it read; wanted ` +
      "tensor operations on the input",
  );
}

/** The array with length 1 along each axis that follows the number of rows; `array` itself, if they are not all equal. */
function firstRow(array: NdArray, lengths: readonly Length[]): NdArray {
  if (lengths.every((length) => typeof length === "number")) return array;
  const short = array.shape.map((length, axis) => typeof lengths[axis] === "number" ? length : 1);
  const found = viewOf(array, short, array.stride);
  return sameNumbers(broadcastArray(found, array.shape), array) ? found : array;
}

function sameNumbers(a: NdArray, b: NdArray): boolean {
  if (a.data === b.data && a.offset === b.offset && sameShape(a.shape, b.shape) && sameShape(a.stride, b.stride)) return true;
  return sameShape(a.shape, b.shape) && sameBits(contiguousData(a), contiguousData(b));
}

function varies(what: string): RangeError {
  return new RangeError(
    `Cannot export the model: ${what} does not follow the number of rows on a line; wanted the same operations for any number of rows`,
  );
}
