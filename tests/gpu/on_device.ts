/** Compares a device with the processor, for tests in runtimes and in browsers. */
import { type RemoteDevice, type Tensor, tensor } from "../../autodiff/mod.ts";
import { fc } from "../deps.ts";
import { primitives } from "../autodiff/primitives/primitives.ts";
import { errorOf } from "../helpers/tensors.ts";

/**
 * The values and gradients of primitives that differ by more than float32 allows, each with its error; for `samples` inputs each.
 */
export async function differences(device: RemoteDevice, samples: number, only?: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const [name, [inputs, apply]] of Object.entries(primitives)) {
    if (only !== undefined && !only.includes(name)) continue;
    for (const [i, x] of fc.sample(inputs, { seed: 3, numRuns: samples }).entries()) {
      const choice = [0, 1, 5, 2, 3][i % 5], shapes = x.map(({ shape }) => `[${shape}]`).join(" ");
      const [here, there] = [x.map((one) => one.withGrad()), x.map((one) => one.to(device).withGrad())];
      const [y, z] = [here, there].map((leaves) => {
        const value = apply(leaves, choice), weights = Float64Array.from({ length: value.size }, (_, i) => 1 + (i % 7) / 5);
        value.mul(tensor(weights, value.shape).cast(value.dtype)).sum().backward();
        return value;
      });
      if (z.device !== device.name) found.push(`${name} of ${shapes} is on the ${z.device}`);
      const pairs: [string, Tensor, Tensor][] = [["value", y, z]];
      here.forEach(({ grad }, i) => grad !== null && pairs.push([`gradient ${i}`, grad, there[i].grad!]));
      for (const [what, wanted, got] of pairs) {
        const error = errorOf(await wanted.read(), await got.read());
        if (!(error <= 1e-4)) found.push(`${name} of ${shapes}, choice ${choice}: its ${what} is off by ${error}`);
      }
    }
  }
  return found;
}
