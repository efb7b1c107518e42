import { noGrad, type Tensor } from "../../autodiff/mod.ts";
import { showShape } from "../../autodiff/shape.ts";
import { Batch } from "../constraints/batch.ts";
import { meanOf, valueOf } from "../constraints/evaluate.ts";
import type { DataSet } from "../data/data_set.ts";
import { deciderFor } from "../decision.ts";
import { checkFinite } from "../outputs.ts";
import { checkOutputs } from "../problem/check_outputs.ts";
import { objectiveOf } from "../problem/objective.ts";
import type { Problem } from "../problem/problem.ts";

/** What a model is worth on the truth. */
export interface Judgement {
  /** The performance; NaN if the outputs have none. */
  performance: number;
  /** g of every constraint, at most 0 if it is kept; NaN if it cannot be judged. */
  values: number[];
}

/** Judges a model by its outputs on the truth, which are taken for the whole population: without bounds. */
export function judge(problem: Problem, outputs: Tensor, truth: DataSet): Judgement {
  const { objective, promises, task, rates } = problem;
  if (outputs.shape[0] !== truth.size) {
    throw new RangeError(
      `Cannot judge outputs of shape ${showShape(outputs.shape)}: wanted one for each of the ${truth.size} rows of the truth`,
    );
  }
  const { labels, columns, clusters } = truth.whole(), decide = deciderFor({ task, rates });
  return noGrad(() => {
    const batch = new Batch(outputs.detach(), labels, columns, { decide, exclusive: truth.exclusive, clusters });
    const placeOf = (row: number) => truth.place(row);
    checkFinite(batch.predictions, placeOf);
    checkOutputs(problem, batch, placeOf);
    const values = promises.map(({ constraint }) => {
      const means = new Map(constraint.leaves.map((leaf) => [`${leaf}`, meanOf(leaf, batch)]));
      return valueOf(constraint.g, means);
    });
    return { performance: objectiveOf(objective!, outputs, batch).value, values };
  });
}
