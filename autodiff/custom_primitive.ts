import type { NdArray } from "./ndarray.ts";
import { callable, checkOptions, needed, text } from "./options.ts";
import { type Apply, type Primitive, primitive as declared } from "./primitive.ts";
import { here } from "./remote_array.ts";

/** Turns a declaration into a function of CPU tensors. @throws {TypeError} from that function, for a tensor on a device */
export function primitive<Options = void>(declaration: Primitive<Options, NdArray>): Apply<Options> {
  const { forward } = checkOptions<Primitive<Options, NdArray>>("declare a primitive", declaration, {
    name: needed(text),
    shape: needed(callable),
    forward: needed(callable),
    gradient: { wanted: "a function, or null", needed: true, holds: (rule) => rule === null || typeof rule === "function" },
  });
  return declared({
    ...declaration,
    forward: (device, inputs, ...call) => forward.call(declaration, device, inputs.map(here), ...call),
  });
}
