/** A small problem, with arguments for every function that has options. */
import { DataSet, nn, type Passed, split, type Tensor, train } from "../../mod.ts";
import { points } from "./line.ts";

export const features = points(40);
export const labels = features.map(([x]) => x > 0 ? 1 : 0), M = features.map((_, i) => i % 2);
export const data = new DataSet({ features, labels, columns: { M } }), model = new nn.LogisticRegression(2);
export const constraints = [{ text: "ACC >= 0.01", delta: 0.05 }], optimizer = { epochs: 2, thetaRate: 0.01 };
export const problem = { data, model, objective: nn.logLoss, constraints, optimizer };
export const selection = { ...problem, safetyRows: 20 },
  searched = { ...selection, folds: 2, draws: 1, space: { epochs: [1, 2] } };
export const question = { data, model: nn.initialize(new nn.LogisticRegression(2), 0), constraints };
export const mine = {
  name: "Mine",
  task: "regression",
  indices: 0,
  range: [0, 1],
  values: ({ predictions, labels }: { predictions: Tensor; labels: Tensor }) => predictions.reshape(labels.size),
};
export const passed = await train({ ...problem, optimizer: { epochs: 30, thetaRate: 0.1 } }) as Passed<nn.LogisticRegression>;
export const certificate = await passed.certificate(),
  keys = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
export const safety = split(data).safety, rate = { coefficient: 1, k: 2, n: 5 };
export const members = { coefficient: 1, member: new Uint8Array([1, 0, 1]), values: new Float64Array([0.5, 0, 1]) };
