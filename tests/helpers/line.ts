/** A problem that a line through the origin nearly solves. */
import { DataSet, nn, type TrainOptions } from "../../mod.ts";
import { logistic } from "./models.ts";

/** Distinct points in the square from -1 to 1. */
export const points = (n: number): number[][] => Array.from({ length: n }, (_, i) => [Math.sin(7.1 * i), Math.cos(3.3 * i)]);

/** Rows whose classes a line through the origin separates, with noise; half are M, half F. */
export function linear(n: number): DataSet {
  const features = points(n);
  const M = features.map((_, i) => i % 2);
  return new DataSet({
    features,
    labels: features.map(([x, y], i) => x + 0.3 * y + 0.2 * M[i] + 0.3 * Math.sin(11.7 * i) > 0 ? 1 : 0),
    columns: { M, F: M.map((m) => 1 - m) },
    exclusive: [["M", "F"]],
  });
}

export const options = (more: Partial<TrainOptions<nn.Module>> = {}): TrainOptions<nn.Module> => ({
  data: linear(400),
  model: logistic(),
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
  optimizer: { thetaRate: 0.05, epochs: 60 },
  ...more,
});
