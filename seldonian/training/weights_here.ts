import { withConvolutions } from "../../autodiff/kernels/in_use.ts";
import { inStep, Tensor } from "../../autodiff/mod.ts";
import { type Module, tensorsOf } from "../../nn/module.ts";
import { adam, clipNorm, type Optimizer, sgd } from "../../nn/optim/mod.ts";
import { adaptiveSgd } from "./adaptive_sgd.ts";
import type { OptimizerSettings } from "../options.ts";
import type { Trained } from "./trained.ts";
import { keptOf, regularizerOf, type Weights } from "./weights.ts";

/** Parameters in flat arrays on the CPU. */
export function weightsHere<M extends Module>(trained: Trained<M>, settings: OptimizerSettings): Weights {
  const { model, theta, gradient } = trained, optimizer = optimizerOf(settings, theta, gradient);
  return {
    ...keptOf(trained),
    regularizer: () => settings.regularization > 0 ? [Tensor.scalar(regularizerOf(theta, settings))] : [],
    step(_, compute, use) {
      const step = () => inStep(() => use(compute((features) => features)), () => tensorsOf(model));
      return Promise.resolve(withConvolutions(settings.convolutions, step));
    },
    descend(factor) {
      if (settings.regularization > 0) theta.forEach((x, i) => gradient[i] += 2 * settings.regularization * x);
      if (settings.gradientClip < Infinity) clipNorm(gradient, settings.gradientClip);
      optimizer.step(factor);
      optimizer.zeroGrad();
    },
    bring: () => Promise.resolve(),
    end() {},
  };
}

function optimizerOf(
  options: OptimizerSettings,
  theta: Float32Array,
  gradient: Float32Array,
): Pick<Optimizer, "step" | "zeroGrad"> {
  const { name, thetaRate: lr, beta1, beta2, momentum, adaptive } = options;
  if (adaptive) return adaptiveSgd(theta, gradient, lr);
  return name === "sgd" ? sgd(theta, gradient, { lr, momentum }) : adam(theta, gradient, { lr, betas: [beta1, beta2] });
}
