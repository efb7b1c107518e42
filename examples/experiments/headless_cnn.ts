// How many images does a new head take to keep a promise? A network learns the digits 0 to 4. Then its body is frozen, and heads for
// the digits 5 to 9 are trained on more and more images, as in the Python toolkit's tutorial J:
//
//   deno run -RW --allow-env --allow-sys examples/experiments/headless_cnn.ts [images] [--trials N] [--page FILE] …
import { autodiff, DataSet, nn, optim } from "../../mod.ts";
import { fitted, penalized, seldonian } from "../../seldonian/experiments/mod.ts";
import { mnist } from "../datasets/mnist.ts";
import { run } from "./run.ts";

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
const head = new nn.Sequential(new nn.Linear(32 * 7 * 7, 5), new nn.Softmax()), objective = nn.logLoss;

/** The body learns to distinguish digits, in a loop as in PyTorch. */
function pretrain(digits: DataSet): void {
  const network = nn.initialize(new nn.Sequential(body, head), 0), optimizer = optim.adam(network);
  for (const { features, labels } of digits.chunks(150)) {
    autodiff.inStep(() => {
      optimizer.zeroGrad();
      objective(network.forward(features, { training: true } as nn.Pass), labels).backward();
      optimizer.step();
    });
  }
}

/** What the body makes of images, with their labels. */
function latent(digits: DataSet): DataSet {
  const parts = Array.from(digits.chunks(500), ({ features }) => autodiff.noGrad(() => body.forward(features).detach()));
  return new DataSet({ features: autodiff.concatenate(parts, 0), labels: digits.labels });
}

await run(import.meta.url, {
  names: ["new head"],
  sizes: [150, 300, 600, 1200, 2400, 4800],
  async question(_, images = "12000") {
    const digits = await mnist(), { labels } = digits;
    /** The first images, from some place on, of five digits, with labels from 0. */
    const some = (digit: number, from: number, count: number) => {
      const rows = Array.from(labels.keys()).filter((i) => i >= from && labels[i] >= digit && labels[i] < digit + 5).slice(
        0,
        count,
      );
      return new DataSet({ features: digits.at(rows).features, labels: rows.map((i) => labels[i] - digit) });
    };
    pretrain(some(0, 0, Number(images)));
    const constraints = [{ text: "ACC >= 0.9", delta: 0.05 }, { text: "min(TPR_[0], TPR_[3]) >= 0.85", delta: 0.05 }];
    const how = { model: head, objective, optimizer: { thetaRate: 0.001, batchSize: 50, epochs: 20 } };
    return {
      population: latent(some(5, 0, Number(images))),
      // The 10,000 test images of MNIST are the last.
      truth: latent(some(5, 60000, Number(images))),
      constraints,
      performance: "ER",
      contenders: {
        "the kit": seldonian({ ...how, constraints }),
        "without a test": penalized({ ...how, constraints }),
        "without a promise": fitted(how),
      },
    };
  },
});
