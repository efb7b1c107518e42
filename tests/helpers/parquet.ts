/** Writes Parquet files of whole numbers, with checksums, and lies about them. */
import { crc32 } from "node:zlib";
import { joinedBytes } from "../../seldonian/tables/bytes.ts";

/** A value of Thrift's compact protocol: a whole number, a text, a list of structures, texts or numbers, or a structure by fields. */
type Value = number | bigint | string | readonly Value[] | { readonly [field: number]: Value };

const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes);

function varint(number: number): Uint8Array {
  const bytes: number[] = [];
  for (; number > 127; number = Math.floor(number / 128)) bytes.push(number % 128 + 128);
  return bytesOf(...bytes, number);
}

const zigzag = (number: number) => varint(number < 0 ? -2 * number - 1 : 2 * number);

/** Types: 5 and 6 for numbers of 32 and 64 bits, 8 for texts, 9 for lists, 12 for structures. */
const typeOf = (value: Value) =>
  typeof value === "number" ? 5 : typeof value === "bigint" ? 6 : typeof value === "string" ? 8 : Array.isArray(value) ? 9 : 12;

function written(value: Value): Uint8Array {
  if (typeof value === "number" || typeof value === "bigint") return zigzag(Number(value));
  if (typeof value === "string") return joinedBytes([varint(value.length), new TextEncoder().encode(value)]);
  if (Array.isArray(value)) {
    return joinedBytes([bytesOf(0xf0 | typeOf(value[0])), varint(value.length), ...value.map(written)]);
  }
  const fields = Object.entries(value as Record<string, Value>);
  return joinedBytes([
    ...fields.flatMap(([field, of]) => [bytesOf(typeOf(of)), zigzag(Number(field)), written(of)]),
    bytesOf(0),
  ]);
}

/** What a file says of itself, where it differs from the truth. */
export interface Lies {
  rows?: number;
  groupRows?: number;
  values?: number;
  unpacked?: number;
  checksum?: number | null;
}

/** A file with one column of whole numbers for each list. */
export function parquetOf(columns: Readonly<Record<string, readonly number[]>>, lies: Lies = {}): Uint8Array {
  const pieces: Uint8Array[] = [bytesOf(80, 65, 82, 49)], names = Object.keys(columns);
  const rows = columns[names[0]].length;
  let at = 4;
  const parts = names.map((name) => {
    const page = new Uint8Array(Int32Array.from(columns[name]).buffer), { unpacked = page.length, values = rows } = lies;
    const checksum = lies.checksum === undefined ? crc32(page) | 0 : lies.checksum;
    // Plain values; levels do not occur, as the column is required.
    const header: Value = { 1: 0, 2: unpacked, 3: page.length, 5: { 1: values, 2: 0, 3: 3, 4: 3 } };
    const sum: Value = checksum === null ? {} : { 4: checksum };
    const chunk = joinedBytes([written({ ...header, ...sum }), page]), start = at;
    pieces.push(chunk);
    at += chunk.length;
    const size = BigInt(chunk.length);
    return { 2: BigInt(start), 3: { 1: 1, 2: [0], 3: [name], 4: 0, 5: BigInt(rows), 6: size, 7: size, 9: BigInt(start) } };
  });
  const schema = [{ 4: "root", 5: names.length }, ...names.map((name) => ({ 1: 1, 3: 0, 4: name }))];
  const group = { 1: parts, 2: BigInt(at - 4), 3: BigInt(lies.groupRows ?? rows) };
  const footer = written({ 1: 1, 2: schema, 3: BigInt(lies.rows ?? rows), 4: [group] });
  const length = new Uint8Array(Uint32Array.of(footer.length).buffer);
  return joinedBytes([...pieces, footer, length, bytesOf(80, 65, 82, 49)]);
}
