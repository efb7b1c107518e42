import { test } from "node:test";
import {
  experiment,
  experimentTrials,
  fitted,
  penalized,
  program,
  queueRunner,
  reductions,
  seldonian,
  serveExperiment,
  serveQueue,
  slurmScript,
  thresholds,
} from "../../../seldonian/experiments/mod.ts";
import { checkMisspelt, loose, type Reader } from "../../helpers/misspelt.ts";
import { constraints, model, objective, small } from "../../helpers/small_experiment.ts";

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
  ["slurmScript()", "", (o) => slurmScript("spec.json", 2, o)],
  ["queueRunner()", "", (o) => queueRunner("redis://127.0.0.1", loose(o))],
  ["serveQueue()", "", (o) => serveQueue("redis://127.0.0.1", workers, loose(o))],
];

test("an option of an experiment with one misspelling is refused, and the error suggests the right one", () =>
  checkMisspelt(readers));
