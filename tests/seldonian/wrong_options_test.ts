import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import {
  bounds,
  constraint,
  forEvery,
  ledgerFile,
  measures,
  nn,
  plotBounds,
  safetyTest,
  split,
  type Tensor,
  train,
  tune,
} from "../../mod.ts";
import { errorOf, loose } from "../helpers/misspelt.ts";
import { certificate, data, features, keys, labels, model, problem, question, searched } from "../helpers/small_question.ts";

const asOne = 'wanted a list, such as [{ text: "ACC >= 0.95", delta: 0.05 }]', text = "ACC >= 0.95";
const aModel = "wanted a model, an object with forward(), such as new nn.LogisticRegression(2)";
const anObjective =
  'wanted a loss, "logLoss", "meanSquaredError", "meanAbsoluteError" or a function of predictions and labels, or a ' +
  'measure, such as "ER" or measures.ER';
const families = `wanted auto, ${bounds.families.map(({ name }) => name).join(", ")}, or a Bound`;

test("errors for wrong options of train() name the option and say what was wanted", async () => {
  const table: [options: object, name: "TypeError" | "RangeError", message: string][] = [
    [{ safety_fraction: 0.5 }, "TypeError", 'there is no option "safety_fraction"; the nearest is "safetyFraction"'],
    [{ rate: "decided" }, "TypeError", 'there is no option "rate"; the nearest is "rates"'],
    [{ optimiser: {} }, "TypeError", 'there is no option "optimiser"; the nearest is "optimizer"'],
    [{ analyses: "interval" }, "TypeError", 'there is no option "analyses"; the nearest is "analysis"'],
    [{ forevery: {} }, "TypeError", 'there is no option "forevery"; "forEvery" belongs in constraints'],
    [{ epochs: 3 }, "TypeError", 'there is no option "epochs"; "epochs" belongs in optimizer'],
    [{ space: {} }, "TypeError", 'there is no option "space"; "space" belongs in tune'],
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
    [{ device: "cuda" }, "RangeError", 'device is "cuda"; wanted "cpu", "gpu" or "auto", or the result of autodiff.openGpu()'],
    [
      { device: Promise.resolve() },
      "TypeError",
      'device is a promise that was not awaited; wanted "cpu", "gpu" or "auto", or the result of autodiff.openGpu()',
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
    [{ optimizer: { inflation: Infinity } }, "RangeError", "optimizer.inflation is Infinity; wanted a finite number from 0"],
    [{ optimizer: { thetaRate: Infinity } }, "RangeError", "optimizer.thetaRate is Infinity; wanted a finite number above 0"],
    [{ optimizer: { starts: 1.5 } }, "RangeError", "optimizer.starts is 1.5; wanted a whole number"],
    [{ optimizer: { theta_rate: 0.1 } }, "TypeError", 'there is no option "optimizer.theta_rate"; the nearest is "thetaRate"'],
    [{ onStep: Promise.resolve() }, "TypeError", "onStep is a promise that was not awaited; wanted a function"],
    [{ signal: new AbortController() }, "TypeError", "signal is an AbortController; wanted an AbortSignal, as controller.signal"],
    [
      { ledger: "runs.jsonl" },
      "TypeError",
      'ledger is "runs.jsonl"; wanted a ledger, such as ledgerFile("tests.ledger.jsonl")',
    ],
    [{ shift: new Map() }, "TypeError", "shift is a Map; wanted an object"],
    [{ optimizer: new Map() }, "TypeError", "optimizer is a Map; wanted an object"],
    [{ seed: 1.5 }, "RangeError", "seed is 1.5; wanted a whole number"],
    [{ seed: "1" }, "TypeError", 'seed is "1"; wanted a whole number'],
    [{ paired: "old" }, "TypeError", 'paired is "old"; wanted a list'],
  ];
  for (const [options, name, why] of table) {
    const error = await errorOf(() => train(loose({ ...problem, ...options })));
    deepEqual([error?.name, error?.message], [name, `Cannot train: ${why}`]);
  }
  // Each wrong constraint has its message.
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
      `Cannot promise "${text}": there is no option "foreach"; wanted some of text, delta, forEvery, bound, inflation, lambda`,
    ],
    [
      { text, delta: 0.05, inflation: Infinity },
      "RangeError",
      `Cannot promise "${text}": inflation is Infinity; wanted a finite number from 0`,
    ],
    [
      null,
      "TypeError",
      "Cannot promise: the options are null; wanted an object with some of text, delta, forEvery, bound, inflation, lambda",
    ],
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

test("errors for wrong options of searches, splits, tests and plots say what was wanted", async () => {
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
      "Cannot search in workers: start() returned 1; wanted a Worker",
    ],
    [() => split(loose({ features, labels })), "Cannot split an object with features, labels: wanted a DataSet or a Table"],
    [
      () => split(data, loose({ stratify: "M" })),
      'Cannot split data: stratify is "M"; wanted a list with a value for each row, such as table.column(…)',
    ],
    [
      () => safetyTest(loose({ ...question, data: features })),
      "Cannot use the data: it is a list; wanted a DataSet or a stream, such as new DataSet({ features, labels })",
    ],
    [() => ledgerFile("a", loose({ spend: "half" })), 'Cannot keep a ledger: spend is "half"; wanted "whole" or "halving"'],
    [
      () => certificate.sign(loose({ privateKey: keys.privateKey })),
      'Cannot sign: publicKey is missing; wanted an Ed25519 key, as from crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])',
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
      "Cannot use a model's output that is a list: wanted a tensor, as in tensor([1, 2])",
    ],
    [
      () => train({ ...problem, model: new Told(Promise.resolve()) }),
      "Cannot use a model's output that is a promise that was not awaited: wanted a tensor, as in tensor([1, 2])",
    ],
  ];
  for (const [act, message] of table) equal((await errorOf(act))?.message, message);
  /** Has parameters but does not use them. */
  class Deaf extends nn.LogisticRegression {
    override forward(x: Tensor): Tensor {
      return x.slice(1, 0, 1).sigmoid();
    }
  }
  match((await errorOf(() => train({ ...problem, model: new Deaf(2) })))!.message, /^Cannot train by gradients: .*"cma-es" \}$/);
});

/** A model that returns the same value for every input. */
class Told extends nn.LogisticRegression {
  constructor(readonly told: unknown) {
    super(2);
  }
  override forward(): Tensor {
    return this.told as Tensor;
  }
}
