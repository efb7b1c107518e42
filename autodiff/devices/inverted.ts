import type { TypedArray } from "../dtype.ts";

/** The elements that go to each place i of a result: `order` from `starts[i]` to before `starts[i + 1]`. */
export function inverted(positions: TypedArray, size: number): { starts: Int32Array; order: Int32Array } {
  const starts = new Int32Array(size + 1), order = new Int32Array(Math.max(1, positions.length));
  for (let i = 0; i < positions.length; i++) starts[positions[i] + 1]++;
  for (let i = 0; i < size; i++) starts[i + 1] += starts[i];
  const next = starts.slice();
  for (let i = 0; i < positions.length; i++) order[next[positions[i]]++] = i;
  return { starts, order };
}
