/** Layers of a sequence that are computed as one. @module */
import type { Module } from "./module.ts";

/** The function of several layers, so many before and after the one that knows it, which `fusing` is a method of. */
export interface Fused {
  forward: Module["forward"];
  before: number;
  after: number;
}

/** The method of a layer that may be computed with those around it; it returns `null` if the layer is computed alone. */
export const fusing: unique symbol = Symbol("fusing");

/** A layer with this method. */
export interface Fusing {
  /** @param before the layers before it, the nearest last */
  [fusing](before: readonly Module[], after: Module | undefined): Fused | null;
}

/** Whether a layer has exactly this class: a subclass may do something else. */
export function is<M extends Module>(layer: Module | undefined, type: new (...settings: never[]) => M): layer is M {
  return layer?.constructor === type;
}
