import { noGrad, Tensor } from "../../autodiff/mod.ts";
import { shown } from "../../autodiff/options.ts";
import { showShape } from "../../autodiff/shape.ts";
import { Batch } from "../constraints/batch.ts";
import { sampleOf } from "../constraints/sample_of.ts";
import { valueIn } from "../constraints/evaluate.ts";
import type { Compared } from "../constraints/promise.ts";
import type { DataSet } from "../data/data_set.ts";
import { deciderFor } from "../decision.ts";
import { checkFinite } from "../outputs.ts";
import { checkOutputs } from "../problem/check_outputs.ts";
import { objectiveOf } from "../problem/objective.ts";
import type { Problem } from "../problem/problem.ts";
import { nameOfSet, Sets } from "../sets.ts";

/** What a model is worth on the truth. */
export interface Judgement {
  /** The performance; NaN if the outputs have none. */
  performance: number;
  /** g of every constraint, at most 0 if it is kept; NaN if it cannot be judged. */
  values: number[];
}

/** Judges a model by its outputs on the truths, which are taken for the whole populations: without bounds. */
export function judge(problem: Problem, outputs: Tensor | Sets<Tensor>, truths: Sets<DataSet>): Judgement {
  const { objective, promises, relations } = problem, decide = deciderFor(problem);
  const told = outputs instanceof Sets ? outputs : new Sets(outputs);
  return noGrad(() => {
    const batches = truths.map((truth, name) => {
      const { size, exclusive } = truth, found = told.of(name);
      if (!(found instanceof Tensor) || found.shape[0] !== size) {
        const what = found instanceof Tensor
          ? `outputs of shape ${showShape(found.shape)}`
          : found && `${shown(found)} instead of a tensor`;
        throw new RangeError(
          `Cannot judge ${what ?? "no outputs"} for ${nameOfSet(name)}: wanted one for each of the ${size} rows of the truth`,
        );
      }
      const { labels, columns, clusters } = truth.whole(), placeOf = (row: number) => truth.place(row);
      const batch = new Batch(found.detach(), labels, columns, { decide, exclusive, clusters });
      checkFinite(batch.predictions, placeOf);
      checkOutputs(problem, batch, placeOf);
      return batch;
    });
    const sample = sampleOf(batches, relations);
    const values = promises.map(({ constraint: { g }, judgement, populations }: Compared) =>
      populations === undefined ? valueIn(g, sample)() : populations.value(g, sample, judgement)
    );
    return { performance: objectiveOf(objective!, told.main, batches.main).value, values };
  });
}
