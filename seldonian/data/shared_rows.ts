import { bytesOf } from "./digest.ts";
import type { DataSet } from "./data_set.ts";
import type { Split } from "./split.ts";

/**
 * Rows of the candidate data that the safety data has as well, with equal features, label and columns: [candidate row, safety row].
 * Such a row is no new evidence: the model was trained on it.
 */
export function sharedRows({ candidate, safety }: Split<DataSet>): [candidate: number, safety: number][] {
  const names = candidate.columnNames.toSorted(), bytesAt = (data: DataSet, row: number) => bytesOf(data.at([row]), names);
  const known = new Map<string, number[]>(), shared: [number, number][] = [];
  for (let row = 0; row < candidate.size; row++) {
    const key = shortDigest(bytesAt(candidate, row)), rows = known.get(key);
    if (rows === undefined) known.set(key, [row]);
    else rows.push(row);
  }
  for (let row = 0; row < safety.size; row++) {
    const found = bytesAt(safety, row);
    const same = known.get(shortDigest(found))?.find((other) => equal(bytesAt(candidate, other), found));
    if (same !== undefined) shared.push([same, row]);
  }
  return shared;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** 64 bits (FNV-1a, Fowler, Noll and Vo, and a second one with another multiplier). */
function shortDigest(bytes: Uint8Array): string {
  let a = 0x811c9dc5, b = 0x9e3779b9;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul((b ^ byte) + (b >>> 15), 0x85ebca6b);
  }
  return `${a} ${b}`;
}
