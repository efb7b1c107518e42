/** Layers that are functions of their input and parameters alone, without state or variables. @module */

/** Marks a class of such layers. */
export const pure: unique symbol = Symbol("pure");

/** Whether an object's class is marked; a subclass of a marked one may do something else. */
export function isPure(layer: object): boolean {
  return Object.hasOwn(Object.getPrototypeOf(layer) ?? {}, pure);
}
