/** What device "auto" chooses, and what it says. */
import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { tensor } from "../../autodiff/mod.ts";
import { tutorialNetwork } from "../../bench/network.ts";
import { DataSet, nn, train } from "../../mod.ts";
import { card, pretending } from "./card.ts";

/** Begins to train, and returns what was printed. */
async function told(model: nn.Sequential, shape: number[], optimizer: { batchSize: number; name?: "cma-es" }): Promise<string> {
  const lines: string[] = [], { error } = console, stop = new AbortController(), [rows] = shape;
  const size = shape.reduce((product, length) => product * length, 1);
  const whole = shape[1] === 2,
    features = tensor(Float32Array.from({ length: size }, (_, i) => whole ? i % 2 : Math.sin(i) ** 2), shape);
  const data = new DataSet({ features, labels: Float64Array.from({ length: rows }, (_, i) => i % 2) });
  console.error = (line: string) => lines.push(line);
  try {
    const constraints = [{ text: "ACC >= 0.01", delta: 0.05 }], { signal } = stop;
    stop.abort();
    await train({ data, model, objective: nn.logLoss, constraints, optimizer, device: "auto", signal });
  } finally {
    console.error = error;
  }
  equal(lines.length, 1);
  return lines[0];
}

const small = () => new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 1), new nn.Sigmoid());
const embedded = () => new nn.Sequential(new nn.Embedding(2, 3), new nn.Flatten(), new nn.Linear(6, 1), new nn.Sigmoid());

test("a small step stays on the processor", async () => {
  const line = await told(small(), [400, 4], { batchSize: 50 });
  match(
    line,
    /^Training on the CPU: a step takes about 0\.00001\d thousand million .*, and a GPU is expected to be faster from 0\.3$/,
  );
});

test("so does a search without gradients, and a model that reads its input", async () => {
  match(await told(small(), [40, 4], { name: "cma-es", batchSize: 20 }), /^Training on the CPU: a GPU trains by gradients only$/);
  match(
    await told(embedded(), [40, 2], { batchSize: 20 }),
    /^Training on the CPU: the model does not compute with tensors alone$/,
  );
});

test("a large step goes to a card, and not to a program in its place", { skip: card.skip }, async () => {
  const large = () => told(tutorialNetwork(), [120, 1, 28, 28], { batchSize: 30 });
  // 3 · 30 · 2 (16 · 28² · 25 + 32 · 14² · 400 + 1,568 · 10), and a little for the rest.
  match(
    await pretending("a card", large),
    /^Training on the GPU \(a card\): a step takes about 0\.51 thousand million operations, and a GPU .* faster from 0\.3$/,
  );
  match(await pretending("llvmpipe", large), /^Training on the CPU: the GPU is a program, llvmpipe$/);
});
