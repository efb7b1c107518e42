/** The keys as texts, one per row. */
export const shown = (keys: Uint32Array) =>
  Array.from({ length: keys.length / 2 }, (_, i) => `${keys[2 * i]} ${keys[2 * i + 1]}`);
