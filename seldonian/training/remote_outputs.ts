import { DeviceError, type Gpu, noGrad, Tensor } from "../../autodiff/mod.ts";
import { outputsHere } from "../../nn/log_probability.ts";
import { type Module, namedParameters, tensorsOf } from "../../nn/module.ts";
import type { Forward } from "../assess.ts";
import { there } from "./there.ts";

/**
 * Computes with a model's outputs by a card; without them if it was lost, or too small. The model's parameters are there meanwhile.
 * @param compute called with `undefined` for outputs by the processor
 */
export async function withOutputsOf<T>(
  gpu: Gpu,
  model: Module,
  compute: (forward: Forward | undefined) => Promise<T>,
): Promise<T> {
  const parameters = [...namedParameters(model).values()].filter(({ size, requiresGrad }) => requiresGrad || size > 1);
  const before = parameters.map(({ array }) => array), moved = parameters.map((parameter) => new Tensor(parameter.to(gpu).array));
  const back = () => parameters.forEach((parameter, i) => parameter.moveTo(before[i]));
  parameters.forEach((parameter, i) => parameter.moveTo(moved[i].array));
  try {
    return await compute((features) =>
      gpu.step(async (place) => {
        const [outputs] = await outputsHere([noGrad(() => model.forward(there(features, place)) as Tensor)]);
        return outputs;
      }, () => [...moved, ...tensorsOf(model)])
    );
  } catch (error) {
    // Pieces of data may be larger than a batch, and too large for the card.
    if (!(error instanceof DeviceError || error instanceof RangeError)) throw error;
    back();
    return await compute(undefined);
  } finally {
    back();
    gpu.release(moved);
  }
}
