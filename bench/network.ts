/** The tutorial's network, as in examples/mnist.ts, for benchmarks and GPU tests. @module */
import { nn } from "../mod.ts";

/** A network from 28 x 28 images to probabilities of ten digits; its parameters have no values yet. */
export function tutorialNetwork(): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 16, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(32 * 7 * 7, 10),
    new nn.Softmax(),
  );
}
