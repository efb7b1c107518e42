/**
 * Parts of the kit that this package's core does not load, such as policies and their measures: they have no state and no variables,
 * so steps made of them are replayed as those of the core's parts.
 */
export const stateless = new WeakSet<object>();
