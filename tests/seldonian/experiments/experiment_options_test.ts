import { test } from "node:test";
import {
  experiment,
  experimentTrials,
  fitted,
  penalized,
  program,
  queueRunner,
  reductions,
  Results,
  resultsPage,
  seldonian,
  serveExperiment,
  serveQueue,
  slurmScript,
  thresholds,
  trainingSamplesNeeded,
} from "../../../seldonian/experiments/mod.ts";
import { checkMisspelt, loose, type Reader } from "../../helpers/misspelt.ts";
import { constraints, model, objective, population, small } from "../../helpers/small_experiment.ts";

const results = new Results([], [], "logLoss");
const learned = { model, objective }, promised = { ...learned, constraints }, workers = { count: 1, start: () => loose(null) };

const readers: Reader[] = [
  ["experiment()", "", (o) => experiment(loose({ ...small, ...o }))],
  ["experimentTrials()", "", (o) => experimentTrials(loose({ ...small, ...o }))],
  ["serveExperiment()", "", (o) => serveExperiment(loose({ ...small, ...o }))],
  ["fitted()", "", (o) => fitted(loose({ ...learned, ...o }))],
  ["seldonian()", "", (o) => seldonian(loose({ ...promised, ...o }))],
  ["penalized()", "", (o) => penalized(loose({ ...promised, ...o }))],
  ["reductions()", "", (o) => reductions(loose({ groups: ["M"], ...o }))],
  ["thresholds()", "", (o) => thresholds(loose({ groups: ["M"], ...o }))],
  ["program()", "", (o) => program(["true"], o)],
  ["plot()", "against", (o) => results.plot(o)],
  ["page()", "against", (o) => results.page(o)],
  ["table()", "against", (o) => results.table(o)],
  ["rows()", "against", (o) => results.rows(o)],
  ["resultsPage()", "against", (o) => resultsPage(results, o)],
  ["trainingSamplesNeeded()", "", (o) => trainingSamplesNeeded(loose({ ...promised, data: population, ...o }))],
  ["slurmScript()", "", (o) => slurmScript("spec.json", 2, o)],
  ["queueRunner()", "", (o) => queueRunner("redis://127.0.0.1", loose(o))],
  ["serveQueue()", "", (o) => serveQueue("redis://127.0.0.1", workers, loose(o))],
];

test("an option of an experiment with one misspelling is refused, and the error suggests the right one", () =>
  checkMisspelt(readers));
