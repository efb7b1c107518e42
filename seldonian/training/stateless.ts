/**
 * Measures and objectives that this package's core does not load, such as those of policies: they have no state and no variables, so
 * steps made of them are replayed as those of the core's are.
 */
export const stateless = new WeakSet<object>();
