/** Layers that are functions of their input and parameters alone, without state or variables. @module */

/** Marks a class of such layers. */
export const pure: unique symbol = Symbol("pure");

/** Whether an object's class is marked `true`, or for a card in any way; a subclass of a marked one may do something else. */
export function isPure(layer: object, onCard = false): boolean {
  const made = Object.getPrototypeOf(layer) ?? {};
  return Object.hasOwn(made, pure) && (onCard || made[pure] === true);
}
