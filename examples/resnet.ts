// A residual network reads digits: at least 97 % right, with 95 % confidence. A minute or two on two cores.
//
//   deno run examples/resnet.ts [--rows N] [--epochs N] [--seed N]
// Source: K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", CVPR 2016.
import { parseArgs } from "node:util";
import { autodiff, DataSet, nn, type Tensor, train } from "../mod.ts";
import { mnist } from "./datasets/mnist.ts";

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string", default: "20000" },
    epochs: { type: "string", default: "4" },
    seed: { type: "string", default: "0" },
  },
});
autodiff.useThreads(autodiff.coreCount());

/** A convolution that keeps the size at stride 1, and the normalisation after it. */
const convolution = (inputs: number, outputs: number, stride = 1) =>
  new nn.Sequential(new nn.Conv2d(inputs, outputs, 3, { stride, padding: 1, bias: false }), new nn.BatchNorm2d(outputs));

/** relu(x + f(x)): f only has to learn what is to change. */
class Residual implements nn.Module {
  readonly first: nn.Sequential;
  readonly second: nn.Sequential;
  constructor(channels: number) {
    this.first = convolution(channels, channels);
    this.second = convolution(channels, channels);
  }
  forward(x: Tensor, pass?: nn.Pass): Tensor {
    return x.add(this.second.forward(this.first.forward(x, pass).relu(), pass)).relu();
  }
}

const model = new nn.Sequential(
  convolution(1, 12, 2),
  new nn.ReLU(),
  new Residual(12),
  convolution(12, 24, 2),
  new nn.ReLU(),
  new Residual(24),
  new nn.AdaptiveAvgPool2d(1),
  new nn.Flatten(),
  new nn.Linear(24, 10),
  new nn.Softmax(),
);

const result = await train({
  data: new DataSet(await mnist(), Array.from({ length: Number(flags.rows) }, (_, row) => row)),
  model,
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.97", delta: 0.05 }],
  rates: "decided",
  optimizer: { thetaRate: 0.01, schedule: "cosine", batchSize: 100, epochs: Number(flags.epochs) },
  seed: Number(flags.seed),
});
console.log(`${result}`);
