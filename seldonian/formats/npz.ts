import { Tensor, type TypedArray } from "../../autodiff/mod.ts";
import { claimedSize, showShape } from "../../autodiff/shape.ts";
import { bytes as bytesKind, checkArgument, checkOptions } from "../../autodiff/options.ts";
import { halfPrecision } from "../../nn/half_precision.ts";
import { loadUnzip } from "../../deps.ts";
import { checkContents, type Limits, limitsKind } from "../tables/limits.ts";
import { crc32 } from "./crc32.ts";

/** NumPy's type names without byte order, with their readers; types that do not exist here become the nearest that does. */
const readers: Record<string, { bytes: number; values: (buffer: ArrayBuffer) => TypedArray }> = {
  f2: { bytes: 2, values: (buffer) => Float32Array.from(new Uint16Array(buffer), halfPrecision) },
  f4: { bytes: 4, values: (buffer) => new Float32Array(buffer) },
  f8: { bytes: 8, values: (buffer) => new Float64Array(buffer) },
  i4: { bytes: 4, values: (buffer) => new Int32Array(buffer) },
  i8: { bytes: 8, values: (buffer) => Float64Array.from(new BigInt64Array(buffer), Number) },
  i2: { bytes: 2, values: (buffer) => Int32Array.from(new Int16Array(buffer)) },
  i1: { bytes: 1, values: (buffer) => Int32Array.from(new Int8Array(buffer)) },
  u1: { bytes: 1, values: (buffer) => Int32Array.from(new Uint8Array(buffer)) },
  u2: { bytes: 2, values: (buffer) => Int32Array.from(new Uint16Array(buffer)) },
  u4: { bytes: 4, values: (buffer) => Float64Array.from(new Uint32Array(buffer)) },
  u8: { bytes: 8, values: (buffer) => Float64Array.from(new BigUint64Array(buffer), Number) },
  b1: { bytes: 1, values: (buffer) => Int32Array.from(new Uint8Array(buffer)) },
};

/**
 * Reads an array written by `numpy.save`. float32, float64 and int32 are kept, float16 becomes float32, smaller integers and
 * truth values become int32, larger ones float64.
 * Source: the NPY format, versions 1 to 3, as NumPy documents it.
 * @throws {RangeError} for another file, a truncated one, or contents other than numbers
 */
export function readNpy(bytes: Uint8Array, name = "the array"): Tensor {
  checkArgument("read an array", "the file", bytes, bytesKind);
  const fail = (why: string) => new RangeError(`Cannot read ${name}: ${why}`);
  const magic = [0x93, ...new TextEncoder().encode("NUMPY")];
  if (!magic.every((byte, i) => bytes[i] === byte)) throw fail("it does not begin with \\x93NUMPY, as .npy files do");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), long = bytes[6] > 1;
  const start = long ? 12 : 10, length = bytes.length < start ? NaN : long ? view.getUint32(8, true) : view.getUint16(8, true);
  if (!(start + length <= bytes.length)) throw fail("its header is cut short");
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, start + length));
  const [, order, type] = /'descr':\s*'([<>|=]?)([a-zA-Z]\d+)'/.exec(header) ?? [],
    shapeText = /'shape':\s*\(([\d,\sL]*)\)/.exec(header)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  if (type === undefined || shapeText === undefined || fortran === undefined) throw fail(`its header is ${header.trim()}`);
  const lengths = shapeText.split(",").map((text) => text.trim()).filter((text) => text !== "");
  if (!lengths.every((text) => /^\d+L?$/.test(text))) throw fail(`its shape is (${shapeText})`);
  const shape = lengths.map((text) => parseInt(text));
  const reader = Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (reader === undefined) throw fail(`it holds ${type}; wanted one of ${Object.keys(readers).join(", ")}`);
  const size = claimedSize(shape, fail), end = start + length + size * reader.bytes;
  if (end !== bytes.length) {
    throw fail(`${showShape(shape)} of ${type} wants ${size * reader.bytes} bytes, and it has ${bytes.length - start - length}`);
  }
  const raw = bytes.slice(start + length, end);
  if (order === ">") { for (let i = 0; i < raw.length; i += reader.bytes) raw.subarray(i, i + reader.bytes).reverse(); }
  const values = reader.values(raw.buffer);
  return fortran === "True" ? Tensor.from(values, shape.toReversed()).transpose().clone() : Tensor.from(values, shape);
}

/**
 * Reads the arrays of a file written by `numpy.savez` or `savez_compressed`, by name. The unpacker (fflate) is loaded at the
 * first use.
 * @throws {RangeError} for another file, one whose checksums show that it was changed, or as {@link readNpy}
 * @throws {DataError} for more contents than the limit
 */
export async function readNpz(bytes: Uint8Array, options: { limits?: Limits } = {}): Promise<Map<string, Tensor>> {
  checkArgument("read the .npz file", "the file", bytes, bytesKind);
  const { limits } = checkOptions("read the .npz file", options, { limits: limitsKind });
  const unzip = await loadUnzip(), members = new Map<string, Member>(), arrays = new Map<string, Tensor>();
  const fail = (why: string, cause?: unknown) => new RangeError(`Cannot read the .npz file: ${why}`, { cause });
  let files: Record<string, Uint8Array>, size = 0, refused: Error | undefined;
  try {
    const sums = checksums(bytes);
    files = unzip(bytes, {
      filter({ name, originalSize }) {
        try {
          checkContents("the .npz file", bytes.length, size += originalSize, limits);
          if (members.has(name)) throw fail(`two arrays are named "${name}"`);
          // Such a member would not be in the result.
          if (name === "__proto__") throw fail(`no array can be named "${name}"`);
        } catch (error) {
          throw refused = error as Error;
        }
        members.set(name, { size: originalSize, sum: sums.next().value });
        return true;
      },
    });
    if (sums.next().done !== true) throw new RangeError("its directory has more members than it says");
  } catch (error) {
    throw refused ?? fail(`it is not a zip archive (${(error as Error).message})`, error);
  }
  for (const [member, { size, sum }] of members) {
    const name = member.replace(/\.npy$/, ""), content = files[member];
    if (content.length !== size || crc32(content) !== sum) throw fail(`"${name}" was changed or cut short: its checksum differs`);
    if (arrays.has(name)) throw fail(`two arrays are named "${name}"`);
    arrays.set(name, readNpy(content, `"${name}"`));
  }
  return arrays;
}

/** What a zip archive says of a member: the length of its contents, and their CRC-32. */
interface Member {
  size: number;
  sum: number | undefined;
}

/**
 * The CRC-32 of each member, in the order of the archive's directory; fflate does not tell. A member's name stands there, and
 * before its contents. Source: PKWARE, APPNOTE 6.3.10, 4.3.7 and 4.3.12 to 4.3.16.
 * @throws {RangeError} for two names of one member, and for a directory that goes on after the last member
 */
function* checksums(bytes: Uint8Array): Generator<number, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end--;
  const long = end >= 20 && view.getUint32(end - 20, true) === 0x07064b50;
  const last = long ? Number(view.getBigUint64(end - 12, true)) : end;
  let at = long ? Number(view.getBigUint64(last + 48, true)) : view.getUint32(end + 16, true);
  while (at < last) {
    const length = view.getUint16(at + 28, true), extra = view.getUint16(at + 30, true), place = view.getUint32(at + 42, true);
    // Beyond 4 GiB, the place stands elsewhere.
    for (let i = 0; place !== 0xffffffff && i < length; i++) {
      if (bytes[at + 46 + i] !== bytes[place + 30 + i]) throw new RangeError("a member has two names");
    }
    yield view.getUint32(at + 16, true);
    at += 46 + length + extra + view.getUint16(at + 32, true);
  }
}
