import { mersenne } from "../../deps.ts";
import { cloneModule, type FlatParameters, flatParameters, initialize, type Module, namedParameters } from "../../nn/module.ts";

/** A copy of the user's model whose parameters lie in flat arrays. */
export interface Trained<M extends Module> extends FlatParameters {
  model: M;
}

/** A copy of a model to train. The first start keeps the parameters; others draw new ones. */
export function trained<M extends Module>(given: M, seed: number, start: number): Trained<M> {
  const model = cloneModule(given);
  if (start > 0) {
    const random = mersenne(seed + start);
    for (const parameter of namedParameters(model).values()) {
      if (parameter.requiresGrad) parameter.fill((place) => parameter.initial(random, place));
    }
  }
  return { model, ...flatParameters(initialize(model, seed)) };
}
