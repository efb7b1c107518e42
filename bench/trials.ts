/**
 * Trials of German credit on all cores, beside the Python toolkit's in its process pool: `deno task bench:trials [trials [rows [trials
 * of the toolkit]]]`, by default 1000, 500 and 8. The kit draws, trains, tests and judges; the toolkit is not judged.
 */
import { DataSet, nn } from "../mod.ts";
import { experiment, type Question, seldonian, serveExperiment } from "../seldonian/experiments/mod.ts";
import { F, features, labels, M } from "./german_credit.ts";

const [trials = 1000, rows = 500, peers = 8] = Deno.args.map(Number);
const constraints = [{ text: "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.9", delta: 0.05 }];
const model = new nn.Sequential(new nn.Linear(features[0].length, 1), new nn.Sigmoid()), objective = nn.logLoss;
const given = { model, objective, constraints, safetyFraction: 0.6 };
// The toolkit's settings.
const adam = { name: "adam", thetaRate: 0.005, lambdaRate: 0.01, beta1: 0.9, beta2: 0.95, lambda: 0.5, epochs: 1500 } as const;
const question: Question = {
  population: new DataSet({ features, labels, columns: { M, F }, exclusive: [["M", "F"]] }),
  constraints,
  performance: objective,
  contenders: { "the kit": seldonian(given), "the kit, 1,500 steps": seldonian({ ...given, optimizer: adam }) },
};
if ("WorkerGlobalScope" in globalThis) {
  serveExperiment(question);
  await new Promise(() => {});
}
const cores = navigator.hardwareConcurrency;
const workers = { count: cores, start: () => new Worker(import.meta.url, { type: "module" }) };
const { "the kit": kit, ...steps } = question.contenders;
for (const [contenders, count] of [[{ "the kit": kit }, trials], [steps, Math.ceil(trials / 10)]] as const) {
  const began = performance.now(),
    [summary] = (await experiment({ ...question, contenders, sizes: [rows], trials: count, workers })).summaries;
  const milliseconds = (performance.now() - began) / count;
  console.log(
    `${summary.contender}: ${count} trials, ${milliseconds.toFixed(1)} ms a trial, ${summary.solutions.value} solutions`,
  );
}
// Two processes have a core each: more threads would hinder them.
const python = new URL(".peers/bin/python3", import.meta.url).pathname;
const args = [
  new URL("peers/toolkit_trials.py", import.meta.url).pathname,
  `${peers}`,
  `${rows}`,
  `${navigator.hardwareConcurrency}`,
];
const { stdout, stderr } = await new Deno.Command(python, {
  args,
  env: { PYTHONDONTWRITEBYTECODE: "1", OPENBLAS_NUM_THREADS: "1" },
}).output();
console.log(`the toolkit: ${new TextDecoder().decode(stdout.length > 0 ? stdout : stderr).trim()}`);
