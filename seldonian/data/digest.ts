import { Tensor } from "../../autodiff/mod.ts";
import { chunkSize, type Rows, type Source } from "./data_set.ts";
import { wordsOf } from "./item_words.ts";

/** SHA-256 in hexadecimal digits. */
export async function sha256(bytes: Uint8Array | string): Promise<string> {
  const given = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(given));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * SHA-256 of data: of its shape, column names, exclusive columns, and the digests of pieces of some hundred rows, clusters
 * included. So the data need not fit in memory. The order of rows matters.
 */
export async function digestOf(data: Source): Promise<string> {
  const names = data.columnNames.toSorted(), digests: string[] = [], { exclusive, hasClusters } = data;
  for await (const rows of data.chunks(chunkSize)) {
    digests.push(await sha256(bytesOf(rows, names)));
    if (rows.clusters !== undefined) digests.push(await sha256(JSON.stringify(Array.from(rows.clusters))));
  }
  return await sha256(JSON.stringify({
    rows: data.size,
    rowShape: data.rowShape,
    names,
    digests,
    ...(hasClusters && { hasClusters }),
    ...(exclusive.length > 0 && { exclusive }),
  }));
}

/** Features, labels and columns as bytes: numbers as stored, items by content. Equal rows have equal bytes. */
function bytesOf({ features, labels, columns }: Rows, names: readonly string[]): Uint8Array {
  const parts = [featureBytes(features), partOf(labels), ...names.map((name) => partOf(columns.get(name)!))];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function featureBytes(features: unknown): Uint8Array {
  if (!Array.isArray(features)) return partOf(features);
  const items = features.map((item, row) => wordsOf(item, row));
  const words = new Int32Array(items.reduce((sum, { length }) => sum + 1 + length, 0));
  let at = 0;
  for (const item of items) {
    words[at++] = item.length;
    words.set(item, at);
    at += item.length;
  }
  return partOf(words);
}

function partOf(part: unknown): Uint8Array {
  // Whether numbers are stored as bytes depends on the other rows, so they become float64.
  const data = part instanceof Tensor ? part.data : part instanceof Uint8Array ? Float64Array.from(part) : part;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const text = JSON.stringify(part, (_, value) => value instanceof Tensor ? [...value.data] : value);
  return new TextEncoder().encode(text);
}
