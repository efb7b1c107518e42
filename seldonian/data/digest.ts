import { chunkSize, type DataSet } from "./data_set.ts";

/** SHA-256 in hexadecimal digits. */
export async function sha256(bytes: Uint8Array | string): Promise<string> {
  const given = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(given));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * SHA-256 of a data set: of its shape, the columns' names, and the digests of its pieces of some hundred rows, so that it need not
 * lie in memory at once. The order of rows counts.
 */
export async function digestOf(data: DataSet): Promise<string> {
  const names = data.columnNames.toSorted(), digests: string[] = [];
  for (const { features, labels, columns } of data.chunks(chunkSize)) {
    const parts = [features.data, labels.data, ...names.map((name) => columns.get(name)!)];
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
      at += part.byteLength;
    }
    digests.push(await sha256(bytes));
  }
  return await sha256(JSON.stringify({ rows: data.size, featureShape: data.featureShape, names, digests }));
}
