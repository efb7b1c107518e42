/** Uniform random numbers from a seed, for streams of many outcomes (T. Ettinger's Mulberry32). */
export function uniforms(seed: number): () => number {
  let state = seed * 2654435761 % 4294967296;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}
