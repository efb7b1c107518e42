/**
 * Keys of rows: 64 bits that depend only on the numbers and texts of a row, the same in every runtime. They are neither secret
 * nor a signature: two rows with one key can be made on purpose, and by chance n rows contain two with probability n² / 2⁶⁵.
 * @module
 */
import { Tensor } from "../../autodiff/mod.ts";
import { hashOf, RowHashes, tags } from "./row_hashes.ts";

/** The inputs of {@link rowKeysOf}. */
export interface KeyedParts {
  /** Features for a model's `forward`: a tensor [rows, …], several by name, or a list of items of any kind. */
  features?: unknown;
  labels?: ArrayLike<number>;
  /** Numbers or texts by name; tensors [rows, …] of several numbers a row. */
  columns: ReadonlyMap<string, ArrayLike<number> | readonly string[] | Tensor>;
}

/** The keys of rows, two words each: of their features, label, and columns by their sorted names. */
export function rowKeysOf({ features, labels, columns }: KeyedParts, rows: number): Uint32Array {
  const hashes = new RowHashes(rows);
  if (features !== undefined) takeFeatures(hashes, features);
  if (labels !== undefined) {
    hashes.tag(tags.label, 1);
    hashes.numbers(labels, 1);
  }
  for (const name of [...columns.keys()].sort()) {
    const values = columns.get(name)!;
    hashes.tag(...hashOf(name));
    if (values instanceof Tensor) takeTensor(hashes, values);
    else if (values.length === 0) continue;
    else if (isTexts(values)) hashes.texts(values);
    else {
      hashes.tag(tags.number, 1);
      hashes.numbers(values, 1);
    }
  }
  return hashes.keys();
}

/**
 * The keys of features for a model's `forward`: a tensor [rows, …], several by name, or a list of items.
 * @throws {TypeError} for functions and symbols, with the row
 */
export function featureKeys(features: unknown, rows: number): Uint32Array {
  const hashes = new RowHashes(rows);
  takeFeatures(hashes, features);
  return hashes.keys();
}

function takeFeatures(hashes: RowHashes, features: unknown): void {
  if (Array.isArray(features)) return hashes.items(features);
  const named = features instanceof Tensor
    ? [["", features] as const]
    : Object.entries(features as Record<string, Tensor>).sort(([a], [b]) => a < b ? -1 : 1);
  for (const [name, tensor] of named) {
    if (features !== tensor) hashes.tag(...hashOf(name));
    takeTensor(hashes, tensor);
  }
}

function takeTensor(hashes: RowHashes, { size, data }: Tensor): void {
  const width = size / Math.max(1, hashes.rows);
  hashes.tag(tags.features, width);
  hashes.numbers(data, width);
}

function isTexts(values: ArrayLike<number> | readonly string[]): values is readonly string[] {
  return Array.isArray(values) && typeof values[0] === "string";
}

/** The keys of the rows with these numbers. */
export function keysAt(keys: Uint32Array, rows: ArrayLike<number>): Uint32Array {
  const found = new Uint32Array(2 * rows.length);
  for (let i = 0; i < rows.length; i++) {
    found[2 * i] = keys[2 * rows[i]];
    found[2 * i + 1] = keys[2 * rows[i] + 1];
  }
  return found;
}

/** Keys as one number each; a view, no copy. */
export function wholeKeys(keys: Uint32Array): BigUint64Array {
  return new BigUint64Array(keys.buffer, keys.byteOffset, keys.length / 2);
}

/** The keys of consecutive pieces. */
export function joinedKeys(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
