import type { TypedArray } from "../dtype.ts";
import { view } from "../ndarray.ts";
import { type Apply, primitive, requireTensorList } from "../primitive.ts";
import { type AnyArray, isRemote, type RemoteArray } from "../remote_array.ts";
import { Tensor } from "../tensor.ts";

/** Values read from a device, as a result of the tensor there; the gradient goes back to the device. */
const here: Apply<AnyArray> = primitive({
  name: "cpu",
  shape: ([x]) => x,
  forward: (_, __, values) => values,
  gradient: ({ dy, inputs: [x] }) => [() => {
    const there = x.array as RemoteArray;
    return new Tensor(there.buffer.device.upload(dy.array, there));
  }],
});

/**
 * Brings tensors to the CPU in one transfer. They stay in the same graph. Tensors on the CPU are returned unchanged.
 * @throws {DeviceError} if the device failed, with the failed operation
 */
export async function broughtHere(tensors: readonly Tensor[]): Promise<Tensor[]> {
  requireTensorList("bring here", tensors);
  const remote = tensors.filter(({ array }) => isRemote(array));
  if (remote.length === 0) return [...tensors];
  const arrays = remote.map(({ array }) => array as RemoteArray), found = await arrays[0].buffer.device.read(arrays);
  const values = new Map<Tensor, TypedArray>(remote.map((tensor, i) => [tensor, found[i]]));
  return tensors.map((tensor) => {
    const data = values.get(tensor);
    return data === undefined ? tensor : here([tensor], view(data, tensor.shape));
  });
}
