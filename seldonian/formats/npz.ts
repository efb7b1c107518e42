import { Tensor, type TypedArray } from "../../autodiff/mod.ts";
import { showShape, sizeOf } from "../../autodiff/shape.ts";
import { bytes as bytesKind, checkArgument } from "../../autodiff/options.ts";
import { halfPrecision } from "../../nn/half_precision.ts";
import { loadUnzip } from "../../deps.ts";

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
  const shape = shapeText.split(",").map((text) => text.trim()).filter((text) => text !== "").map((text) => parseInt(text));
  const reader = Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (reader === undefined) throw fail(`it holds ${type}; wanted one of ${Object.keys(readers).join(", ")}`);
  const size = sizeOf(shape), end = start + length + size * reader.bytes;
  if (end > bytes.length) {
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
 * @throws {RangeError} for another file, or as {@link readNpy}
 */
export async function readNpz(bytes: Uint8Array): Promise<Map<string, Tensor>> {
  checkArgument("read the .npz file", "the file", bytes, bytesKind);
  const unzip = await loadUnzip();
  let files: Record<string, Uint8Array>;
  try {
    files = unzip(bytes);
  } catch (error) {
    throw new RangeError(`Cannot read the .npz file: it is not a zip archive (${(error as Error).message})`, { cause: error });
  }
  return new Map(
    Object.entries(files).map(([file, content]) => {
      const name = file.replace(/\.npy$/, "");
      return [name, readNpy(content, `"${name}"`)];
    }),
  );
}
