import { type DType, Tensor, type TypedArray } from "../autodiff/mod.ts";
import { repeatedName } from "../autodiff/repeated_name.ts";
import { claimedSize, sameShape, showShape } from "../autodiff/shape.ts";
import { bytes as bytesKind, checkArgument, isRecord, type Kind, shown } from "../autodiff/options.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import * as v from "../deps.ts";
import { halfPrecision } from "./half_precision.ts";
import { type Module, namedParameters, settingsIn } from "./module.ts";

const names: Record<DType, string> = { float32: "F32", float64: "F64", int32: "I32" };

/** Bytes per value, and how to read them: whole numbers of up to 32 bits with a sign become int32, longer ones float64. */
const readers: Record<string, { bytes: number; values: (buffer: ArrayBuffer) => TypedArray }> = {
  F32: { bytes: 4, values: (buffer) => new Float32Array(buffer) },
  F64: { bytes: 8, values: (buffer) => new Float64Array(buffer) },
  I32: { bytes: 4, values: (buffer) => new Int32Array(buffer) },
  BOOL: { bytes: 1, values: (buffer) => Int32Array.from(new Uint8Array(buffer)) },
  U8: { bytes: 1, values: (buffer) => Int32Array.from(new Uint8Array(buffer)) },
  I8: { bytes: 1, values: (buffer) => Int32Array.from(new Int8Array(buffer)) },
  U16: { bytes: 2, values: (buffer) => Int32Array.from(new Uint16Array(buffer)) },
  I16: { bytes: 2, values: (buffer) => Int32Array.from(new Int16Array(buffer)) },
  U32: { bytes: 4, values: (buffer) => Float64Array.from(new Uint32Array(buffer)) },
  U64: { bytes: 8, values: (buffer) => Float64Array.from(new BigUint64Array(buffer), exactly) },
  I64: { bytes: 8, values: (buffer) => Float64Array.from(new BigInt64Array(buffer), exactly) },
  F16: { bytes: 2, values: (buffer) => Float32Array.from(new Uint16Array(buffer), halfPrecision) },
  // The upper half of a float32.
  BF16: {
    bytes: 2,
    values: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer),
  },
};

/** @throws {RangeError} for a number that float64 would round */
function exactly(long: bigint): number {
  const number = Number(long);
  if (Number.isSafeInteger(number)) return number;
  throw new RangeError(`it has ${long}, beyond 2^53, where float64 rounds; store it as two tensors`);
}

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const entrySchema = v.object({ dtype: v.string(), shape: v.array(whole), data_offsets: v.tuple([whole, whole]) });

const named: Kind = {
  type: "object",
  wanted: "pairs of a name and a tensor, as from nn.namedParameters()",
  holds: (value) => value !== null && Symbol.iterator in (value as object),
};

/**
 * Writes tensors as the bytes of a safetensors file: the header's length (8 bytes, little-endian), a JSON header, raw values.
 * Source: the safetensors format, published by Hugging Face.
 */
export function writeSafetensors(tensors: Iterable<[string, Tensor]>): Uint8Array {
  return written(tensors);
}

/** @param metadata texts in the header */
function written(tensors: Iterable<[string, Tensor]>, metadata?: Record<string, string>): Uint8Array {
  const header = new Map<string, unknown>(metadata && [[metadataName, metadata]]), chunks: Uint8Array[] = [];
  checkArgument("write safetensors", "the tensors", tensors, named);
  let end = 0;
  for (const pair of tensors) {
    requireTensors("write", Array.isArray(pair) ? pair[1] : pair);
    const [name, tensor] = pair;
    const { data } = tensor, start = end;
    end += data.byteLength;
    header.set(name, { dtype: names[tensor.dtype], shape: tensor.shape, data_offsets: [start, end] });
    chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  // Spaces after the header align the values to 8 bytes.
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header))),
    head = new Uint8Array(8 * Math.ceil(text.length / 8)).fill(32);
  head.set(text);
  const bytes = new Uint8Array(8 + head.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  let at = 8 + head.length;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * Reads the tensors of a safetensors file, such as PyTorch's: float32, float64 and int32 unchanged, float16 and bfloat16 as
 * float32, truth values and shorter integers as int32, uint32, int64 and uint64 as float64.
 * @throws {RangeError} if the file is cut short or its header does not match its bytes: every byte belongs to one tensor; and for
 * an integer beyond 2^53
 */
export function readSafetensors(bytes: Uint8Array): Map<string, Tensor> {
  return contentsOf(bytes).tensors;
}

/** The tensors of a file, and what its header says besides. */
function contentsOf(bytes: Uint8Array): { tensors: Map<string, Tensor>; metadata: unknown } {
  const fail = (why: string) => new RangeError(`Cannot read safetensors: ${why}`);
  checkArgument("read safetensors", "the file", bytes, bytesKind);
  if (bytes.length < 8) throw fail(`wanted at least 8 bytes, found ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) {
    throw fail(`the header needs ${length} bytes, and ${bytes.length - 8} are left; the file is cut short`);
  }
  let text: string, header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length));
    header = JSON.parse(text);
  } catch (cause) {
    throw new RangeError("Cannot read safetensors: the header is not JSON", { cause });
  }
  if (!isRecord(header)) throw fail(`the header is ${shown(header)}; wanted an object with tensors by name`);
  const twice = repeatedName(text);
  if (twice !== undefined) throw fail(`the header has "${twice.name}" twice`);
  const values = bytes.subarray(8 + length), tensors = new Map<string, Tensor>(), parts: [start: number, end: number][] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === metadataName) continue;
    const { success, output, issues } = v.safeParse(entrySchema, entry);
    if (!success) {
      const [{ path = [], expected, received }] = issues;
      const place = [name, ...path.map(({ key }) => key)].map((key) => JSON.stringify(key)).join(".");
      throw fail(`the header's ${place} is ${received}; wanted ${expected}`);
    }
    const { dtype, shape, data_offsets: [start, end] } = output,
      read = Object.hasOwn(readers, dtype) ? readers[dtype] : undefined;
    if (read === undefined) throw fail(`"${name}" has dtype ${dtype}; wanted one of ${Object.keys(readers).join(", ")}`);
    if (end > values.length) throw fail(`"${name}" ends at byte ${end}, and there are ${values.length}; the file is cut short`);
    const count = (end - start) / read.bytes, size = claimedSize(shape, (why) => fail(`"${name}": ${why}`));
    if (count !== size) throw fail(`"${name}" has ${count} values for shape ${showShape(shape)}`);
    parts.push([start, end]);
    let numbers: TypedArray;
    try {
      numbers = read.values(values.slice(start, end).buffer);
    } catch (cause) {
      throw fail(`"${name}": ${(cause as Error).message}`);
    }
    tensors.set(name, Tensor.from(numbers, shape));
  }
  let at = 0;
  for (const [start, end] of parts.sort(([a, b], [c, d]) => a - c || b - d)) {
    if (start !== at) throw fail(`${start > at ? "no tensor has" : "two tensors have"} the byte ${Math.min(start, at)}`);
    at = end;
  }
  if (at < values.length) throw fail(`no tensor has the byte ${at}`);
  return { tensors, metadata: (header as Record<string, unknown>)[metadataName] };
}

/** The field of a header that is no tensor. */
const metadataName = "__metadata__";

/**
 * Writes a model's parameters as the bytes of a safetensors file, under PyTorch's names; settings, if it has some, are in the
 * header's metadata.
 */
export function save(model: Module): Uint8Array {
  const parameters = namedParameters(model), settings = JSON.stringify(settingsIn(model));
  return written(parameters, settings === "{}" ? undefined : { settings });
}

/**
 * Loads a model's parameters from the bytes of a safetensors file, such as one from PyTorch.
 * @throws {RangeError} if a parameter is missing, unknown or has another shape, and if the file says that the model has other settings;
 * the model is then unchanged
 */
export function load<M extends Module>(model: M, bytes: Uint8Array): M {
  const { tensors, metadata } = contentsOf(bytes),
    parameters = namedParameters(model),
    settings = JSON.stringify(settingsIn(model));
  const stated = (metadata as { settings?: unknown } | undefined)?.settings;
  if (settings !== "{}" && stated !== undefined && stated !== settings) {
    throw new RangeError(`Cannot load the model: the file is of one with ${stated}, and this one has ${settings}`);
  }
  for (const name of tensors.keys()) {
    if (!parameters.has(name)) {
      throw new RangeError(`Cannot load "${name}": the model has only ${[...parameters.keys()].join(", ")}`);
    }
  }
  for (const [name, { shape }] of parameters) {
    const found = tensors.get(name);
    if (found === undefined) {
      throw new RangeError(`Cannot load the model: the file has no "${name}", only ${[...tensors.keys()].join(", ")}`);
    }
    if (!sameShape(found.shape, shape)) {
      throw new RangeError(`Cannot load "${name}": the model wants ${showShape(shape)}, the file has ${showShape(found.shape)}`);
    }
  }
  for (const [name, parameter] of parameters) {
    const { data } = tensors.get(name)!;
    parameter.fill((i) => data[i]);
  }
  return model;
}
