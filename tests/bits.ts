/**
 * Prints a hash of everything that a run computes. Every runtime must print the same hash.
 * @module
 */
import { createHash } from "node:crypto";
import { nn, Tensor, train } from "../mod.ts";

const rows = 360, classes = 3, pixels = 12 * 12;
const labels = Array.from({ length: rows }, (_, row) => row % classes);
const features = Float32Array.from({ length: rows * pixels }, (_, i) => {
  const row = Math.floor(i / pixels), pixel = i % pixels, noise = ((i * 2654435761) % 1009) / 1009;
  return 0.6 * noise + (Math.floor(pixel / 48) === labels[row] ? 0.4 : 0);
});
const model = new nn.Sequential(
  new nn.Conv2d(1, 5, 5, { padding: 2 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Conv2d(5, 7, 3),
  new nn.Tanh(),
  new nn.AvgPool2d(2),
  new nn.Flatten(),
  new nn.Dropout(0.2),
  new nn.Linear(28, classes),
  new nn.Softmax(),
);
const result = await train({
  data: { features: Tensor.from(features, [rows, 1, 12, 12]), labels, columns: { even: labels.map((_, row) => row % 2) } },
  model,
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.7", delta: 0.05 }, {
    text: "log((CM_[0, 1] | [even])) <= exp(PR_[2]) ** 0.5 - 0.9",
    delta: 0.1,
  }],
  optimizer: { thetaRate: 0.01, batchSize: 30, epochs: 12 },
});
// Groups, decisions and several candidates cover all families of bounds that a test can choose by default.
const x = Array.from({ length: rows }, (_, row) => [((row * 7919) % 997) / 498.5 - 1, ((row * 104729) % 991) / 495.5 - 1]);
const M = x.map((_, row) => row % 3 === 0 ? 1 : 0), F = M.map((m) => 1 - m);
const fair = await train({
  data: { features: x, labels: x.map(([a, b]) => a + b / 3 > 0 ? 1 : 0), columns: { M, F } },
  model: new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid()),
  objective: nn.logLoss,
  constraints: [
    { text: "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.6", delta: 0.05 },
    { text: "ACC * PR >= 0.3", delta: 0.1 },
  ],
  rates: "decided",
  candidates: 3,
  optimizer: { thetaRate: 0.05, epochs: 60, regularization: 0.01 },
});
const hash = createHash("sha256").update(JSON.stringify([result, fair]));
for (const run of [result, fair]) if (run.passed) hash.update(nn.save(run.model));
console.log(
  `${fair.passed} ${result.passed ? "passed" : "no solution"} ${result.constraints.map(({ upper }) => upper)} ${
    hash.digest("hex")
  }`,
);
