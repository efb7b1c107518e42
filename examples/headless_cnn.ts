// A pretrained network gets a new head, and only the head is trained to keep a promise. The body, trained on other digits, is
// frozen.
//
//   deno run examples/headless_cnn.ts [--rows N] [--epochs N] [--seed N]
import { parseArgs } from "node:util";
import { autodiff, DataSet, nn, optim, train } from "../mod.ts";
import { mnist } from "./datasets/mnist.ts";

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string", default: "12000" },
    epochs: { type: "string", default: "4" },
    seed: { type: "string", default: "0" },
  },
});
const seed = Number(flags.seed), digits = await mnist(), { labels } = digits;

/** The first rows of some digits, with labels from 0. */
function some(first: number, last: number, count: number): DataSet {
  const rows = Array.from(labels.keys()).filter((row) => labels[row] >= first && labels[row] <= last).slice(0, count);
  return new DataSet({ features: digits.at(rows).features, labels: rows.map((row) => labels[row] - first) });
}

const body = new nn.Sequential(
  new nn.Conv2d(1, 16, 5, { padding: 2 }),
  new nn.BatchNorm2d(16),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Conv2d(16, 32, 5, { padding: 2 }),
  new nn.BatchNorm2d(32),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Flatten(),
);

// The body learns the digits 0 to 4, in a loop like PyTorch's and without a promise.
const before = nn.initialize(new nn.Sequential(body, new nn.Linear(32 * 7 * 7, 5), new nn.Softmax()), seed);
const optimizer = optim.adam(before, { lr: 0.001 });
const pass = { training: true } as nn.Pass;
for (const { features, labels } of some(0, 4, Number(flags.rows)).chunks(150)) {
  autodiff.inStep(() => {
    optimizer.zeroGrad();
    nn.logLoss(before.forward(features, pass), labels).backward();
    optimizer.step();
  });
}

// A new head distinguishes the digits 5 to 9; no gradient of the body is computed.
const result = await train({
  data: some(5, 9, Number(flags.rows)),
  model: new nn.Sequential(nn.freeze(body), new nn.Linear(32 * 7 * 7, 5), new nn.Softmax()),
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.9", delta: 0.05 }, { text: "min(TPR_[0], TPR_[3]) >= 0.85", delta: 0.05 }],
  optimizer: { thetaRate: 0.001, batchSize: 150, epochs: Number(flags.epochs) },
  seed,
});
console.log(`${result}`);
