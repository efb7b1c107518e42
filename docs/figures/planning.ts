// How much data a promise takes, told from pilots, beside what experiments with as many rows find:
// deno run -R docs/figures/planning.ts [trials [problem [part]]], from the root: part 0 is the experiment, 1 to 3 are the pilots.
import process from "node:process";
import { DataSet, nn, prepare } from "@seldonian/kit";
import { experiment, seldonian, trainingSamplesNeeded } from "@seldonian/kit/experiments";
import { F, features, labels, M } from "../../bench/german_credit.ts";
import { adult } from "../../examples/datasets/adult.ts";

const [, , count = "50", only, part] = process.argv, trials = Number(count), objective = nn.logLoss;
const applicants = new DataSet({ features, labels, columns: { M, F }, exclusive: [["M", "F"]] });
const table = await adult(), label = { column: "income", classes: ["<=50K", ">50K"] };
const names = table.names.filter((name) => !["income", "fnlwgt", "native-country"].includes(name));
const people = prepare(table, { label, features: names, missing: "drop", safetyFraction: 0.9 }).data;
const every = (data: DataSet, step: number, from: number) =>
  data.take(Array.from({ length: Math.floor(data.size / step) }, (_, i) => i * step + from));

const problems = {
  "German credit": {
    population: applicants,
    pilots: [0, 1, 2].map((from) => every(applicants, 4, from)),
    constraints: [{ text: "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.9", delta: 0.05 }],
    safetyFraction: 0.6,
    sizes: [62, 125, 250, 500, 1000, 2000],
  },
  "Adult": {
    population: people.safety as DataSet,
    pilots: [0, 1, 2].map((from) => every(people.candidate as DataSet, 10, from)),
    constraints: [{ text: "ACC >= 0.74", delta: 0.05 }],
    safetyFraction: 0.5,
    sizes: [75, 150, 300, 600, 1200, 2400],
  },
};
for (const [name, { population, pilots, sizes, ...promise }] of Object.entries(problems)) {
  if (only !== undefined && only !== name) continue;
  const width = population.whole().features.shape[1], model = new nn.Sequential(new nn.Linear(width, 1), new nn.Sigmoid());
  // One candidate that plans with inflation 2: the defaults find nearly all solutions from 500 rows.
  const given = { ...promise, model, objective, candidates: 1, optimizer: { inflation: 2 } }, { constraints } = promise;
  if (part === undefined || part === "0") {
    const truth = every(population, Math.ceil(population.size / 1000), 0), contenders = { kit: seldonian(given) };
    const found = await experiment({ population, truth, constraints, performance: objective, contenders, sizes, trials });
    console.log(`${name}: ${sizes.join(", ")} rows; found ${found.summaries.map(({ solutions }) => solutions.value).join(", ")}`);
  }
  for (const [i, data] of pilots.entries()) {
    if (part === undefined || Number(part) === i + 1) {
      console.log(`${name}, a pilot of ${data.size}: ${await trainingSamplesNeeded({ ...given, data, sizes, trials })}`);
    }
  }
}
