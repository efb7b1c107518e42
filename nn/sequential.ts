import type { Tensor } from "../autodiff/mod.ts";
import { conv2dPooled } from "../autodiff/primitives/conv_pool.ts";
import { pair } from "../autodiff/primitives/convolution.ts";
import { checkArgument } from "../autodiff/options.ts";
import { inspect } from "../autodiff/show.ts";
import { ReLU } from "./activations.ts";
import { Conv2d } from "./conv2d.ts";
import { describe } from "./describe.ts";
import { modelKind, type Module, type Pass } from "./module.ts";
import { MaxPool2d } from "./pooling.ts";

/** A sequence of layers. Each is a field under its position, so that parameters have PyTorch's names ("0.weight"). */
export class Sequential implements Module {
  /** The layers by position. */
  [position: number]: Module;

  /**
   * A sequence of layers.
   * @param layers the first gets the rows, each other one the output of the one before
   */
  constructor(...layers: Module[]) {
    layers.forEach((layer, i) => checkArgument("put layers one after the other", `layer ${i}`, layer, modelKind));
    Object.assign(this, layers);
  }
  /** Applies each layer to the output of the one before. */
  forward(x: Tensor, pass?: Pass): Tensor {
    return fused(Object.values(this) as Module[]).reduce((value, forward) => forward(value, pass), x);
  }
  /** What consoles print: see {@link describe}. */
  [inspect](): string {
    return describe(this);
  }
}

type Forward = (x: Tensor, pass?: Pass) => Tensor;

/**
 * The layers as functions, with a convolution, its pooling and its rectifier as one. max(x, 0) of a window's greatest element
 * is the greatest max(x, 0), and their gradients are equal too, so the rectifier may come before or after the pooling.
 */
function fused(layers: readonly Module[]): Forward[] {
  const functions: Forward[] = [];
  for (let i = 0; i < layers.length;) {
    const [layer, next, last] = layers.slice(i, i + 3);
    if (is(layer, Conv2d) && is(next, MaxPool2d) && simple(layer, next)) {
      functions.push(pooledConvolution(layer, next, is(last, ReLU)));
      i += is(last, ReLU) ? 3 : 2;
    } else if (is(layer, Conv2d) && is(next, ReLU) && is(last, MaxPool2d) && simple(layer, last)) {
      functions.push(pooledConvolution(layer, last, true));
      i += 3;
    } else if (is(layer, ReLU) && is(next, MaxPool2d)) {
      // Pooling first leaves the rectifier fewer elements.
      functions.push((x) => layer.forward(next.forward(x)));
      i += 2;
    } else {
      functions.push((x, pass) => layer.forward(x, pass));
      i++;
    }
  }
  return functions;
}

function pooledConvolution({ weight, bias, stride, padding }: Conv2d, { kernel, pooling }: MaxPool2d, relu: boolean): Forward {
  return (x) => conv2dPooled([x, weight, bias], { stride, padding, kernel, pooling, relu });
}

/** Whether the fused operation does what both do. */
function simple({ dilation, groups }: Conv2d, { pooling }: MaxPool2d): boolean {
  return groups === 1 && pair(dilation).every((step) => step === 1) && !pooling.ceilMode;
}

/** Whether a layer has exactly this class: a subclass may do something else. */
function is<M extends Module>(layer: Module | undefined, type: new (...settings: never[]) => M): layer is M {
  return layer?.constructor === type;
}
