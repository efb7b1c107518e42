import { wholeCpu } from "./devices/whole_cpu.ts";
import type { NdArray } from "./ndarray.ts";
import { callable, checkOptions, needed, shown, text } from "./options.ts";
import { type Apply, type OwnPrimitive, type Primitive, primitive as declared } from "./primitive.ts";
import { here } from "./remote_array.ts";
import { sameShape, showShape } from "./shape.ts";

/**
 * Turns a declaration into a function of CPU tensors.
 * @throws {TypeError} from that function, for a tensor on a device, and if `forward` returns no array
 * @throws {RangeError} from that function, if `forward` returns an array of another shape than `shape` does
 */
export function primitive<Options = void>(declaration: Primitive<Options, NdArray>): Apply<Options> {
  const { forward } = checkOptions<Primitive<Options, NdArray>>("declare a primitive", declaration, {
    name: needed(text),
    shape: needed(callable),
    forward: needed(callable),
    gradient: { wanted: "a function, or null", needed: true, holds: (rule) => rule === null || typeof rule === "function" },
  });
  const own: OwnPrimitive<Options> = {
    ...declaration,
    cpu: wholeCpu,
    forward(device, inputs, options, shape, save) {
      const found = forward.call(declaration, device, inputs.map(here), options, shape, save);
      if (!Array.isArray(found?.shape)) {
        throw new TypeError(
          `Cannot use ${declaration.name}: forward returned ${shown(found)}; wanted an array, as in tensor.array`,
        );
      }
      if (!sameShape(found.shape, shape)) {
        throw new RangeError(
          `Cannot use ${declaration.name}: forward returned shape ${showShape(found.shape)}, and shape() ${showShape(shape)}`,
        );
      }
      return found;
    },
  };
  return declared(own);
}
