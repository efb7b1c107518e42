import type { Rows } from "./data_set.ts";
import type { Split } from "./split.ts";

/**
 * Rows of the candidate data that the safety data has as well, with equal features, label and columns: [candidate row, safety row].
 * Such a row is no new evidence: the model was trained on it.
 */
export function sharedRows({ candidate, safety }: Split): [candidate: number, safety: number][] {
  const known = new Map<string, number[]>(), shared: [number, number][] = [];
  for (let row = 0; row < candidate.size; row++) {
    const key = digest(candidate.at([row])), rows = known.get(key);
    if (rows === undefined) known.set(key, [row]);
    else rows.push(row);
  }
  for (let row = 0; row < safety.size; row++) {
    const found = safety.at([row]), other = known.get(digest(found))?.find((one) => equalRows(candidate.at([one]), found));
    if (other !== undefined) shared.push([other, row]);
  }
  return shared;
}

function numbersOf({ features, labels, columns }: Rows): number[] {
  return [...features.data, ...labels.data, ...Array.from(columns.values(), ([value]) => value)];
}

function equalRows(a: Rows, b: Rows): boolean {
  const other = numbersOf(b);
  return numbersOf(a).every((value, i) => value === other[i]);
}

/** 64 bits of a row (FNV-1a, Fowler, Noll and Vo, and a second one with another multiplier). */
function digest(row: Rows): string {
  const words = new Uint32Array(Float64Array.from(numbersOf(row), (x) => x + 0).buffer);
  let a = 0x811c9dc5, b = 0x9e3779b9;
  for (const word of words) {
    a = Math.imul(a ^ word, 0x01000193);
    b = Math.imul((b ^ word) + (b >>> 15), 0x85ebca6b);
  }
  return `${a} ${b}`;
}
