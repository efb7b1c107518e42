// The bank's applicants are two men for each woman. A campaign will change that, to a third of women or to three fifths; nobody
// knows. The promise must hold whatever it is: young applicants hear yes at least three quarters as often as the others, and the
// model errs in at most 42 of 100. A few seconds.
//
//   deno run examples/shift.ts [--epochs N] [--seed N]
import { parseArgs } from "node:util";
import { nn, prepare, train, type TrainOptions } from "../mod.ts";
import { germanCredit, isWoman } from "./datasets/german_credit.ts";

const { values: flags } = parseArgs({ options: { epochs: { type: "string" }, seed: { type: "string", default: "0" } } });
const seed = Number(flags.seed), table = germanCredit();

const { data, encoder } = prepare(table, {
  label: { column: "Class", classes: ["Bad", "Good"] },
  features: table.names.filter((name) => name !== "Class" && name !== "Age" && !name.startsWith("Personal.")),
  groups: { women: isWoman, men: (row) => !isWoman(row) },
  columns: ["Age"],
  seed,
});

/** The same promise for some populations. */
function trained(shift?: TrainOptions<nn.Module>["shift"]) {
  return train({
    data,
    model: new nn.LogisticRegression(encoder.featureNames.length),
    objective: nn.logLoss,
    constraints: [
      { text: "(PR | [Age < 26]) >= 0.75 * (PR | [Age >= 26])", delta: 0.05 },
      { text: "ER <= 0.42", delta: 0.05 },
    ],
    optimizer: { ...flags.epochs && { epochs: Number(flags.epochs) } },
    shift,
    seed,
  });
}

console.log(`Today's applicants\n${await trained()}`);
console.log(`\nTheirs after the campaign\n${await trained({ women: [0.33, 0.6], men: [0.4, 0.67] })}`);
