// The sex of penguins, predicted from measurements, and accurate for every species, with 95 % confidence: from a file with
// missing values to a verdict. A few seconds.
//
//   deno run examples/penguins.ts [--epochs N] [--seed N]
import { parseArgs } from "node:util";
import { nn, prepare, train } from "../mod.ts";
import { penguins } from "./datasets/penguins.ts";

const { values: flags } = parseArgs({
  options: { epochs: { type: "string", default: "200" }, seed: { type: "string", default: "0" } },
});
const seed = Number(flags.seed);

const { data, encoder, description } = prepare(penguins(), {
  label: { column: "sex", classes: ["female", "male"] },
  // A column that constraints compare is not a feature by default; named here, it is both.
  features: ["species", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"],
  columns: ["species"],
  // Eleven birds have no sex in the file. Dropping them is a choice, so it must be stated.
  missing: "drop",
  // The rarest species limits the promise, so the test gets more rows.
  safetyFraction: 0.6,
  seed,
});
console.log(`${description}\n`);

const result = await train({
  data,
  model: new nn.LogisticRegression(encoder.featureNames.length),
  objective: nn.logLoss,
  constraints: [
    { text: "(ACC | [species == s]) >= 0.7", forEvery: { s: ["Adelie", "Chinstrap", "Gentoo"] }, delta: 0.05 },
  ],
  rates: "decided",
  optimizer: { thetaRate: 0.05, epochs: Number(flags.epochs) },
  seed,
});
console.log(`${result}`);
