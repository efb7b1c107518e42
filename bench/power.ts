/**
 * How often a solution is found, at what loss, and whether it breaks its promise: German credit with the toolkit's limit on
 * disparate impact. As in the toolkit's published trials, the distribution is uniform over the 1,000 applicants, so that loss and
 * promise are known exactly. A trial draws n of them with replacement, trains on 40 % and tests on 60 %.
 *
 *   deno run -A bench/power.ts [--trials 50] [--sizes 611,1000] [--only NAME] [--json FILE]
 * @module
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { DataSet, nn, noGrad, type SearchSpace, split, type Tensor, tensor, train, type TrainOptions, tune } from "../mod.ts";
import { randomStream } from "../seldonian/random.ts";
import { uniformInt } from "../deps.ts";
import { F, features, labels, M } from "./german_credit.ts";

const { values: flags } = parseArgs({
  options: {
    trials: { type: "string", default: "50" },
    sizes: { type: "string", default: "373,611,1000" },
    only: { type: "string" },
    json: { type: "string" },
    optimizer: { type: "string", default: "{}" },
  },
});

const everyone = new DataSet({ features, labels, columns: { M, F }, exclusive: [["M", "F"]] });

const decided = { rates: "decided" } as const, safer = { inflation: 3 };
/** Cross-validation within the candidate data chooses the inflation. */
const tuned = { space: { inflation: [2, 3, 5, 8] } };
const settings: Record<string, Partial<TrainOptions<nn.Module>> & { space?: SearchSpace }> = {
  "expected": {},
  "expected, inflation 3": { optimizer: safer },
  "expected, inflation 3, 5 candidates": { candidates: 5, optimizer: safer },
  "expected, interval analysis, Student's bound": { analysis: "interval", bound: "student" },
  "expected, inflation tuned": tuned,
  "expected, plain ascent at 0.1": { optimizer: { dual: "ascent", lambdaRate: 0.1 } },
  "expected, plain ascent at 0.3": { optimizer: { dual: "ascent", lambdaRate: 0.3 } },
  "expected, augmented Lagrangian, gain 10": { optimizer: { dual: "augmented", lambdaGain: 10, lambdaRate: 0.1 } },
  "expected, PI controller, gain 10": { optimizer: { dual: "pi", lambdaGain: 10, lambdaRate: 0.1 } },
  "expected, the toolkit's settings": { optimizer: { lambdaRate: 0.01, regularization: 0 } },
  "expected, the toolkit's settings, plain ascent": { optimizer: { dual: "ascent", lambdaRate: 0.01, regularization: 0 } },
  "decided, annealed": decided,
  "decided, annealed, inflation 3": { ...decided, optimizer: safer },
  "decided, annealed, inflation 5": { ...decided, optimizer: { inflation: 5 } },
  "decided, annealed, inflation tuned": { ...decided, ...tuned },
  "decided, annealed, inflation 3, 5 candidates": { ...decided, candidates: 5, optimizer: safer },
  "decided, straight-through at 0.5, inflation 3": {
    ...decided,
    optimizer: { ...safer, surrogate: "straight-through", temperature: 0.5 },
  },
  "decided, straight-through at 1, inflation 3": {
    ...decided,
    optimizer: { ...safer, surrogate: "straight-through", temperature: 1 },
  },
  "decided, annealed, inflation 3, interval analysis": { ...decided, analysis: "interval", optimizer: safer },
};

const trials = Number(flags.trials), sizes = flags.sizes.split(",").map(Number), found: Record<string, unknown>[] = [];
console.log("| settings | n | solution rate | log loss | accuracy | breaks the promise, of the solutions |");
console.log("| -------- | -: | ---: | ---: | ---: | ---: |");
for (const [name, { space, ...more }] of Object.entries(settings)) {
  if (flags.only !== undefined && flags.only !== name) continue;
  for (const n of sizes) {
    let solutions = 0, loss = 0, accuracy = 0, violations = 0;
    for (let trial = 0; trial < trials; trial++) {
      const random = randomStream(1000 * n + trial, "draws");
      const drawn = new DataSet(everyone, Array.from({ length: n }, () => uniformInt(random, 0, labels.length - 1)));
      const data = split(drawn, { safetyFraction: 0.6, seed: trial });
      const options = {
        data,
        model: new nn.Sequential(new nn.Linear(features[0].length, 1), new nn.Sigmoid()),
        objective: nn.logLoss,
        constraints: [{ text: "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.9", delta: 0.05 }],
        seed: trial,
        ...more,
        optimizer: {
          thetaRate: 0.005,
          lambdaRate: 0.02,
          lambda: 0.5,
          regularization: 0.03,
          epochs: 1500,
          ...more.optimizer,
          ...JSON.parse(flags.optimizer),
        },
      };
      if (space !== undefined) {
        const { optimizer } = options, search = { ...optimizer, epochs: 600 };
        const found = {
          ...options,
          others: undefined,
          data: data.candidate,
          safetyRows: data.safety.size,
          optimizer: search,
          space,
          folds: 4,
          draws: 10,
        };
        options.optimizer = { ...optimizer, ...(await tune(found))[0].settings };
      }
      const result = await train(options);
      if (!result.passed) continue;
      solutions++;
      const p = noGrad(() => result.model.forward(tensor(features)));
      const judged: ArrayLike<number> = more.rates === "decided" ? result.model.decide(tensor(features)).data : p.data;
      const rate = (group: number[]) => mean(group.flatMap((one, i) => one === 1 ? [judged[i]] : []));
      const [m, f] = [rate(M), rate(F)];
      if (Math.min(m / f, f / m) < 0.9) violations++;
      loss += logLoss(p);
      accuracy += mean(labels.map((label, i) => Number((p.data[i] >= 0.5 ? 1 : 0) === label)));
    }
    const row = {
      name,
      n,
      rate: solutions / trials,
      loss: loss / solutions,
      accuracy: accuracy / solutions,
      violations,
      solutions,
    };
    found.push(row);
    console.log(
      `| ${name} | ${n} | ${row.rate.toFixed(2)} | ${row.loss.toFixed(4)} | ${
        row.accuracy.toFixed(3)
      } | ${violations} of ${solutions} |`,
    );
  }
}
if (flags.json !== undefined) {
  writeFileSync(flags.json, `${JSON.stringify({ trials, found, arguments: process.argv.slice(2) }, null, 2)}\n`);
}

function logLoss(p: Tensor): number {
  return -mean(labels.map((label, i) => Math.log(label === 1 ? p.data[i] : 1 - p.data[i])));
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
