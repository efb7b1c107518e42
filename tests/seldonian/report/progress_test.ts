import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { type Progress, progressBar, train, tune } from "../../../mod.ts";
import { problem, searched } from "../../helpers/small_question.ts";

const tuned = { ...problem, tune: { space: { epochs: [2, 3] }, folds: 2, draws: 2 } };

test("a run tells of its search, its steps and the choice among the best, each from its begin to its end", async () => {
  const told: Progress[] = [];
  await train({ ...tuned, onProgress: (progress) => void told.push(progress) });
  const stages = told.map(({ doing }) => doing).filter((doing, i, all) => doing !== all[i - 1]);
  deepEqual(stages, ["tuning", "training", "choosing"]);
  const of = (stage: string) => told.flatMap((one) => one.doing !== "training" && one.doing === stage ? [one] : []);
  const tuning = of("tuning"), choosing = of("choosing");
  deepEqual(tuning.map(({ done, of, running }) => [done, of, running]), [[1, 4, true], [2, 4, true], [3, 4, true], [4, 4, true], [
    4,
    4,
    false,
  ]]);
  deepEqual(tuning.map(({ passing }) => passing), [undefined, 1, 1, 1, 1]);
  ok(choosing.every(({ done, of }, i) => of > 0 && done === Math.min(i, of - 1)));
  ok(told.every(({ seconds }) => seconds >= 0));
});

test("tune() alone tells of its trainings; known trials are not among them", async () => {
  const told: Progress[] = [], onProgress = (progress: Progress) => void told.push(progress);
  const trials = await tune(searched);
  deepEqual(await tune({ ...searched, known: trials.slice(1), onProgress }), trials);
  deepEqual(told.flatMap((one) => one.doing === "tuning" ? [[one.done, one.of]] : []), [[1, 2], [2, 2], [2, 2]]);
});

test("outside of a terminal, progressBar() prints a line for each stage, and a search that is in vain says so", () => {
  const lines: string[] = [], { error } = console;
  console.error = (line: string) => void lines.push(line);
  try {
    const onProgress = progressBar();
    onProgress({ doing: "tuning", done: 1, of: 9, seconds: 20, running: true });
    onProgress({ doing: "tuning", done: 2, of: 9, seconds: 21, running: true });
    onProgress({ doing: "tuning", done: 5, of: 9, seconds: 40, running: true, passing: 0 });
    onProgress({ doing: "tuning", done: 9, of: 9, seconds: 60, running: true, passing: 0 });
    onProgress({ doing: "tuning", done: 9, of: 9, seconds: 60, running: false, passing: 0 });
    const step = { epoch: 1, f: 0.5, g: [0.25], lambda: [1], lagrangian: 0.75, steps: 5, epochs: 5, running: true };
    for (const [i, seconds] of [0, 0.1, 20].entries()) onProgress({ doing: "training", step: i + 1, ...step, seconds });
    onProgress({ doing: "choosing", done: 0, of: 4, seconds: 0, running: true });
    onProgress({ doing: "choosing", done: 1, of: 4, seconds: 1, running: true });
  } finally {
    console.error = error;
  }
  const [first, middle, last, inVain, ...more] = lines;
  equal(first, "tuning: training 1 of 9, about 160 s left");
  equal(middle, "tuning: training 5 of 9: the best settings pass with probability 0, about 32 s left");
  equal(last, "tuning: training 9 of 9: the best settings pass with probability 0");
  match(inVain, /^no settings are predicted to pass: the best with probability 0; interrupt it, /);
  deepEqual(more, [
    "step 1 of 5: epoch 1/5  f 0.500  g 0.250  lambda 1.000",
    "step 3 of 5: epoch 1/5  f 0.500  g 0.250  lambda 1.000, about 20 s left",
    "comparing the 4 best steps",
  ]);
});
