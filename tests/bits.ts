/**
 * Prints a hash of everything that a run computes, to compare runtimes: all of it must be the same bits.
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
const hash = createHash("sha256").update(JSON.stringify(result));
if (result.passed) hash.update(nn.save(result.model));
console.log(`${result.passed ? "passed" : "no solution"} ${result.constraints.map(({ upper }) => upper)} ${hash.digest("hex")}`);
