import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, Passed, safetyTest, type Tensor, tensor, train, type TrainOptions } from "../../mod.ts";
import { logistic } from "../helpers/models.ts";
import { linear, options } from "../helpers/line.ts";

test("train() finds a model that passes, and does not change the user's model", async () => {
  const model = nn.initialize(logistic(), 5), before = nn.save(model);
  const result = await train(options({ model }));
  ok(result instanceof Passed);
  deepEqual(nn.save(model), before);
  const [{ text, delta, passed, value, upper, leaves: [leaf] }] = result.constraints;
  deepEqual([text, delta, passed, leaf.name, leaf.n, leaf.bound], ["ACC >= 0.6", 0.05, true, "ACC", 200, "star"]);
  ok(value < upper && upper <= 0 && Math.abs(value - (0.6 - leaf.mean)) < 1e-12 && Math.abs(upper - (0.6 - leaf.lower)) < 1e-12);
  ok(result.objective.candidate! < 0.5 && result.objective.safety! < 0.5);
  equal(result.log.length, 60);
  const again = await safetyTest({ model: result.model, data: linear(400), constraints: [{ text: "ACC >= 0.6", delta: 0.05 }] });
  equal(again.constraints[0].leaves[0].n, 400);
  ok(again.passed && again.objective === null);
});

test("train() returns the same bits for the same seed, and others for another seed", async () => {
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

test("a constraint on a group with too few rows does not pass, and the report says why", async () => {
  const data = linear(400), rare = Array.from({ length: 400 }, (_, i) => i === 7 ? 1 : 0);
  const { features, labels } = data.at(Array.from({ length: 400 }, (_, i) => i));
  const model = nn.initialize(logistic(), 0);
  const report = await safetyTest({
    model,
    data: new DataSet({ features, labels, columns: { rare } }),
    constraints: [{ text: "(PR | [rare]) <= 1.5", delta: 0.05 }],
    bound: "student",
  });
  const [{ upper, note, passed }] = report.constraints;
  deepEqual([upper, note, passed, report.passed], [
    Infinity,
    "PR | [rare] has 1 row, and a bound needs at least 5",
    false,
    false,
  ]);
  const result = await train(options({
    data: new DataSet({ features, labels, columns: { rare } }),
    constraints: [{ text: "(PR | [rare]) <= 1.5", delta: 0.05 }],
    bound: "student",
    optimizer: { epochs: 200 },
  }));
  ok(
    !result.passed &&
      /^no bound on "\(PR \| \[rare\]\) <= 1\.5" was finite in 101 steps: PR \| \[rare\] has [01] rows?, and a bound/.test(
        result.reason,
      ),
    `${result}`,
  );
});

test("a constraint learns from other batches where a batch has too few rows of its group", async () => {
  const data = linear(400), { features, labels } = data.at(Array.from({ length: 400 }, (_, i) => i));
  const some = Array.from({ length: 400 }, (_, i) => i % 7 === 0 ? 1 : 0);
  const result = await train(options({
    data: new DataSet({ features, labels, columns: { some } }),
    constraints: [{ text: "(PR | [some]) <= 0.9", delta: 0.05 }],
    bound: "student",
    optimizer: { thetaRate: 0.05, batchSize: 40, epochs: 10 },
  }));
  ok(result.log.some(({ g }) => g[0] === Infinity) && result.log.some(({ g }) => g[0] < Infinity));
  ok(result.passed, `${result}`);
});

test("interrupted training keeps its log", async () => {
  const interrupt = new AbortController();
  const result = await train(options({ signal: interrupt.signal, onStep: ({ step }) => step === 3 && interrupt.abort() }));
  ok(!result.passed && result.reason === "interrupted after 3 of 60 steps" && result.log.length === 3);
});

test("families of bounds can be chosen for single measures", async () => {
  const text = "abs((PR | [M]) - (PR | [F])) <= 0.5";
  const families = async (bound: TrainOptions<nn.Module>["bound"]) => {
    const { constraints } = await safetyTest({
      model: nn.initialize(logistic(), 0),
      data: linear(400),
      constraints: [{ text: "ACC >= 0.1", delta: 0.05 }, { text, delta: 0.05 }],
      bound,
    });
    return [constraints[0].leaves[0].bound, constraints[1].conjuncts[0].statistic!.bound];
  };
  deepEqual(await families({ ACC: "hoeffding" }), ["hoeffding", "star"]);
  deepEqual(await families({ PR: "student" }), ["star", "student"]);
  deepEqual(await families({ ACC: "auto", PR: "anderson" }), ["star", "anderson"]);
  await rejects(families({ FPR: "student" }), { message: 'Cannot use a bound for "FPR": the constraints have ACC, PR' });
  await rejects(families({ PR: "gauss" as "student" }), /Cannot bound a mean by "gauss": wanted auto, /);
});

test("a model of several tensors learns from all of them", async () => {
  const { size } = linear(400), { features, labels } = linear(400).whole();
  /** Takes x and y of a row as separate tensors. */
  class TwoInputs implements nn.Module<{ x: Tensor; y: Tensor }> {
    readonly first = new nn.Linear(1, 1);
    readonly second = new nn.Linear(1, 1);
    readonly last = new nn.Sigmoid();
    forward({ x, y }: { x: Tensor; y: Tensor }): Tensor {
      return this.last.forward(this.first.forward(x).add(this.second.forward(y)));
    }
  }
  const parts = { x: features.slice(1, 0, 1).reshape(size, 1), y: features.slice(1, 1, 2).reshape(size, 1) };
  const result = await train({
    ...options({ optimizer: { thetaRate: 0.05, epochs: 30, batchSize: 50 } }),
    data: { features: parts, labels },
    model: new TwoInputs(),
  });
  ok(result.passed && result.model.second.weight.value > 0.1);
  ok(result.model.decide(parts).size === size);
});

test("a model of texts is trained and tested on a list of them", async () => {
  const words = ["good", "fine", "great", "bad", "poor", "awful", "plain", "long"],
    texts = Array.from({ length: 600 }, (_, i) => [words[i * 5 % 8], words[i * 3 % 8], words[(i >> 2) % 8]].join(" "));
  const labels = texts.map((text, i) => i % 10 === 0 ? i % 2 : /good|fine|great/.test(text) ? 1 : 0);
  /** Counts words. */
  class BagOfWords implements nn.Module<string[]> {
    readonly layers = new nn.LogisticRegression(words.length);
    forward(texts: string[]): Tensor {
      return this.layers.forward(tensor(texts.map((text) => words.map((word) => Number(text.includes(word))))));
    }
  }
  const short = texts.map((text) => Number(text.length < 14));
  const result = await train({
    data: { items: texts, labels, columns: { short } },
    model: new BagOfWords(),
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.7", delta: 0.05 }, { text: "(ACC | [short]) >= 0.6", delta: 0.05 }],
    optimizer: { thetaRate: 0.1, epochs: 10, batchSize: 60 },
  });
  ok(result.passed, `${result}`);
  match((await result.certificate()).data.sha256, /^[0-9a-f]{64}$/);
  equal(result.model.decide(["a great day"]).value, 1);
});
