import type { Tensor } from "../autodiff/mod.ts";
import { checkArgument } from "../autodiff/options.ts";
import { inspect } from "../autodiff/show.ts";
import { describe } from "./describe.ts";
import { type Fusing, fusing } from "./fusing.ts";
import { modelKind, type Module, type Pass } from "./module.ts";
import { pure } from "./pure.ts";

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
  /** Its output depends on its input and parameters alone. */
  get [pure](): true {
    return true;
  }
}

/** The layers as functions, some for several layers. */
function fused(layers: readonly Module[]): Module["forward"][] {
  const functions: Module["forward"][] = [];
  // The layers whose functions are last and their own.
  let single: Module[] = [];
  for (let i = 0; i < layers.length; i++) {
    const layer = layers[i], found = (layer as Partial<Fusing>)[fusing]?.(single, layers[i + 1]) ?? null;
    if (found === null) {
      functions.push((x, pass) => layer.forward(x, pass));
      single.push(layer);
    } else {
      functions.splice(functions.length - found.before, found.before, found.forward);
      single = [];
      i += found.after;
    }
  }
  return functions;
}
