import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
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
  selectCandidate,
  split,
  type Tensor,
  tensor,
  train,
  type TrainOptions,
} from "../../mod.ts";
import { logistic } from "../helpers/models.ts";

/** Rows that a line through the origin tells apart, with noise; half are M, half F. */
function linear(n: number): DataSet {
  const features = Array.from({ length: n }, (_, i) => [Math.sin(7.1 * i), Math.cos(3.3 * i)]);
  const M = features.map((_, i) => i % 2);
  return new DataSet({
    features,
    labels: features.map(([x, y], i) => x + 0.3 * y + 0.2 * M[i] + 0.3 * Math.sin(11.7 * i) > 0 ? 1 : 0),
    columns: { M, F: M.map((m) => 1 - m) },
    exclusive: [["M", "F"]],
  });
}

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
  deepEqual([text, delta, passed, leaf.name, leaf.n, leaf.bound], ["ACC >= 0.6", 0.05, true, "ACC", 200, "star"]);
  ok(value < upper && upper <= 0 && Math.abs(value - (0.6 - leaf.mean)) < 1e-12 && Math.abs(upper - (0.6 - leaf.lower)) < 1e-12);
  ok(result.objective.candidate! < 0.5 && result.objective.safety! < 0.5);
  equal(result.log.length, 60);
  const again = await safetyTest({ model: result.model, data: linear(400), constraints: [{ text: "ACC >= 0.6", delta: 0.05 }] });
  equal(again.constraints[0].leaves[0].n, 400);
  ok(again.passed && again.objective === null);
});

test("what a model keeps in a field outlives the step, and what escapes otherwise says that it is gone", async () => {
  const escaped: Tensor[] = [];
  class Remembering implements nn.Module {
    readonly layer = logistic();
    /** A running mean of outputs, as a layer that normalises would keep it. */
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

/** A model whose passes are counted. */
class Counting implements nn.Module {
  constructor(readonly inner: nn.Module) {}
  forward(x: Tensor, pass?: nn.Pass): Tensor {
    passes.forward++;
    return counted([this.inner.forward(x, pass)]);
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
    passes.forward = passes.backward = 0;
    let steps = 0, before = 0;
    const result = await train(options({
      model: new Counting(logistic()),
      constraints: texts.slice(0, count).map((text) => ({ text, delta: 0.05 })),
      optimizer: { thetaRate: 0.05, batchSize: 50, epochs: 3 },
      // Called between the forward and the backward pass of a step.
      onStep: ({ g }) => {
        equal(g.length, count);
        // Before the first step some rows are looked at again, whether the model is a function of the row.
        if (steps === 0) before = passes.forward - 1;
        deepEqual(passes, { forward: before + ++steps, backward: steps - 1 });
      },
    }));
    equal(steps, 12);
    ok(passes.backward === 12 && before <= 11);
    equal(result.constraints.length, count);
  }
});

test("training that becomes NaN is no solution, with its log and the last feasible parameters kept", async () => {
  const result = await train(
    options({ constraints: [{ text: "ACC >= 0.3", delta: 0.05 }], optimizer: { thetaRate: 1e38, epochs: 20 } }),
  );
  ok(result instanceof NoSolution);
  ok(
    /^step \d+ of 20: the objective is (NaN|Infinity) and the Lagrangian (NaN|Infinity); try a smaller thetaRate$/.test(
      result.reason,
    ),
    result.reason,
  );
  ok(result.lastFeasible!.every(Number.isFinite) && result.lastFeasible!.length === 3);
  ok(result.log.length > 1 && result.constraints.length === 0);
  equal(`${result}`, `No solution found: ${result.reason}.`);
  ok(JSON.stringify(result).includes('"f":"'));
});

test("an objective that is finite on batches alone is no solution, with its log kept", async () => {
  const objective: nn.Loss = (p, labels) => nn.logLoss(p, labels).mul(labels.size === 50 ? 1 : NaN);
  const result = await train(options({ objective, optimizer: { batchSize: 50, epochs: 3 } }));
  ok(result instanceof NoSolution && result.log.length === 12);
  equal(
    result.reason,
    "no step's parameters gave a finite objective on candidate data; look at the data, or try a smaller thetaRate",
  );
});

test("the best steps of much data are compared on a sample, and the chosen one is judged by all candidate data", async () => {
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

test("a group with too few rows in the safety data does not pass, and the report says why", async () => {
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

test("a batch with too few rows of a group leaves that constraint to the other batches", async () => {
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

test("training can be interrupted, and its log is kept", async () => {
  const interrupt = new AbortController();
  const result = await train(options({ signal: interrupt.signal, onStep: ({ step }) => step === 3 && interrupt.abort() }));
  ok(!result.passed && result.reason === "interrupted after 3 of 60 steps" && result.log.length === 3);
});

test("bad input is an error that names it", async () => {
  const labelled = (label: number) => {
    const { features, labels } = linear(40).at(Array.from({ length: 40 }, (_, i) => i));
    labels.data[3] = label;
    return new DataSet({ features, labels });
  };
  const three = () => new nn.Sequential(new nn.Linear(2, 3), new nn.Softmax());
  const table: [Partial<TrainOptions<nn.Module>>, string | RegExp][] = [
    [{ constraints: [] }, 'Cannot promise nothing: wanted constraints, such as [{ text: "ACC >= 0.95", delta: 0.05 }]'],
    [
      { constraints: [{ text: "ACC >= 0.6", delta: 1 }] },
      "Cannot promise with delta 1: wanted one between 0 and 1, such as 0.05",
    ],
    [
      { constraints: [{ text: "(PR | [X]) <= 0.6", delta: 0.1 }] },
      'Cannot read constraint: unknown column "X"; the data has M, F\n  (PR | [X]) <= 0.6\n         ^',
    ],
    [
      { constraints: [{ text: "PR_[2] <= 0.6", delta: 0.1 }] },
      "Cannot read constraint: class 2 of PR is out of range: the model has classes 0 to 1\n  PR_[2] <= 0.6\n  ^",
    ],
    [
      { model: three(), constraints: [{ text: "PR <= 0.6", delta: 0.1 }] },
      "Cannot read constraint: PR needs a class, because the model has 3: write PR_[k], k from 0 to 2\n  PR <= 0.6\n  ^",
    ],
    [
      { model: three(), constraints: [{ text: "1 - PR_[3] <= 0.6", delta: 0.1 }] },
      "Cannot read constraint: class 3 of PR is out of range: the model has classes 0 to 2\n  1 - PR_[3] <= 0.6\n      ^",
    ],
    [
      { model: three(), constraints: [{ text: "Mean_Error <= 0.6", delta: 0.1 }] },
      /^Cannot read constraint: Mean_Error needs one output a row, and the model has 3; say what it is of by a custom measure/,
    ],
    [
      { data: labelled(2) },
      /^Cannot use label 2 in row \d+: wanted a class, a whole number from 0 to 1; if these are the classes, give label: .*$/,
    ],
    [{ data: labelled(0.5) }, /^Cannot use label 0\.5 in row \d+: wanted a class/],
    [
      { model: new nn.Linear(2, 1) },
      /^Cannot use the model's output -?\d\.\d+ as a probability \(row \d+\): end the model with Sigmoid$/,
    ],
    [{ model: new nn.Sequential(new nn.Linear(3, 1), new nn.Sigmoid()) }, "Cannot multiply [64, 2] by [3, 1]: 2 must equal 3"],
    [
      { model: new nn.Sigmoid() },
      "Cannot train a model without parameters: wanted at least one nn.Parameter in a field, and not frozen",
    ],
    [
      { optimizer: { batchSize: 201 } },
      "Cannot train: optimizer.batchSize is 201, and the candidate data has 200 rows; wanted at most that",
    ],
    [{ optimizer: { epochs: 0 } }, "Cannot train: optimizer.epochs is 0; wanted >=1"],
    [{ optimizer: { epochs: 1.5 } }, "Cannot train: optimizer.epochs is 1.5; wanted a whole number"],
    [{ optimizer: { thetaRate: NaN } }, "Cannot train: optimizer.thetaRate is NaN; wanted number"],
    [
      { optimizer: { epoch: 3 } as never },
      'Cannot train: there is no option "optimizer.epoch"; the nearest is "epochs"',
    ],
    [
      { objective: () => autodiff.zeros([2]) },
      "Cannot minimise an objective that is a tensor of shape [2], float32: wanted a tensor of one number, float32 or float64, as by .mean()",
    ],
    [{ analysis: "magic" as never }, 'Cannot train: analysis is "magic"; wanted "conjunctive" or "interval"'],
    [{ candidates: 0 }, "Cannot train: candidates is 0; wanted a whole number from 1"],
    [{ optimizer: { surrogate: "none" as never } }, /^Cannot train: optimizer\.surrogate is "none"; wanted /],
    [{ optimizer: { temperature: 0 } }, "Cannot train: optimizer.temperature is 0; wanted >0"],
    [{ safetyFraction: 0 }, "Cannot split data with safetyFraction 0: wanted a number between 0 and 1"],
  ];
  for (const [more, wanted] of table) {
    const message = await train(options(more)).then(() => "no error", (error: Error) => error.message);
    if (typeof wanted === "string") equal(message, wanted);
    else match(message, wanted);
  }
  await rejects(train(options({ constraints: [{ text: "ACC >>= 2", delta: 0.1 }] })), ConstraintError);
});

test("a measure can be the objective", async () => {
  const result = await train(options({ objective: measures.ER }));
  ok(result.passed && result.objective.safety! < 0.3);
});

test("the four panels are SVG, with a region where the constraint is predicted to fail", async () => {
  const result = await train(options());
  const svg = await result.plot();
  ok(svg.startsWith("<svg xmlns=") && svg.endsWith("</svg>\n") && svg.includes("infeasible"));
  equal(svg.match(/<g transform="translate\(\d+,0\)"><g/g)!.length, 4);
  // deno-lint-ignore no-explicit-any
  const shown = await (result as any)[Symbol.for("Jupyter.display")]();
  deepEqual(Object.keys(shown), ["text/plain", "text/html"]);
  match(
    shown["text/html"],
    /<li><code>ACC &gt;= 0\.6<\/code>: <strong>kept<\/strong> at delta 0\.05 .*<li><code>ACC<\/code>: 0\.\d+ on 200 rows, at least .*<svg/s,
  );
});

test("families of bounds can be chosen for some of the measures", async () => {
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
  /** Sees x and y of a row apart. */
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

test("a model of texts, or of anything else, is trained and tested on lists of them", async () => {
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

test("running means are those of the step that is chosen", async () => {
  const model = new nn.Sequential(new nn.BatchNorm1d(2), new nn.Linear(2, 1), new nn.Sigmoid());
  // Rates fall to nothing, so that running means are all that changes in the end.
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

test("a model that starts with numbers that are none is told to be looked at, and not to be trained more slowly", async () => {
  const model = logistic();
  for (const parameter of nn.namedParameters(model).values()) parameter.fill(() => NaN);
  const result = await train(options({ model }));
  ok(result instanceof NoSolution);
  match(result.reason, /^step 1 of 60: the objective is NaN .*; the model starts so; look at its parameters and its data$/);
});

test("a penalty is one number, and is named where it is none", async () => {
  const first = (model: nn.Module) => [...nn.namedParameters(model).values()][0];
  for (const name of ["adam", "bfgs", "powell"] as const) {
    const by = (penalty: (model: nn.Module) => unknown) =>
      train(options({ penalty: penalty as (model: nn.Module) => Tensor, optimizer: { name, epochs: 5 } }));
    ok((await by((model) => first(model).square().sum().reshape(1))).log.length > 0);
    await rejects(by(() => {}), { message: /penalty that is undefined: wanted a tensor of one number/ });
    await rejects(by(() => 3), { message: /penalty that is 3: wanted/ });
    await rejects(by((model) => first(model).square()), { message: /a tensor of shape \[1, 2\], float32: wanted/ });
    await rejects(by(() => tensor([1], [], { dtype: "int32" })), { message: /a tensor of shape \[\], int32: wanted/ });
  }
  const none = await train(options({ penalty: (model) => first(model).sum().mul(NaN) }));
  ok(none instanceof NoSolution && /what is added to it NaN/.test(none.reason));
});

test("convolutions can be exact in one training, and are as before after it", async () => {
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

test("an objective that would compare every row with every other is an error, and one of pairs on purpose is not", async () => {
  const mistaken: nn.Loss = (p, y) => p.cast("float64").sub(y).square().mean();
  await rejects(train(options({ objective: mistaken })), {
    message: /Cannot subtract \[200, 1\] and \[200\] in an objective: that would be every pair.*p\.reshape\(-1\); for every pair/,
  });
  const right: nn.Loss = (p, y) => p.reshape(-1).cast("float64").sub(y).square().mean();
  ok((await train(options({ objective: right }))).log.length === 60);
  await rejects(train(options({ objective: (() => 3) as never })), {
    message: /Cannot minimise an objective that is 3: wanted a tensor/,
  });
  await rejects(train(options({ objective: (async () => {}) as never })), { message: /objective that is a promise/ });
  const pairs: nn.Loss = (p, y) => {
    const n = y.size, gaps = p.cast("float64").sub(p.cast("float64").reshape(1, n)), signs = y.reshape(n, 1).sub(y.reshape(1, n));
    return gaps.mul(signs).neg().softplus().mean();
  };
  ok((await train(options({ objective: pairs, optimizer: { epochs: 3 } }))).log.length === 3);
});
