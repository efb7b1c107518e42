// Who is charged again within two years? Decisions that wrongly call black and white defendants dangerous about equally often,
// with 95 % confidence. COMPAS scores did so for 45 % of black and 23 % of white defendants. A few seconds.
//
//   deno run -R examples/compas.ts compas-scores-two-years.csv [--epochs N] [--seed N]
// The file is ProPublica's: https://github.com/propublica/compas-analysis. It has no licence, so it is not included.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { nn, prepare, readTable, train } from "../mod.ts";

const { values: flags, positionals: [file = "compas-scores-two-years.csv"] } = parseArgs({
  options: { epochs: { type: "string", default: "300" }, seed: { type: "string", default: "0" } },
  allowPositionals: true,
});
const table = await readTable(readFileSync(file), { file }), seed = Number(flags.seed);

const { data, encoder, description } = prepare(table, {
  label: "two_year_recid",
  // The other columns are names, dates and ids, or were not known yet.
  features: ["age", "sex", "priors_count", "juv_fel_count", "juv_misd_count", "juv_other_count", "c_charge_degree"],
  groups: { black: { column: "race", is: "African-American" }, white: { column: "race", is: "Caucasian" } },
  seed,
});
console.log(`${description}\n`);

const result = await train({
  data,
  model: new nn.LogisticRegression(encoder.featureNames.length),
  objective: nn.logLoss,
  constraints: [{ text: "abs((FPR | [black]) - (FPR | [white])) <= 0.1", delta: 0.05 }, { text: "ACC >= 0.6", delta: 0.05 }],
  rates: "decided",
  optimizer: { thetaRate: 0.02, lambdaRate: 0.05, inflation: 3, epochs: Number(flags.epochs) },
  seed,
});
console.log(`${result}`);
