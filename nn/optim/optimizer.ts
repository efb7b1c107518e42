import { Tensor } from "../../autodiff/mod.ts";
import { contiguousData, isContiguous, noteWrite } from "../../autodiff/ndarray.ts";
import { noteOverwritten } from "../../autodiff/overwrites.ts";
import { checkArgument, isRecord, type Kind } from "../../autodiff/options.ts";
import { here, isRemote } from "../../autodiff/remote_array.ts";
import { type Module, namedParameters } from "../module.ts";

/** Updates parameters in place by their gradients. */
export interface Optimizer<Settings = object> {
  /**
   * Does one update. As in PyTorch the gradients stay: {@link Optimizer.zeroGrad} before the next backward pass, or further passes
   * add to them.
   * @param factor multiplies the learning rates, as from a schedule; default 1
   */
  step(factor?: number): void;
  /** Sets the gradients to zero. */
  zeroGrad(): void;
  /** The groups of parameters with their options, which may be changed between steps, as in `paramGroups[0].lr = 1e-4`. */
  readonly paramGroups: (Settings & { readonly params: readonly Tensor[] })[];
}

/** What an optimiser trains: a model, a parameter, or several of them, as from `nn.namedParameters(model).values()`. */
export type Trainable = Module | Tensor | Iterable<Module | Tensor>;

/** Parameters with their options. */
export type ParameterGroup<Options> = Options & {
  /** The parameters of the group. */
  params: Trainable;
};

/** Flat numbers. */
export type Flat = Float32Array | Float64Array;

/** The update of one array by its gradient; it remembers what it needs between calls. */
export type Update = (theta: Flat, gradient: Flat, factor: number) => void;

/** The rule of an optimiser. */
export interface Rule<Options, Settings> {
  /** What it does, in messages. */
  action: string;
  /** The options with defaults. */
  settingsOf(options: Options): Settings;
  /** The update of one array; it reads its settings at each step. */
  updateOf(settings: Settings): Update;
}

/**
 * An optimiser of a model, of parameters or groups of them, as in `adam(model, options)`, or of flat arrays, as in
 * `adam(theta, gradient, options)`.
 */
export function optimizerOf<Options extends object, Settings extends object>(
  { action, settingsOf, updateOf }: Rule<Options, Settings>,
  given: Trainable | Iterable<ParameterGroup<Options>> | Float32Array,
  second: Options | Float32Array = {} as Options,
  third: Options = {} as Options,
): Optimizer<Settings> {
  if (given instanceof Float32Array || ArrayBuffer.isView(second)) {
    const theta = given as Float32Array, gradient = second as Float32Array;
    checkFlat(theta, gradient);
    const group = { ...settingsOf(third), params: [] }, update = updateOf(group);
    return {
      step(factor = 1) {
        noteOverwritten(theta);
        update(theta, gradient, factor);
      },
      zeroGrad: () => void gradient.fill(0),
      paramGroups: [group],
    };
  }
  const shared = second as Options,
    groups = isGroups<Options>(given) ? [...given] : [{ params: given } as ParameterGroup<Options>];
  settingsOf(shared);
  const seen = new Set<Tensor>(), updates: [parameter: Tensor, update: Update][] = [];
  const paramGroups = groups.map(({ params, ...own }) => {
    const group = { ...settingsOf({ ...shared, ...own } as Options), params: trainedOf(action, params) };
    for (const parameter of group.params) {
      if (seen.has(parameter)) throw new RangeError(`Cannot ${action}: a parameter is given twice`);
      seen.add(parameter);
      updates.push([parameter, updateOf(group)]);
    }
    return group;
  });
  if (seen.size === 0) throw new RangeError(`Cannot ${action}: no parameter is trained; wanted one with requiresGrad`);
  return {
    step(factor = 1) {
      for (const [parameter, update] of updates) {
        if (parameter.grad !== null) {
          update(storageOf(action, parameter), contiguousData(here(parameter.grad.array)) as Flat, factor);
        }
      }
    },
    zeroGrad: () => seen.forEach(zeroed),
    paramGroups,
  };
}

/** The parameters that have gradients. @throws {TypeError} for other values */
export function trainedOf(action: string, given: Trainable): Tensor[] {
  if (given instanceof Tensor) return given.requiresGrad ? [given] : [];
  if (isModel(given)) return [...namedParameters(given).values()].filter(({ requiresGrad }) => requiresGrad);
  checkArgument(action, "what to train", given, trainable);
  return [...given].flatMap((one) => {
    checkArgument(action, "a parameter", one, parameterKind);
    return trainedOf(action, one);
  });
}

function isModel(given: unknown): given is Module {
  return typeof (given as Partial<Module> | null)?.forward === "function";
}

function isGroups<Options>(given: unknown): given is Iterable<ParameterGroup<Options>> {
  return Array.isArray(given) && given.length > 0 && given.every((one) => isRecord(one) && "params" in one);
}

const parameterKind: Kind = {
  type: "object",
  wanted: "a model or a tensor",
  holds: (value) => value instanceof Tensor || isModel(value),
};
const trainable: Kind = {
  type: "object",
  wanted: "a model, its parameters, or groups of them, as in [{ params: model, lr: 0.1 }]",
  holds: (value) => value !== null && Symbol.iterator in (value as object) && !ArrayBuffer.isView(value),
};

/** The numbers of a parameter, in row-major order, to be overwritten. */
function storageOf(action: string, parameter: Tensor): Flat {
  const { array } = parameter;
  if (isRemote(array)) throw new TypeError(`Cannot ${action} on the ${parameter.device}: use optim.adamOf() or optim.sgdOf()`);
  if (!isContiguous(array)) parameter.moveTo(parameter.clone().array);
  const { data, offset, size } = here(parameter.array);
  noteWrite(data);
  const numbers = data.subarray(offset, offset + size) as Flat;
  noteOverwritten(numbers);
  return numbers;
}

function zeroed(parameter: Tensor): void {
  const { grad } = parameter;
  if (grad === null) return;
  const { array } = grad;
  if (isRemote(array) || !isContiguous(array)) parameter.grad = null;
  else array.data.fill(0, array.offset, array.offset + array.size);
}

/** Zeros for what an update remembers. */
export function memoryFor(theta: Flat): Flat {
  return theta instanceof Float64Array ? new Float64Array(theta.length) : new Float32Array(theta.length);
}

const flat: Kind = {
  type: "object",
  wanted: "a Float32Array, as from nn.flatParameters()",
  holds: (value) => value instanceof Float32Array,
};

/**
 * @throws {TypeError} unless both are flat arrays
 * @throws {RangeError} if their lengths differ
 */
function checkFlat(theta: Float32Array, gradient: Float32Array): void {
  for (const [name, values] of Object.entries({ theta, gradient })) checkArgument("change parameters", name, values, flat);
  if (theta.length === gradient.length) return;
  throw new RangeError(
    `Cannot change ${theta.length} parameters by a gradient of ${gradient.length} numbers: wanted one for each parameter`,
  );
}
