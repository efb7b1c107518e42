/** A device that has only the core, to check that the rest follows from it. @module */
import type { AnyArray, DeviceCore, DType, ImageCore, NdArray, RemoteBuffer, RemoteDevice } from "../../../autodiff/mod.ts";
import { wholeCpu } from "../../../autodiff/devices/whole_cpu.ts";
import { contiguousData, type Strided, view } from "../../../autodiff/ndarray.ts";
import { rowMajor } from "../../../autodiff/shape.ts";
import { isRemote, RemoteArray } from "../../../autodiff/remote_array.ts";

interface Buffer extends RemoteBuffer {
  values: NdArray;
}

type Core<A extends Strided> = DeviceCore<A> & ImageCore<A>;

/** The processor's core as a remote device. */
export function bareDevice(): RemoteDevice {
  const hold = (values: NdArray) => {
    const buffer: Buffer = { device, size: values.size, values }, shape = [...values.shape];
    return new RemoteArray(buffer, values.dtype as DType, shape, rowMajor(shape), 0);
  };
  const held = ({ buffer, shape, stride, offset }: RemoteArray) => view((buffer as Buffer).values.data, shape, stride, offset);
  const given = (x: unknown): unknown => x instanceof RemoteArray ? held(x) : Array.isArray(x) ? x.map(given) : x;
  const far = <Name extends keyof Core<NdArray>>(name: Name): Core<RemoteArray>[Name] =>
    ((...inputs: unknown[]) => {
      const found = (wholeCpu[name] as (...inputs: unknown[]) => NdArray | NdArray[])(...inputs.map(given));
      return Array.isArray(found) ? found.map(hold) : hold(found);
    }) as unknown as Core<RemoteArray>[Name];
  const device: RemoteDevice = {
    name: "bare",
    elementwise: far("elementwise"),
    reduce: far("reduce"),
    cast: far("cast"),
    matmul: far("matmul"),
    conv2d: far("conv2d"),
    conv2dInputGradient: far("conv2dInputGradient"),
    conv2dFilterGradient: far("conv2dFilterGradient"),
    maxPool2d: far("maxPool2d"),
    pick: far("pick"),
    put: far("put"),
    widen: far("widen"),
    concatenate: far("concatenate"),
    upload: (x: AnyArray) => isRemote(x) ? x : hold(view(contiguousData(x).slice(), x.shape)),
    contiguous: (x) => hold(view(contiguousData(held(x)).slice(), x.shape)),
    read: (arrays) => Promise.resolve(arrays.map((x) => contiguousData(held(x)).slice())),
    step: (compute) => compute(device),
    release: () => {},
  };
  return device;
}
