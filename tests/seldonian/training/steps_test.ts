import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, safetyTest, selectCandidate, split, type Tensor, tensor, train } from "../../../mod.ts";
import { logistic } from "../../helpers/models.ts";
import { linear, options } from "../../helpers/line.ts";

test("a tensor in a model's field outlives the step, and reading any other tensor of the step is an error", async () => {
  const escaped: Tensor[] = [];
  class Remembering implements nn.Module {
    readonly layer = logistic();
    /** A running mean of outputs, as in a normalisation layer. */
    mean = tensor([0]);
    forward(x: Tensor): Tensor {
      const p = this.layer.forward(x);
      this.mean = this.mean.mul(0.9).add(p.detach().mean(0).mul(0.1));
      escaped.push(p);
      return p;
    }
  }
  const result = await train(options({ model: new Remembering() }));
  ok(result.passed);
  const mean = (result.model as unknown as Remembering).mean.data[0];
  ok(mean > 0.1 && mean < 0.9, `the running mean is ${mean}`);
  throws(() => escaped[0].data, /training step that has ended/);
});

const passes = { forward: 0, backward: 0 };
const counted = autodiff.primitive({
  name: "counted",
  shape: ([x]) => x,
  forward: (_, [x]) => x,
  gradient: ({ dy }) => [() => {
    passes.backward++;
    return dy;
  }],
});

/** A model that counts its passes. */
class Counting implements nn.Module {
  constructor(readonly inner: nn.Module) {}
  forward(x: Tensor, pass?: nn.Pass): Tensor {
    passes.forward++;
    return counted([this.inner.forward(x, pass)]);
  }
}

test("a step takes one forward and one backward pass of the model, with 1 and with 8 constraints", async () => {
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
    passes.forward = passes.backward = 0;
    let steps = 0, before = 0;
    const result = await train(options({
      model: new Counting(logistic()),
      constraints: texts.slice(0, count).map((text) => ({ text, delta: 0.05 })),
      optimizer: { thetaRate: 0.05, batchSize: 50, epochs: 3 },
      // Called between the forward and the backward pass of a step.
      onStep: ({ g }) => {
        equal(g.length, count);
        // Before the first step, a check that the model is a function of the row takes some passes.
        if (steps === 0) before = passes.forward - 1;
        deepEqual(passes, { forward: before + ++steps, backward: steps - 1 });
      },
    }));
    equal(steps, 12);
    ok(passes.backward === 12 && before <= 11);
    equal(result.constraints.length, count);
  }
});

test("with much data the best steps are compared on a sample, and the chosen one is judged on all candidate data", async () => {
  const data = linear(12000), seen: number[] = [];
  const objective: nn.Loss = (p, labels) => {
    seen.push(labels.size);
    return nn.logLoss(p, labels);
  };
  const { candidates: [{ model, objective: found }] } = await selectCandidate({
    ...options({ objective, optimizer: { batchSize: 6000, epochs: 2, finalists: 2 } }),
    others: undefined,
    data,
    safetyRows: 1000,
  });
  const { features, labels } = data.at(Array.from({ length: data.size }, (_, i) => i));
  ok(Math.abs(found - nn.logLoss(model.forward(features), labels).value) < 1e-12);
  // Four steps, two or three finalists on 10,000 rows, and 12,000 at the end.
  const compared = seen.slice(4).reduce((sum, rows) => sum + rows, 0);
  ok([32000, 42000].includes(compared), `${compared} rows`);
});

test("the chosen model keeps its running means", async () => {
  const model = new nn.Sequential(new nn.BatchNorm1d(2), new nn.Linear(2, 1), new nn.Sigmoid());
  // The learning rate falls to 0, so only the running means change at the end.
  const result = await train(
    options({ model, data: linear(2000), optimizer: { thetaRate: 0.05, schedule: "linear", epochs: 20, batchSize: 100 } }),
  );
  ok(result.passed);
  const { running_mean: mean, running_var: variance, num_batches_tracked: count } =
    (result.model as unknown as nn.Sequential)[0] as nn.BatchNorm1d;
  ok(
    count.value > 0 && count.value <= 200 && mean.data.every((x) => Math.abs(x) < 0.15) &&
      variance.data.every((x) => Math.abs(x - 0.5) < 0.15),
  );
  const { safety } = split(linear(2000)),
    report = await safetyTest({
      ...options(),
      others: {},
      model: nn.load(nn.cloneModule(model), nn.save(result.model)),
      data: safety,
    });
  deepEqual(report.constraints[0].upper, result.constraints[0].upper);
});

test("convolutions can be exact in one training, and the setting does not outlast it", async () => {
  const images = tensor(Float32Array.from({ length: 80 * 400 }, (_, i) => Math.sin(i * i)), [80, 1, 20, 20]);
  const labels = Array.from({ length: 80 }, (_, i) => i % 2), layer = nn.initialize(new nn.Conv2d(1, 16, 5, { padding: 2 }), 1);
  const pixels = () => layer.forward(images).data.slice(), before = pixels();
  const trained = async (convolutions?: "fast" | "exact") => {
    const model = new nn.Sequential(
      new nn.Conv2d(1, 16, 5, { padding: 2 }),
      new nn.Flatten(),
      new nn.Linear(6400, 1),
      new nn.Sigmoid(),
    );
    const optimizer = { epochs: 3, ...(convolutions && { convolutions }) };
    const result = await train(options({ data: { features: images, labels }, model, optimizer }));
    return result.log.map(({ f }) => f);
  };
  const [fast, exact, as] = [await trained("fast"), await trained("exact"), await trained()];
  deepEqual(as, fast);
  ok(exact.some((f, i) => f !== fast[i]) && exact.every((f, i) => Math.abs(f - fast[i]) < 1e-4));
  deepEqual(pixels(), before);
  await rejects(train(options({ optimizer: { convolutions: "slow" as never } })), {
    message: /optimizer\.convolutions is "slow"/,
  });
});
