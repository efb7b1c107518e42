/** A question whose trials take some tenths of a second of computation. */
import process from "node:process";
import { DataSet, nn, Tensor } from "../../mod.ts";
import { type Contender, fitted, type Question, seldonian } from "../../seldonian/experiments/mod.ts";

const wave = (k: number) => (i: number) => Math.sin(7.1 * i + k);
const features = Array.from({ length: 300 }, (_, i) => [wave(0)(i), wave(1)(2 * i)]);
const labels = features.map(([x, y], i) => x + 0.5 * y + 0.4 * wave(2)(3 * i) > 0 ? 1 : 0);
const model = new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid()), objective = nn.logLoss;
const constraints = [{ text: "ACC >= 0.6", delta: 0.05 }], optimizer = { epochs: 40, thetaRate: 0.1 };

/** Computes for so many milliseconds, without a pause; in a thread it says when it begins. */
export function busy(milliseconds: number): Contender {
  return {
    settings: ["busy", milliseconds],
    outputs({ rows, truth }) {
      if ("WorkerGlobalScope" in globalThis) console.log("begun");
      for (const began = Date.now(); Date.now() - began < milliseconds;);
      const mean = rows.labels.reduce((sum, y) => sum + y, 0) / rows.size;
      return Promise.resolve(Tensor.from(new Float64Array(truth.size).fill(mean)));
    },
  };
}

export const question: Question = {
  population: new DataSet({ features, labels }),
  constraints,
  performance: objective,
  contenders: {
    promise: seldonian({ model, objective, constraints, optimizer }),
    plain: fitted({ model, objective, optimizer }),
    busy: busy(300),
    long: busy(Number(process.argv[4] ?? 0)),
  },
};

/** Another question, which a worker must not answer with this one's contenders. */
export const other: Question = { ...question, seed: 1 };
