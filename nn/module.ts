import { type Shape, Tensor, zeros } from "../autodiff/mod.ts";
import { checkArgument, type Kind, oneOf, whole } from "../autodiff/options.ts";
import { mersenne, type RandomGenerator } from "../deps.ts";
import { Parameter } from "./parameter.ts";

/** Settings of one forward pass. */
export interface Pass {
  /** Whether this is training: dropout drops, and batch normalisation uses the batch's moments. */
  training: boolean;
  /** The generator for random layers. */
  random: RandomGenerator;
}

/**
 * A function with parameters. They are found by walking its fields: there is no registration and no base class. Training
 * copies a model field by field, so use ordinary fields, not #private ones. Its input is a tensor [rows, …], or whatever the data
 * set has: several tensors by name, or a list of items of any kind.
 */
// deno-lint-ignore no-explicit-any
export interface Module<X = any> {
  /**
   * Returns predictions for rows.
   * @param pass whether this is training, and its random numbers; left out: evaluation
   */
  forward(x: X, pass?: Pass): Tensor;
  /**
   * What else decides the outputs, such as a limit: numbers, texts and lists of them, by name. They are in the model's file, and a
   * model with others does not load it.
   */
  fileSettings?(): Readonly<Record<string, unknown>>;
}

/** An object with `forward()`. */
export const modelKind: Kind = {
  type: "object",
  wanted: "a model, an object with forward(), such as new nn.LogisticRegression(2)",
  holds: (value) => value !== null && typeof (value as Partial<Module>).forward === "function",
  needed: true,
};

/** @throws {TypeError} unless it is a model */
export function requireModel(action: string, model: unknown): void {
  checkArgument(action, "the model", model, modelKind);
}

/**
 * The parameters of a model, trained or not, under PyTorch's names, such as "0.weight", in the order of its fields: the contents
 * of its file.
 */
export function namedParameters(model: Module): Map<string, Parameter> {
  requireModel("find parameters", model);
  const found = new Map<string, Parameter>();
  visitParts(model, (part, name) => {
    if (part instanceof Parameter) found.set(name, part);
  });
  return found;
}

/** The settings of a model and of its parts, by name: see {@link Module.fileSettings}. */
export function settingsIn(model: Module): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  visitParts(model, (part, name) => {
    const { fileSettings } = part as Partial<Module>;
    if (typeof fileSettings !== "function") return;
    for (const [key, value] of Object.entries(fileSettings.call(part))) found[joinedName(name, key)] = value;
  });
  return found;
}

/**
 * Runs `compute`; returns the values of fields, before it, that are others after it. A forward pass that changes one may have a
 * state, such as a count of its calls.
 */
export function changedFields(model: Module, compute: () => void): unknown[] {
  const before = fieldsIn(model);
  compute();
  const after = fieldsIn(model), changed = before.filter((value, i) => !Object.is(value, after[i]));
  return after.length > before.length ? [...changed, undefined] : changed;
}

/** The tensors, numbers, texts and truth values in a model's fields, lists, maps and typed arrays. */
function fieldsIn(model: Module): unknown[] {
  const found: unknown[] = [], seen = new Set<unknown>();
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null || value instanceof Tensor) return void found.push(value);
    if (seen.has(value)) return;
    seen.add(value);
    if (ArrayBuffer.isView(value)) {
      for (const byte of new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) found.push(byte);
    } else heldBy(value).forEach(visit);
  };
  visit(model);
  return found;
}

/** What an object, list, map or set has in it. */
function heldBy(value: object): unknown[] {
  return value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value);
}

/** Visits the objects in a model's fields, each once, with their names. */
function visitParts(model: Module, see: (part: object, name: string) => void): void {
  const seen = new Set<unknown>();
  const visit = (value: unknown, name: string) => {
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
    seen.add(value);
    see(value, name);
    if (value instanceof Tensor) return;
    for (const [key, field] of Object.entries(value)) visit(field, joinedName(name, key));
  };
  visit(model, "");
}

function joinedName(name: string, key: string): string {
  return name === "" ? key : `${name}.${key}`;
}

/** Every tensor in a model's fields (parameters, and tensors kept from earlier inputs), and their gradients. */
export function* tensorsOf(model: Module): Generator<Tensor> {
  const seen = new Set<unknown>(), pending: unknown[] = [model];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) continue;
    seen.add(value);
    if (!(value instanceof Tensor)) pending.push(...heldBy(value));
    else {
      yield value;
      pending.push(value.grad);
    }
  }
}

/** Draws initial values, as PyTorch does, for every parameter without values. The same seed gives the same bits. */
export function initialize<M extends Module>(model: M, seed: number): M {
  requireModel("initialise", model);
  checkArgument("initialise", "the seed", seed, whole());
  const random = mersenne(seed);
  for (const parameter of namedParameters(model).values()) {
    if (!parameter.filled) parameter.fill((place) => parameter.initial(random, place));
  }
  return model;
}

/** Freezes all parameters of a module, like `requires_grad_(False)` in PyTorch: its layers' gradients are not computed. */
export function freeze<M extends Module>(model: M): M {
  requireModel("freeze", model);
  for (const parameter of namedParameters(model).values()) parameter.requiresGrad = false;
  return model;
}

/**
 * Converts all parameters of a module in place, like `to(dtype)` in PyTorch: its layers then take tensors of this dtype.
 * `train()` needs float32.
 */
export function castModule<M extends Module>(model: M, dtype: "float32" | "float64"): M {
  requireModel("cast", model);
  checkArgument("cast a model", "dtype", dtype, oneOf("float32", "float64"));
  for (const parameter of namedParameters(model).values()) {
    if (parameter.dtype === dtype) continue;
    parameter.moveTo(zeros(parameter.shape, dtype).array);
    parameter.grad = null;
  }
  return model;
}

/** A model's parameters as one flat array, trained ones first, and the gradients of the trained ones. */
export interface FlatParameters {
  /** The trained parameters, in the order of {@link namedParameters}. */
  theta: Float32Array;
  /** Their gradients, in the same order. */
  gradient: Float32Array;
  /** `theta`, then the parameters that are not trained. A copy of it can restore the model. */
  state: Float32Array;
  /** The parameters in the order of `state`. */
  parameters: readonly Parameter[];
}

/**
 * Moves a model's parameters into one flat array, whose views they become, and their gradients into another.
 * @throws {TypeError} for a parameter in float64
 */
export function flatParameters(model: Module): FlatParameters {
  requireModel("flatten", model);
  const found = [...namedParameters(model).values()], trained = found.filter(({ requiresGrad }) => requiresGrad);
  const parameters = [...trained, ...found.filter(({ requiresGrad }) => !requiresGrad)];
  const sizeOf = (of: Parameter[]) => of.reduce((sum, { size }) => sum + size, 0);
  const state = new Float32Array(sizeOf(parameters)), gradient = new Float32Array(sizeOf(trained));
  let offset = 0;
  for (const parameter of parameters) {
    const { shape, size, dtype } = parameter;
    if (dtype !== "float32") {
      throw new TypeError(`Cannot flatten parameters in ${dtype}: wanted float32, as after nn.castModule(model, "float32")`);
    }
    parameter.moveTo(windowOn(state, shape, offset, size).array);
    if (parameter.requiresGrad) parameter.grad = windowOn(gradient, shape, offset, size);
    offset += size;
  }
  return { theta: state.subarray(0, gradient.length), gradient, state, parameters };
}

/**
 * A deep copy of a model. It shares no mutable state with the original: parameters, tensors, typed arrays, lists, maps, sets and
 * objects in its fields are copied, each once. Functions are shared, with everything they close over.
 * @throws {TypeError} for a field that is a bound function, or an arrow function with `this`
 */
export function cloneModule<M extends Module>(model: M): M {
  requireModel("copy", model);
  const copies = new Map<unknown, unknown>();
  const copy = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    const keep = <T>(twin: T): T => {
      copies.set(value, twin);
      return twin;
    };
    if (value instanceof Parameter) {
      const twin = keep(new Parameter(value.shape, value.initial, { requiresGrad: value.requiresGrad, dtype: value.dtype }));
      if (value.filled) {
        const { data } = value;
        twin.fill((i) => data[i]);
      }
      return twin;
    }
    if (value instanceof Tensor) return keep(value.requiresGrad ? value.detach().clone().withGrad() : value.detach().clone());
    if (value instanceof Map) {
      const twin = keep(new Map());
      for (const [key, held] of value) twin.set(copy(key), copy(held));
      return twin;
    }
    if (value instanceof Set) {
      const twin = keep(new Set());
      for (const held of value) twin.add(copy(held));
      return twin;
    }
    if (value instanceof DataView) {
      return keep(new DataView(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) as ArrayBuffer));
    }
    // Copies the view only: its whole buffer may be large.
    if (ArrayBuffer.isView(value)) return keep((value as Float32Array).slice());
    if (value instanceof ArrayBuffer || value instanceof Date || value instanceof RegExp) return keep(structuredClone(value));
    const twin = keep(Array.isArray(value) ? [] : Object.create(Object.getPrototypeOf(value)));
    if (Array.isArray(value)) twin.length = value.length;
    for (const key of Reflect.ownKeys(value)) {
      const field = Object.getOwnPropertyDescriptor(value, key)!;
      if (keepsThis(field.value)) {
        throw new TypeError(
          `Cannot copy a model whose field "${
            String(key)
          }" is a function with the original's \`this\`: it would go on to use the original's ` +
            "parameters; make it a method",
        );
      }
      // Hidden fields belong to this model alone and are not copied.
      if (field.enumerable) Object.defineProperty(twin, key, "value" in field ? { ...field, value: copy(field.value) } : field);
    }
    return twin;
  };
  return copy(model) as M;
}

/** Whether a function is tied to its object's `this`. */
function keepsThis(value: unknown): boolean {
  if (typeof value !== "function") return false;
  return value.name.startsWith("bound ") ||
    (!("prototype" in value) && /^(async\s*)?(\([^]*?\)|\w+)\s*=>[^]*\bthis\s*(\?\.|[.[])/.test(`${value}`));
}

function windowOn(flat: Float32Array, shape: Shape, offset: number, size: number): Tensor {
  return size === 0 ? zeros(shape) : Tensor.from(flat.subarray(offset, offset + size), shape);
}
