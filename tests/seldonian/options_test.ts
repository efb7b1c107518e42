import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import {
  bounds,
  constraint,
  DataSet,
  explainConstraint,
  forEvery,
  ledgerFile,
  measures,
  nn,
  NoSolution,
  Passed,
  plotBounds,
  plotLog,
  plotTree,
  readNpy,
  safetyTest,
  samplesNeeded,
  selectCandidate,
  sharedRows,
  split,
  type Tensor,
  tensor,
  train,
  tune,
  verify,
} from "../../mod.ts";
import { checkForeign, checkMisspelt, errorOf, type Reader } from "../helpers/misspelt.ts";
import { logistic } from "../helpers/models.ts";

const features = Array.from({ length: 40 }, (_, i) => [Math.sin(7.1 * i), Math.cos(3.3 * i)]);
const labels = features.map(([x]) => x > 0 ? 1 : 0), M = features.map((_, i) => i % 2);
const data = new DataSet({ features, labels, columns: { M } }), model = new nn.LogisticRegression(2);
const constraints = [{ text: "ACC >= 0.01", delta: 0.05 }], optimizer = { epochs: 2, thetaRate: 0.01 };
const problem = { data, model, objective: nn.logLoss, constraints, optimizer };
const selection = { ...problem, safetyRows: 20 }, searched = { ...selection, folds: 2, draws: 1, space: { epochs: [1, 2] } };
const question = { data, model: nn.initialize(new nn.LogisticRegression(2), 0), constraints };
const mine = {
  name: "Mine",
  task: "regression",
  indices: 0,
  range: [0, 1],
  values: ({ predictions, labels }: { predictions: Tensor; labels: Tensor }) => predictions.reshape(labels.size),
};
const passed = await train({ ...problem, optimizer: { epochs: 30, thetaRate: 0.1 } }) as Passed<nn.LogisticRegression>;
const certificate = await passed.certificate(),
  keys = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
const safety = split(data).safety, rate = { coefficient: 1, k: 2, n: 5 };
const members = { coefficient: 1, member: new Uint8Array([1, 0, 1]), values: new Float64Array([0.5, 0, 1]) };

/** What a program without types may write. */
const loose = (given: object): never => given as never;

const ofPromises = "constraints, measures, analysis, bound, rates, shares, ranges, independent, paired";
const ofTraining = "others, penalty, seed, candidates, optimizer, device, onStep, onProgress, signal";
const ofSearch = "space, search, samples, folds, draws, power, onTrial, known, workers, runner";
const ofOptimizer =
  "name, starts, spread, thetaRate, lambdaRate, beta1, beta2, momentum, lambda, dual, lambdaGain, lambdaDecay, " +
  "schedule, gradientClip, patience, regularization, batchSize, epochs, shuffle, inflation, finalists, surrogate, convolutions, " +
  "temperature";

const readers: Reader[] = [
  [
    "train()",
    `${ofPromises}, data, model, objective, ${ofTraining}, safetyFraction, tune, ledger`,
    (o) => train(loose({ ...problem, ...o })),
  ],
  [
    "selectCandidate()",
    `${ofPromises}, data, model, objective, safetyRows, ${ofTraining}`,
    (o) => selectCandidate(loose({ ...selection, ...o })),
  ],
  [
    "safetyTest()",
    `${ofPromises}, data, model, objective, safetyRows, ${ofTraining}, groups, plan, ledger`,
    (o) => safetyTest(loose({ ...question, ...o })),
  ],
  [
    "tune()",
    `${ofPromises}, data, model, objective, safetyRows, ${
      ofTraining.replace(", onStep, onProgress", "")
    }, totalRows, folds, draws, space, search, samples, power, onTrial, known, workers, runner`,
    (o) => tune(loose({ ...searched, ...o })),
  ],
  [
    "tune of train()",
    ofSearch,
    (o) => train(loose({ ...problem, tune: { space: { epochs: [1] }, folds: 2, draws: 1, ...o } })),
    "tune.",
  ],
  ["space of tune()", `${ofOptimizer}, safetyFraction, shares`, (o) => tune(loose({ ...searched, space: o })), "space."],
  [
    "space of the tune of train()",
    `${ofOptimizer}, safetyFraction, shares`,
    (o) => train(loose({ ...problem, tune: { space: o, folds: 2, draws: 1 } })),
    "tune.space.",
  ],
  [
    "a range of tune()",
    "from, to, scale, whole",
    (o) => tune(loose({ ...searched, samples: 1, space: { thetaRate: { from: 0.01, to: 0.02, ...o } } })),
    "space.thetaRate.",
  ],
  ["workers of tune()", "count, start", (o) => tune(loose({ ...searched, workers: { count: 1, start() {}, ...o } })), "workers."],
  ["optimizer", ofOptimizer, (o) => selectCandidate(loose({ ...selection, optimizer: { ...optimizer, ...o } })), "optimizer."],
  [
    "others",
    "data, safetyRows",
    (o) => selectCandidate(loose({ ...selection, others: { b: { data, safetyRows: 9, ...o } } })),
    "others.b.",
  ],
  [
    "a constraint",
    "text, delta, forEvery",
    (o) => safetyTest(loose({ ...question, constraints: [{ ...constraints[0], ...o }] })),
  ],
  [
    "a measure",
    "name, task, outputs, indices, range, binary, functional, counts, perRow, values",
    (o) => safetyTest(loose({ ...question, measures: [{ ...mine, ...o }], constraints: [{ text: "Mine >= -1", delta: 0.05 }] })),
  ],
  ["split()", "safetyFraction, seed, shuffle, stratify, groups", (o) => split(data, o)],
  ["sharedRows()", "candidate, safety", (o) => sharedRows(loose({ ...split(data), ...o }))],
  [
    "samplesNeeded()",
    "delta, rates, power, draws, seed, analysis, bound, shares",
    (o) => samplesNeeded("ACC >= 0.8", loose({ delta: 0.1, rates: { ACC: 0.99 }, draws: 10, ...o })),
  ],
  [
    "rates of samplesNeeded()",
    "rate, part",
    (o) => samplesNeeded("ACC >= 0.8", loose({ delta: 0.1, rates: { ACC: { rate: 0.99, ...o } }, draws: 10 })),
    'rates["ACC"].',
  ],
  ["upperBound()", "method, delta, range, seed", (o) => bounds.upperBound([0, 1], loose({ delta: 0.1, range: [0, 1], ...o }))],
  ["lowerBound()", "method, delta, range, seed", (o) => bounds.lowerBound([0, 1], loose({ delta: 0.1, range: [0, 1], ...o }))],
  [
    "a Bound",
    "name, assumes, guarantee, values, ordered, account, twoRates, fewest, upper, forecast",
    (o) => bounds.upperBound([0, 1], loose({ delta: 0.1, range: [0, 1], method: { ...bounds.hoeffding, ...o } })),
  ],
  ["boundFor()", "range, binary", (o) => bounds.boundFor({ range: [0, 1], binary: true, ...o })],
  ["twoRatesUpper()", "coefficient, k, n", (o) => bounds.twoRatesUpper(rate, { ...rate, ...o }, 0.05)],
  ["oneAccountUpper()", "coefficient, member, values", (o) => bounds.oneAccountUpper(members, { ...members, ...o }, 0.05)],
  [
    "plotBounds()",
    "mean, variance, delta, range, sizes, families, limit",
    (o) => plotBounds(loose({ mean: 0.5, sizes: [9, 99], ...o })),
  ],
  ["ledgerFile()", "spend", (o) => ledgerFile("none.jsonl", o)],
  ["sign()", "privateKey, publicKey", (o) => certificate.sign(loose({ ...keys, ...o }))],
  ["verify()", "others, measures, publicKey", (o) => verify(certificate, passed.model, safety, o)],
  ["decide()", "seed, ids", (o) => passed.model.decide([[1, 2]], o)],
];

test("an option that is misspelt by one edit is refused, and the right one offered", () => checkMisspelt(readers));

// What values() of a measure give is another matter.
const plain = readers.map(([what, names, ...more]): Reader => [what, names.replace("perRow, values", "perRow"), ...more]);

test("whatever one of the options is, an error is the kit's", () => checkForeign(plain));

test("whatever the options are, an error is the kit's", () =>
  checkForeign([
    ["train()", "options", ({ options }) => train(loose(options as object))],
    ["selectCandidate()", "options", ({ options }) => selectCandidate(loose(options as object))],
    ["safetyTest()", "options", ({ options }) => safetyTest(loose(options as object))],
    ["tune()", "options", ({ options }) => tune(loose(options as object))],
    ["split()", "data", ({ data }) => split(data as DataSet)],
    ["sharedRows()", "parts", ({ parts }) => sharedRows(loose(parts as object))],
    ["explainConstraint()", "text", ({ text }) => explainConstraint(text as string, 0.05)],
    ["samplesNeeded()", "text", ({ text }) => samplesNeeded(text as string, { delta: 0.1, rates: {} })],
    ["samplesNeeded()", "options", ({ options }) => samplesNeeded("ACC >= 0.8", loose(options as object))],
    ["forEvery()", "values", ({ values }) => forEvery("g", values as string[], constraint("(PR | [g]) >= 0.1"))],
    ["forEvery()", "of", ({ of }) => forEvery("g", ["M"], loose(of as object))],
    ["ACC.atLeast()", "y", ({ y }) => `${measures.ACC.atLeast(y as number)}`],
    ["ACC.plus()", "y", ({ y }) => `${measures.ACC.plus(y as number)}`],
    ["PR.given()", "condition", ({ condition }) => `${measures.PR.given(condition as string)}`],
    ["PR.on()", "name", ({ name }) => `${measures.PR.on(name as string)}`],
    ["PR.of()", "index", ({ index }) => `${measures.PR.of(index as number)}`],
    ["upperBound()", "values", ({ values }) => bounds.upperBound(values as number[], { delta: 0.1, range: [0, 1] })],
    ["upperBound()", "options", ({ options }) => bounds.upperBound([0, 1], loose(options as object))],
    ["plotTree()", "constraints", ({ constraints }) => plotTree(loose(constraints as object))],
    ["plotLog()", "log", ({ log }) => plotLog(loose(log as object), [])],
    ["plotBounds()", "options", ({ options }) => plotBounds(loose(options as object))],
    ["ledgerFile()", "path", ({ path }) => ledgerFile(path as string)],
    ["verify()", "certificate", ({ certificate }) => verify(certificate, passed.model, safety)],
    ["verify()", "model", ({ model }) => verify(certificate, model as nn.Module, safety)],
    ["verify()", "data", ({ data }) => verify(certificate, passed.model, data as DataSet)],
    ["readNpy()", "bytes", ({ bytes }) => readNpy(bytes as Uint8Array)],
    ["decide()", "rows", ({ rows }) => passed.model.decide(loose(rows as object))],
  ]));

const asOne = 'wanted a list, such as [{ text: "ACC >= 0.95", delta: 0.05 }]', text = "ACC >= 0.95";
const aModel = "wanted a model, an object with forward(), such as new nn.LogisticRegression(2)";
const anObjective =
  'wanted a loss, "logLoss", "meanSquaredError", "meanAbsoluteError" or a function of predictions and labels, or a ' +
  'measure, such as "ER" or measures.ER';
const families = `wanted auto, ${bounds.families.map(({ name }) => name).join(", ")}, or a Bound`;

test("wrong options of train() are named, with what is wanted", async () => {
  const table: [options: object, name: "TypeError" | "RangeError", message: string][] = [
    [{ safety_fraction: 0.5 }, "TypeError", 'there is no option "safety_fraction"; the nearest is "safetyFraction"'],
    [{ constraints: undefined }, "TypeError", `constraints is missing; ${asOne}`],
    [{ constraints: text }, "TypeError", `constraints is "${text}"; ${asOne}`],
    [{ constraints: { text, delta: 0.05 } }, "TypeError", `constraints is an object with text, delta; ${asOne}`],
    [{ model: undefined }, "TypeError", `model is missing; ${aModel}`],
    [{ model: nn.Linear }, "TypeError", `model is the class Linear; ${aModel}`],
    [{ model: () => model }, "TypeError", `model is a function; ${aModel}`],
    [{ model: { layers: [] } }, "TypeError", `model is an object with layers; ${aModel}`],
    [{ objective: "logloss" }, "RangeError", 'objective is "logloss"; the nearest is "logLoss"'],
    [{ objective: "crossEntropy" }, "RangeError", `objective is "crossEntropy"; ${anObjective}`],
    [{ objective: measures.F1 }, "TypeError", `objective is a Compound; ${anObjective}`],
    [{ objective: undefined }, "TypeError", `objective is missing; ${anObjective}`],
    [{ rates: "decide" }, "RangeError", 'rates is "decide"; the nearest is "decided"'],
    [{ analysis: "conjunctiv" }, "RangeError", 'analysis is "conjunctiv"; the nearest is "conjunctive"'],
    [{ analysis: true }, "TypeError", 'analysis is true; wanted "conjunctive" or "interval"'],
    [{ shares: "equel" }, "RangeError", 'shares is "equel"; the nearest is "equal"'],
    [{ device: "cuda" }, "RangeError", 'device is "cuda"; wanted "cpu", "gpu" or "auto", or what autodiff.openGpu() gave'],
    [
      { device: Promise.resolve() },
      "TypeError",
      'device is a promise, which is to be awaited; wanted "cpu", "gpu" or "auto", or what autodiff.openGpu() gave',
    ],
    [{ optimizer: "adam" }, "TypeError", 'optimizer is "adam"; wanted an object'],
    [{ optimizer: { dual: "augmentd" } }, "RangeError", 'optimizer.dual is "augmentd"; the nearest is "augmented"'],
    [
      { optimizer: { dual: "barrier" } },
      "RangeError",
      'optimizer.dual is "barrier"; wanted "scaled", "ascent", "augmented" or "pi"',
    ],
    [{ optimizer: { schedule: "cosin" } }, "RangeError", 'optimizer.schedule is "cosin"; the nearest is "cosine"'],
    [{ optimizer: { convolutions: "exat" } }, "RangeError", 'optimizer.convolutions is "exat"; the nearest is "exact"'],
    [{ optimizer: { thetaRate: "0.1" } }, "RangeError", 'optimizer.thetaRate is "0.1"; wanted number'],
    [{ optimizer: { theta_rate: 0.1 } }, "TypeError", 'there is no option "optimizer.theta_rate"; the nearest is "thetaRate"'],
    [{ onStep: Promise.resolve() }, "TypeError", "onStep is a promise, which is to be awaited; wanted a function"],
    [{ signal: new AbortController() }, "TypeError", "signal is an AbortController; wanted an AbortSignal, as controller.signal"],
    [
      { ledger: "runs.jsonl" },
      "TypeError",
      'ledger is "runs.jsonl"; wanted a ledger, as ledgerFile("tests.ledger.jsonl") makes one',
    ],
    [{ seed: 1.5 }, "RangeError", "seed is 1.5; wanted a whole number"],
    [{ seed: "1" }, "TypeError", 'seed is "1"; wanted a whole number'],
    [{ paired: "old" }, "TypeError", 'paired is "old"; wanted a list'],
  ];
  for (const [options, name, why] of table) {
    const error = await errorOf(() => train(loose({ ...problem, ...options })));
    deepEqual([error?.name, error?.message], [name, `Cannot train: ${why}`]);
  }
  // What a constraint should have is said for each.
  const stated: [one: unknown, name: "TypeError" | "RangeError", message: string][] = [
    [
      text,
      "TypeError",
      `Cannot promise "${text}" without a delta: wanted { text: "${text}", delta: 0.05 }, where delta is the probability that it may be broken`,
    ],
    [
      measures.ACC.atLeast(0.95),
      "TypeError",
      `Cannot promise "${text}" without a delta: wanted { text: "${text}", delta: 0.05 }, where delta is the probability that it may be broken`,
    ],
    [
      { text },
      "TypeError",
      `Cannot promise "${text}": delta is missing; wanted the probability that it may be broken, such as 0.05`,
    ],
    [
      { text, delta: "0.05" },
      "TypeError",
      `Cannot promise "${text}": delta is "0.05"; wanted the probability that it may be broken, such as 0.05`,
    ],
    [{ text, delta: 0 }, "RangeError", "Cannot promise with delta 0: wanted one between 0 and 1, such as 0.05"],
    [{ text, delta: 95 }, "RangeError", "Cannot promise with delta 95: wanted one between 0 and 1, such as 0.05"],
    [
      { delta: 0.05 },
      "TypeError",
      'Cannot promise: text is missing; wanted a text, such as "ACC >= 0.95", or a constraint built in code',
    ],
    [
      { text: measures.ACC, delta: 0.05 },
      "TypeError",
      'Cannot promise "ACC": text is a Leaf; wanted a text, such as "ACC >= 0.95", or a constraint built in code',
    ],
    [
      { text, delta: 0.05, foreach: {} },
      "TypeError",
      `Cannot promise "${text}": there is no option "foreach"; wanted some of text, delta, forEvery`,
    ],
    [null, "TypeError", "Cannot promise: the options are null; wanted an object with some of text, delta, forEvery"],
  ];
  for (const [one, name, message] of stated) {
    const error = await errorOf(() => train(loose({ ...problem, constraints: [one] })));
    deepEqual([error?.name, error?.message], [name, message]);
  }
  for (
    const [bound, message] of [
      ["hoefding", 'Cannot bound a mean by "hoefding": the nearest is "hoeffding"'],
      ["gauss", `Cannot bound a mean by "gauss": ${families}`],
      [{ ACC: "studant" }, 'Cannot bound a mean by "studant": the nearest is "student"'],
    ]
  ) equal((await errorOf(() => train(loose({ ...problem, bound }))))?.message, message);
});

test("wrong options of searches, splits, tests and plots are named, with what is wanted", async () => {
  const table: [act: () => unknown, message: string][] = [
    [() => tune(loose({ ...searched, search: "cmaes" })), 'Cannot search: search is "cmaes"; the nearest is "cma-es"'],
    [
      () => tune(loose({ ...searched, space: { epochs: 3 } })),
      "Cannot search epochs: its values are 3; wanted a list, or { from, to }",
    ],
    [
      () => tune(loose({ ...searched, space: { thetaRate: { from: 0.1 } } })),
      "Cannot search: space.thetaRate.to is missing; wanted a number",
    ],
    [
      () => tune(loose({ ...searched, workers: { count: 1, start: () => 1 } })),
      "Cannot search in workers: start() gave 1; wanted a Worker",
    ],
    [() => split(loose({ features, labels })), "Cannot split an object with features, labels: wanted a DataSet or a Table"],
    [
      () => split(data, loose({ stratify: "M" })),
      'Cannot split data: stratify is "M"; wanted a list with a value for each row, as table.column(…) gives',
    ],
    [
      () => safetyTest(loose({ ...question, data: features })),
      "Cannot use the data: it is a list; wanted a DataSet or a stream, as new DataSet({ features, labels })",
    ],
    [() => ledgerFile("a", loose({ spend: "half" })), 'Cannot keep a ledger: spend is "half"; wanted "whole" or "halving"'],
    [
      () => certificate.sign(loose({ privateKey: keys.privateKey })),
      'Cannot sign: publicKey is missing; wanted a key of Ed25519, as crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) makes two',
    ],
    [() => plotBounds(loose({ mean: 0.5, families: ["hoefding"] })), 'Cannot draw "hoefding": the nearest is "hoeffding"'],
    [() => plotBounds({ mean: 2 }), "Cannot draw bounds on a mean of 2: wanted one in the range [0, 1]"],
    [
      () => measures.ACC.atLeast("0.9" as never),
      'Cannot use "0.9" in a formula: wanted a number, or a measure such as measures.ACC',
    ],
    [
      () => forEvery("g", "M" as never, constraint("(PR | [g]) >= 0.1")),
      'Cannot promise for every value: the list for "g" is "M"; wanted a list of texts and numbers',
    ],
    [
      () => train({ ...problem, model: new Told([1]) }),
      "Cannot use a model's output that is a list: wanted a tensor, as tensor([1, 2])",
    ],
    [
      () => train({ ...problem, model: new Told(Promise.resolve()) }),
      "Cannot use a model's output that is a promise, which is to be awaited: wanted a tensor, as tensor([1, 2])",
    ],
  ];
  for (const [act, message] of table) equal((await errorOf(act))?.message, message);
  /** Has parameters and does not ask them. */
  class Deaf extends nn.LogisticRegression {
    override forward(x: Tensor): Tensor {
      return x.slice(1, 0, 1).sigmoid();
    }
  }
  match((await errorOf(() => train({ ...problem, model: new Deaf(2) })))!.message, /^Cannot train by gradients: .*"cma-es" \}$/);
});

/** A model that tells the same whatever it is asked. */
class Told extends nn.LogisticRegression {
  constructor(readonly told: unknown) {
    super(2);
  }
  override forward(): Tensor {
    return this.told as Tensor;
  }
}

test("objectives are known by their names too", async () => {
  const log = async (objective: "logLoss" | "ER" | nn.Loss | typeof measures.ER) =>
    JSON.stringify((await train({ ...problem, objective })).log);
  equal(await log("logLoss"), await log(nn.logLoss));
  equal(await log("ER"), await log(measures.ER));
  ok(await log("ER") !== await log("logLoss"));
  const told = await safetyTest({ ...question, objective: "ER" });
  ok(told.objective! > 0 && told.objective === (await safetyTest({ ...question, objective: measures.ER })).objective);
  const [first] = await tune({ ...searched, objective: "logLoss" }), [second] = await tune(searched);
  deepEqual(first, second);
});

test("decisions are of nested arrays as of tensors, where the data is of tensors; else a list is of items", async () => {
  const rows = [[1, 2], [-1, 0.5], [0.1, -3]];
  deepEqual(passed.model.decide(rows).toArray(), passed.model.decide(tensor(rows)).toArray());
  match(
    (await errorOf(() => passed.model.decide([1, 2])))!.message,
    /^Cannot use 1 as a feature, in row 0: wanted a list of numbers for each row/,
  );
  /** Of lists of numbers. */
  class Sums implements nn.Module<number[][]> {
    readonly layer = new nn.LogisticRegression(1);
    forward(items: number[][]): Tensor {
      return this.layer.forward(tensor(items.map((one) => [one.reduce((a, b) => a + b)])));
    }
  }
  const result = await train({ ...problem, data: { items: features, labels }, model: new Sums() });
  ok(result instanceof Passed);
  equal(result.model.decide([[1, 2, 3], [4]]).size, 2);
});

test("trials of a search are not steps of the training that it is for", async () => {
  const steps: number[] = [];
  const result = await train({
    ...problem,
    tune: { space: { inflation: [1, 2] }, folds: 2, draws: 1 },
    onStep: ({ step }) => steps.push(step),
  });
  deepEqual(steps, [1, 2]);
  equal(result.trials!.length, 2);
});

test("a slope that is not finite at the initial parameters is told as such, with the term and the parameter", async () => {
  const zeros = () => {
    const model = logistic();
    for (const parameter of nn.namedParameters(model).values()) parameter.fill(() => 0);
    return model;
  };
  type Model = ReturnType<typeof zeros> & { 0: nn.Linear };
  const cure = "it and the model must be differentiable there, as sqrt(x + 1e-12) is at 0 and sqrt(x) is not";
  const norm = (model: unknown) => (model as Model)[0].weight.square().sum().sqrt();
  const root: nn.Loss = (p, y) => nn.logLoss(p, y).add(p.cast("float64").sub(0.5).square().sum().sqrt());
  const doubt = {
    ...mine,
    task: "regression" as const,
    range: [0, 1] as const,
    values: ({ predictions, labels }: { predictions: Tensor; labels: Tensor }) =>
      predictions.reshape(labels.size).sub(0.5).abs().sqrt(),
  };
  const cases: [more: object, reason: string | RegExp][] = [
    [{ penalty: norm }, "the penalty is 0 at the initial parameters, and its slope in 0.weight is NaN"],
    [
      { penalty: (model: Model) => model[0].bias!.sqrt().sum() },
      "the penalty is 0 at the initial parameters, and its slope in 0.bias is Infinity",
    ],
    [{ objective: root }, /^the objective is 0\.693\d+ at the initial parameters, and its slope in 0\.weight is NaN$/],
    [
      { measures: [doubt], constraints: [{ text: "Mine <= 0.9", delta: 0.05 }], bound: "hoeffding" },
      /^the bound on Mine <= 0\.9 is -?[\d.]+ at the initial parameters, and its slope in 0\.weight is NaN$/,
    ],
  ];
  const table = cases.flatMap(([more, reason]) =>
    ["adam", "sgd", "bfgs"].map((name) => [{ ...more, optimizer: { name, epochs: 3 } }, reason] as const)
  );
  for (const [more, reason] of table) {
    const result = await train(loose({ ...problem, model: zeros(), ...more })) as NoSolution;
    ok(result instanceof NoSolution, `${JSON.stringify(more)} ${result}`);
    const [found, advice] = result.reason.split("; ");
    if (typeof reason === "string") equal(found, reason);
    else match(found, reason);
    equal(advice, cure);
    equal(result.log.length, 1);
  }
  // Smoothed it trains, and from another start it does too.
  const smooth = (model: Model) => model[0].weight.square().sum().add(1e-12).sqrt();
  ok((await train({ ...problem, model: zeros(), penalty: (model) => smooth(model as Model) })).passed);
  ok((await train({ ...problem, model: zeros(), penalty: norm, optimizer: { starts: 2, epochs: 3 } })).passed);
});
