import { test } from "node:test";
import {
  bounds,
  constraint,
  type DataSet,
  explainConstraint,
  fit,
  forEvery,
  ledgerFile,
  measures,
  nn,
  plotBounds,
  plotLog,
  plotTree,
  readNpy,
  runAll,
  runHere,
  safetyTest,
  samplesNeeded,
  selectCandidate,
  serveTrials,
  sharedRows,
  split,
  train,
  trialsOf,
  tune,
  verify,
} from "../../mod.ts";
import { checkForeign, checkMisspelt, loose, type Reader } from "../helpers/misspelt.ts";
import {
  certificate,
  constraints,
  data,
  keys,
  members,
  mine,
  model,
  optimizer,
  passed,
  problem,
  question,
  rate,
  safety,
  searched,
  selection,
} from "../helpers/small_question.ts";

const ofPromises = "constraints, measures, analysis, bound, rates, shares, ranges, independent, paired, shift";
const ofTraining = "others, penalty, seed, candidates, optimizer, device, onStep, onProgress, signal";
const ofSearch = "space, search, samples, folds, draws, modelOf, power, onTrial, onProgress, known, workers, runner";
const ofOptimizer =
  "name, starts, spread, thetaRate, lambdaRate, beta1, beta2, momentum, lambda, dual, lambdaGain, lambdaDecay, " +
  "schedule, gradientClip, patience, regularization, batchSize, batchSizes, epochs, shuffle, inflation, finalists, surrogate, convolutions, " +
  "replay, temperature";

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
    "fit()",
    "data, model, objective, rates, optimizer, penalty, seed, device, onStep, onProgress, signal",
    (o) => fit(loose({ data, model, objective: nn.logLoss, optimizer, ...o })),
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
    }, totalRows, folds, draws, modelOf, space, search, samples, power, onTrial, onProgress, known, workers, runner`,
    (o) => tune(loose({ ...searched, ...o })),
  ],
  ["trialsOf()", "", (o) => trialsOf(loose({ ...selection, ...o }))],
  ["serveTrials()", "", (o) => serveTrials(loose({ ...selection, ...o }))],
  ["runAll()", "onAnswer, signal", (o) => runAll(runHere((x) => Promise.resolve(x)), [1], loose(o))],
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
    "text, delta, forEvery, bound, inflation, lambda",
    (o) => safetyTest(loose({ ...question, constraints: [{ ...constraints[0], ...o }] })),
  ],
  [
    "a measure",
    "name, task, outputs, indices, range, binary, functional, wrongIndex, sided, counts, perRow, values",
    (o) => safetyTest(loose({ ...question, measures: [{ ...mine, ...o }], constraints: [{ text: "Mine >= -1", delta: 0.05 }] })),
  ],
  ["split()", "safetyFraction, seed, shuffle, stratify, groups", (o) => split(data, o)],
  ["sharedRows()", "candidate, safety", (o) => sharedRows(loose({ ...split(data), ...o }))],
  ["explainConstraint()", "shift", (o) => explainConstraint("ACC >= 0.8", 0.1, loose(o))],
  [
    "samplesNeeded()",
    "delta, rates, groups, power, draws, seed, analysis, bound, shares, shift, onTry",
    (o) => samplesNeeded("ACC >= 0.8", loose({ delta: 0.1, rates: { ACC: 0.99 }, draws: 10, ...o })),
  ],
  [
    "groups of samplesNeeded()",
    "part, rates",
    (o) => {
      const shift = { race: { a: 0.5, b: 0.5 } },
        a = { part: 1, rates: { ACC: 0.99 }, ...o },
        b = { part: 0, rates: { ACC: 0.99 } };
      samplesNeeded("ACC >= 0.8", loose({ delta: 0.1, draws: 2, shift, groups: { a, b } }));
    },
    'groups["a"].',
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
  [
    "oneAccountUpper()",
    "coefficient, member, values, weights",
    (o) => bounds.oneAccountUpper(members, { ...members, ...o }, 0.05),
  ],
  [
    "plotBounds()",
    "mean, variance, delta, range, sizes, families, limit",
    (o) => plotBounds(loose({ mean: 0.5, sizes: [9, 99], ...o })),
  ],
  ["ledgerFile()", "spend", (o) => ledgerFile("none.jsonl", o)],
  ["sign()", "privateKey, publicKey", (o) => certificate.sign(loose({ ...keys, ...o }))],
  [
    "verify()",
    "constraints, rates, bound, analysis, ranges, independent, paired, shift",
    (o) => verify(certificate, passed.model, safety, { promise: { constraints: [{ text: "ACC >= 0.6", delta: 0.1 }], ...o } }),
    "promise.",
  ],
  ["verify()", "others, measures, publicKey, promise, files", (o) => verify(certificate, passed.model, safety, o)],
  ["decide()", "seed, ids", (o) => passed.model.decide([[1, 2]], o)],
];

test("an option with one misspelling is refused, and the error suggests the right one", () => checkMisspelt(readers));

// Without the functions of a measure, whose results are checked elsewhere.
const ofMeasures = /, (wrongIndex|sided|values)\b/g;
const plain = readers.filter(([, names]) => names !== "").map(([what, names, ...more]): Reader =>
  what === "a measure" ? [what, names.replaceAll(ofMeasures, ""), ...more] : [what, names, ...more]
);

test("for every value of every option, an error comes from the kit", () => checkForeign(plain));

test("for every value of every argument, an error comes from the kit", () =>
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
