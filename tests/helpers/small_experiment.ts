/** A small experiment: labels that a line divides, with noise, and a column. */
import { DataSet, nn } from "../../mod.ts";
import {
  constant,
  type ExperimentOptions,
  fitted,
  seldonian,
  type TrainingSamplesOptions,
} from "../../seldonian/experiments/mod.ts";

const size = 300, wave = (k: number) => (i: number) => Math.sin(7.1 * i + k);
const features = Array.from({ length: size }, (_, i) => [wave(0)(i), wave(1)(2 * i)]);
const labels = features.map(([x, y], i) => x + 0.5 * y + 0.4 * wave(2)(3 * i) > 0 ? 1 : 0);

export const population = new DataSet({ features, labels, columns: { M: features.map((_, i) => i % 2) } });
export const model = new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid()), objective = nn.logLoss;
export const constraints = [{ text: "ACC >= 0.6", delta: 0.05 }], optimizer = { epochs: 40, thetaRate: 0.1 };

export const small: ExperimentOptions = {
  population,
  constraints,
  performance: objective,
  contenders: {
    promise: seldonian({ model, objective, constraints, optimizer }),
    plain: fitted({ model, objective, optimizer }),
    constant: constant(),
  },
  sizes: [40, 120],
  trials: 3,
};

/** A pilot of it. */
export const pilot: TrainingSamplesOptions = {
  ...{ data: population.take(Array.from({ length: 60 }, (_, i) => i)), model, objective, constraints, optimizer },
  ...{ trials: 3, sizes: [40, 100] },
};
