import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import {
  autodiff,
  ConstraintError,
  DataSet,
  measures,
  nn,
  NoSolution,
  Passed,
  safetyTest,
  type Tensor,
  train,
  type TrainOptions,
} from "../../mod.ts";

/** Rows that a line through the origin tells apart, with noise; half are M, half F. */
function linear(n: number): DataSet {
  const features = Array.from({ length: n }, (_, i) => [Math.sin(7.1 * i), Math.cos(3.3 * i)]);
  const M = features.map((_, i) => i % 2);
  return new DataSet({
    features,
    labels: features.map(([x, y], i) => x + 0.3 * y + 0.2 * M[i] + 0.3 * Math.sin(11.7 * i) > 0 ? 1 : 0),
    columns: { M, F: M.map((m) => 1 - m) },
  });
}

const logistic = () => new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid());
const options = (more: Partial<TrainOptions<nn.Module>> = {}): TrainOptions<nn.Module> => ({
  data: linear(400),
  model: logistic(),
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
  optimizer: { thetaRate: 0.05, epochs: 60 },
  ...more,
});

test("train() finds a model that passes, and leaves the user's model alone", async () => {
  const model = nn.initialize(logistic(), 5), before = nn.save(model);
  const result = await train(options({ model }));
  ok(result instanceof Passed);
  deepEqual(nn.save(model), before);
  const [{ text, delta, passed, value, upper, leaves: [leaf] }] = result.constraints;
  deepEqual([text, delta, passed, leaf.name, leaf.n, leaf.bound], ["ACC >= 0.6", 0.05, true, "ACC", 200, "student"]);
  ok(value < upper && upper <= 0 && Math.abs(value - (0.6 - leaf.mean)) < 1e-12 && Math.abs(upper - (0.6 - leaf.lower)) < 1e-12);
  ok(result.objective.candidate! < 0.5 && result.objective.safety! < 0.5);
  equal(result.log.length, 60);
  const again = await safetyTest({ model: result.model, data: linear(400), constraints: [{ text: "ACC >= 0.6", delta: 0.05 }] });
  equal(again.constraints[0].leaves[0].n, 400);
  ok(again.passed && again.objective === null);
});

test("train() gives the same bits for the same seed, and others for another", async () => {
  const run = async (seed: number) => {
    const result = await train(options({ seed, optimizer: { thetaRate: 0.05, batchSize: 32, epochs: 6 } }));
    return {
      log: JSON.stringify(result.log),
      constraints: JSON.stringify(result.constraints),
      theta: result.passed ? nn.save(result.model) : null,
    };
  };
  const first = await run(1);
  deepEqual(await run(1), first);
  ok((await run(2)).log !== first.log);
});

/** A model that counts its forward and backward passes. */
class Counting implements nn.Module {
  forwards = 0;
  backwards = 0;
  readonly #count = autodiff.primitive({
    name: "count",
    shape: ([x]) => x,
    forward: (_, [x]) => x,
    gradient: ({ dy }) => [() => {
      this.backwards++;
      return dy;
    }],
  });
  constructor(readonly inner: nn.Module) {}
  forward(x: Tensor, pass?: nn.Pass): Tensor {
    this.forwards++;
    return this.#count([this.inner.forward(x, pass)]);
  }
}

test("a step makes one forward and one backward pass of the model, with 1 and with 8 constraints", async () => {
  const texts = [
    "ACC >= 0.6",
    "PR <= 0.9",
    "NR <= 0.9",
    "FPR <= 0.6",
    "TPR >= 0.3",
    "abs((PR | [M]) - (PR | [F])) <= 0.6",
    "min((PR | [M])/(PR | [F]), (PR | [F])/(PR | [M])) >= 0.1",
    "exp(FNR | [M]) <= 2.5".replace("FNR | [M]", "(FNR | [M])"),
  ];
  for (const count of [1, 8]) {
    const counting = new Counting(logistic());
    // Private fields and the primitive travel with the object, so train() must be given one that it need not copy.
    const shared = { forward: counting.forward.bind(counting), inner: counting.inner };
    const constraints = texts.slice(0, count).map((text) => ({ text, delta: 0.05 }));
    let steps = 0, forwards = 0, backwards = 0;
    await train(options({
      model: shared,
      constraints,
      optimizer: { thetaRate: 0.05, batchSize: 50, epochs: 3, candidates: 0 },
      onStep: () => {
        // Called between the forward and the backward pass of a step.
        steps++;
        equal(counting.forwards, forwards + 1);
        equal(counting.backwards, backwards);
        [forwards, backwards] = [counting.forwards, counting.backwards + 1];
      },
    }));
    equal(steps, 12);
    equal(counting.backwards, 12);
  }
});
