// A digit classifier that keeps a promise: at least 95 % accurate, with 95 % confidence. Under a minute on two cores.
//
//   deno run examples/mnist.ts [--epochs N] [--batch N] [--rows N] [--constraint TEXT] [--seed N] [--threads N]
//     [--device cpu|gpu|auto] [--json]
// Network and settings are from the Python toolkit's tutorial "PyTorch deep learning with the toolkit".
import { writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { autodiff, DataSet, logFile, mayWrite, nn, progressBar, train } from "../mod.ts";
import { mnist } from "./datasets/mnist.ts";

const { values: flags } = parseArgs({
  options: {
    epochs: { type: "string", default: "5" },
    batch: { type: "string", default: "150" },
    constraint: { type: "string", default: "ACC >= 0.95" },
    seed: { type: "string", default: "0" },
    rows: { type: "string", default: "70000" },
    threads: { type: "string", default: `${autodiff.coreCount()}` },
    device: { type: "string", default: "cpu" },
    json: { type: "boolean", default: false },
  },
});
autodiff.useThreads(Number(flags.threads));

const images = await mnist(); // 70,000 images [1, 28, 28] in [0, 1], labels 0 to 9
const data = new DataSet(images, Array.from({ length: Number(flags.rows) }, (_, row) => row));

const model = new nn.Sequential(
  new nn.Conv2d(1, 16, 5, { padding: 2 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Conv2d(16, 32, 5, { padding: 2 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Flatten(),
  new nn.Linear(32 * 7 * 7, 10),
  new nn.Softmax(),
);

// Ctrl-C ends training with "no solution found"; the log is kept.
const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());
const settings = { thetaRate: 0.001, lambdaRate: 0.01, beta1: 0.9, beta2: 0.95, lambda: 0.5 };
const files = { log: "mnist.jsonl", figure: "mnist.svg", model: "mnist.safetensors" };
const start = performance.now();

const result = await train({
  data,
  model,
  objective: nn.logLoss,
  constraints: [{ text: flags.constraint, delta: 0.05 }],
  safetyFraction: 0.5,
  seed: Number(flags.seed),
  optimizer: { ...settings, epochs: Number(flags.epochs), batchSize: Number(flags.batch) },
  device: flags.device as "cpu" | "gpu" | "auto",
  onProgress: progressBar(),
  onStep: mayWrite(files.log) ? await logFile(files.log) : undefined,
  signal: interrupt.signal,
});

const seconds = (performance.now() - start) / 1000, steps = result.log.length;
console.log(`${result}`);
if (mayWrite(files.figure)) writeFileSync(files.figure, await result.plot());
else console.log(`Log, figure and model are not saved; to save them, run with --allow-write=${Object.values(files).join(",")}`);
if (result.passed && mayWrite(files.model)) writeFileSync(files.model, nn.save(result.model));
if (flags.json) {
  const upper = result.constraints[0]?.upper ?? null, objective = result.objective.safety;
  const { passed } = result, { device } = flags, threads = Number(flags.threads), stepMilliseconds = 1000 * seconds / steps;
  console.log(JSON.stringify({ passed, upper, objective, steps, seconds, stepMilliseconds, device, threads }));
}
