import { type DType, Tensor, type TypedArray } from "../autodiff/mod.ts";
import { sameShape, showShape, sizeOf } from "../autodiff/ndarray.ts";
import { type Module, namedParameters } from "./module.ts";

const names: Record<DType, string> = { float32: "F32", float64: "F64", int32: "I32" };
const types: Record<string, new (buffer: ArrayBuffer) => TypedArray> = { F32: Float32Array, F64: Float64Array, I32: Int32Array };

/**
 * Tensors as the bytes of a safetensors file: the header's length (8 bytes, little-endian), a JSON header, raw values.
 * Source: the safetensors format, as Hugging Face published it.
 */
export function writeSafetensors(tensors: Iterable<[string, Tensor]>): Uint8Array {
  const header: Record<string, unknown> = {}, chunks: Uint8Array[] = [];
  let end = 0;
  for (const [name, tensor] of tensors) {
    const { data } = tensor, start = end;
    end += data.byteLength;
    header[name] = { dtype: names[tensor.dtype], shape: tensor.shape, data_offsets: [start, end] };
    chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  // Spaces after the header put the values on a multiple of 8 bytes.
  let text = JSON.stringify(header);
  text += " ".repeat((8 - text.length % 8) % 8);
  const head = new TextEncoder().encode(text), bytes = new Uint8Array(8 + head.length + end);
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
 * The tensors in the bytes of a safetensors file, PyTorch's included; float32, float64 and int32.
 * @throws {RangeError} if the file is cut short or does not describe its own bytes
 */
export function readSafetensors(bytes: Uint8Array): Map<string, Tensor> {
  const fail = (why: string) => new RangeError(`Cannot read safetensors: ${why}`);
  if (bytes.length < 8) throw fail(`wanted at least 8 bytes, found ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) {
    throw fail(`the header wants ${length} bytes, and ${bytes.length - 8} are left; the file is cut short`);
  }
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw new RangeError("Cannot read safetensors: the header is not JSON", { cause });
  }
  const values = bytes.subarray(8 + length), tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets: [start, end] } = entry;
    const Type = types[dtype];
    if (Type === undefined) throw fail(`"${name}" holds ${dtype}; wanted one of ${Object.keys(types).join(", ")}`);
    if (end > values.length) throw fail(`"${name}" ends at byte ${end}, and there are ${values.length}; the file is cut short`);
    const data = new Type(values.slice(start, end).buffer);
    if (data.length !== sizeOf(shape)) throw fail(`"${name}" has ${data.length} values for shape ${showShape(shape)}`);
    tensors.set(name, Tensor.from(data, shape));
  }
  return tensors;
}

/** A model's parameters as the bytes of a safetensors file, under PyTorch's names. */
export function save(model: Module): Uint8Array {
  return writeSafetensors(namedParameters(model));
}

/**
 * Gives a model the parameters in the bytes of a safetensors file, such as one that PyTorch wrote.
 * @throws {RangeError} if a parameter is missing, unknown or of another shape; the model is then unchanged
 */
export function load<M extends Module>(model: M, bytes: Uint8Array): M {
  const tensors = readSafetensors(bytes), parameters = namedParameters(model);
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
    let i = 0;
    parameter.fill(() => data[i++]);
  }
  return model;
}
