import type { Tensor } from "../../autodiff/mod.ts";
import { loadZip } from "../../deps.ts";

/** NumPy's names of the dtypes. */
const types = { float32: "<f4", float64: "<f8", int32: "<i4" };

/** An array as `numpy.save` writes it. Source: the NPY format, version 1. */
export function writeNpy(array: Tensor): Uint8Array {
  const { shape, dtype, data } = array, list = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${types[dtype]}', 'fortran_order': False, 'shape': (${list}), }`;
  // The numbers begin at a multiple of 64 bytes.
  const header = `${text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11)}\n`, start = 10 + header.length;
  const bytes = new Uint8Array(start + data.byteLength), view = new DataView(bytes.buffer);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
  view.setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/** Arrays by name as `numpy.savez` writes them. */
export async function writeNpz(arrays: Readonly<Record<string, Tensor>>): Promise<Uint8Array> {
  const zip = await loadZip();
  return zip(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)])), { level: 0 });
}
