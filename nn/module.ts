import { type Shape, Tensor, zeros } from "../autodiff/mod.ts";
import { mersenne, type RandomGenerator } from "../deps.ts";
import { Parameter } from "./parameter.ts";

/** What a layer may do differently in one pass. */
export interface Pass {
  /** Whether dropout drops. */
  training: boolean;
  /** Where random layers draw from. */
  random: RandomGenerator;
}

/**
 * A function with parameters. They are found by walking its fields; nothing is registered and no class is extended. Training
 * copies a model field by field, so what it needs stands in ordinary fields, not in #private ones. What it sees of rows is a tensor
 * [rows, …], or whatever the data set holds: several tensors by name, or a list of items of any kind.
 */
// deno-lint-ignore no-explicit-any
export interface Module<X = any> {
  /**
   * Predictions for rows; `pass` tells whether this is training, and has its random numbers.
   * @param pass left out: evaluation
   */
  forward(x: X, pass?: Pass): Tensor;
}

/**
 * The parameters of a model, trained or not, under the names that PyTorch gives them, such as "0.weight", in the order of its
 * fields: all that its file holds.
 */
export function namedParameters(model: Module): Map<string, Parameter> {
  const found = new Map<string, Parameter>(), seen = new Set<unknown>();
  const visit = (value: unknown, name: string) => {
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Parameter) found.set(name, value);
    else if (!(value instanceof Tensor)) {
      for (const [key, field] of Object.entries(value)) visit(field, name === "" ? key : `${name}.${key}`);
    }
  };
  visit(model, "");
  return found;
}

/** Every tensor in the fields of a model, parameters and what it keeps of earlier inputs, and their gradients. */
export function* tensorsOf(model: Module): Generator<Tensor> {
  const seen = new Set<unknown>(), pending: unknown[] = [model];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) continue;
    seen.add(value);
    if (!(value instanceof Tensor)) pending.push(...Object.values(value));
    else {
      yield value;
      pending.push(value.grad);
    }
  }
}

/** Gives every parameter that has no values its initial distribution's, as PyTorch draws them; the same seed, the same bits. */
export function initialize<M extends Module>(model: M, seed: number): M {
  const random = mersenne(seed);
  for (const parameter of namedParameters(model).values()) {
    if (!parameter.filled) parameter.fill(() => parameter.initial(random));
  }
  return model;
}

/** Has no parameter of a module trained, as `requires_grad_(False)` in PyTorch: no gradient of its layers is computed. */
export function freeze<M extends Module>(model: M): M {
  for (const parameter of namedParameters(model).values()) parameter.requiresGrad = false;
  return model;
}

/** A model's parameters as one flat array, of which those that are trained are the beginning, and the gradients of these. */
export interface FlatParameters {
  /** What is trained, in the order of {@link namedParameters}. */
  theta: Float32Array;
  /** In the same order. */
  gradient: Float32Array;
  /** `theta`, and after it what is not trained: with a copy of it the model can be brought back to where it was. */
  state: Float32Array;
  /** The parameters in the order of `state`. */
  parameters: readonly Parameter[];
}

/** Moves a model's parameters into one flat array, which they are views of from then on, and their gradients into another. */
export function flatParameters(model: Module): FlatParameters {
  const found = [...namedParameters(model).values()], trained = found.filter(({ requiresGrad }) => requiresGrad);
  const parameters = [...trained, ...found.filter(({ requiresGrad }) => !requiresGrad)];
  const sizeOf = (of: Parameter[]) => of.reduce((sum, { size }) => sum + size, 0);
  const state = new Float32Array(sizeOf(parameters)), gradient = new Float32Array(sizeOf(trained));
  let offset = 0;
  for (const parameter of parameters) {
    const { shape, size } = parameter;
    parameter.moveTo(windowOn(state, shape, offset, size).array);
    if (parameter.requiresGrad) parameter.grad = windowOn(gradient, shape, offset, size);
    offset += size;
  }
  return { theta: state.subarray(0, gradient.length), gradient, state, parameters };
}

/** A model of the same structure with its own copies of the parameters. */
export function cloneModule<M extends Module>(model: M): M {
  const copies = new Map<unknown, unknown>();
  const copy = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
    if (copies.has(value)) return copies.get(value);
    if (value instanceof Parameter) {
      const twin = new Parameter(value.shape, value.initial, value);
      if (value.filled) {
        const { data } = value;
        twin.fill((i) => data[i]);
      }
      copies.set(value, twin);
      return twin;
    }
    if (value instanceof Tensor) return value;
    const twin = Array.isArray(value) ? [] : Object.create(Object.getPrototypeOf(value));
    copies.set(value, twin);
    for (const [key, field] of Object.entries(value)) twin[key] = copy(field);
    return twin;
  };
  return copy(model) as M;
}

function windowOn(flat: Float32Array, shape: Shape, offset: number, size: number): Tensor {
  return size === 0 ? zeros(shape) : Tensor.from(flat.subarray(offset, offset + size), shape);
}
