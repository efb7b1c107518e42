/** Empty trials: nothing is learned, and two rows judge it. A worker thread's module. */
import { DataSet, Tensor } from "../mod.ts";
import { type Question, serveExperiment } from "../seldonian/experiments/mod.ts";

const two = new DataSet({ features: [[0], [1]], labels: [0, 1] });

export const question: Question = {
  population: two,
  constraints: [{ text: "ACC >= 0.5", delta: 0.05 }],
  performance: "ER",
  contenders: { empty: { settings: "empty", outputs: () => Promise.resolve(Tensor.from(new Float64Array([0.25, 0.75]))) } },
};

if ("WorkerGlobalScope" in globalThis) serveExperiment(question);
