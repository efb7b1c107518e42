// How much data do fair loans take? Five definitions of fairness on German credit, three of them from the Python toolkit's tutorial D,
// beside methods that promise nothing:
//
//   deno run -RW --allow-env --allow-sys examples/experiments/fair_loans.ts [--trials N] [--only NAME] [--page FILE] …
import { DataSet, nn } from "../../mod.ts";
import { constant, fitted, reductions, seldonian } from "../../seldonian/experiments/mod.ts";
import { F, features, labels, M } from "../../bench/german_credit.ts";
import { run } from "./run.ts";

const definitions: Record<string, string> = {
  "disparate impact": "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.9",
  "disparate impact, men and all": "min((PR | [M]) / PR, PR / (PR | [M])) >= 0.9",
  "demographic parity": "abs((PR | [M]) - (PR | [F])) <= 0.1",
  "equalized odds": "abs((FPR | [M]) - (FPR | [F])) + abs((FNR | [M]) - (FNR | [F])) <= 0.2",
  "equal opportunity": "abs((FNR | [M]) - (FNR | [F])) <= 0.1",
};

// All applicants are the truth: trials draw some of them, with replacement.
const population = new DataSet({ features, labels, columns: { M, F }, exclusive: [["M", "F"]] });
const model = new nn.LogisticRegression(features[0].length), objective = nn.logLoss;

await run(import.meta.url, {
  names: Object.keys(definitions),
  sizes: [139, 228, 373, 611, 1000],
  question(name) {
    const constraints = [{ text: definitions[name], delta: 0.05 }], parity = name.startsWith("equal") ? "odds" : "demographic";
    return {
      population,
      constraints,
      performance: "ER",
      contenders: {
        "the kit": seldonian({ model, objective, constraints, safetyFraction: 0.6 }),
        "logistic regression": fitted({ model, objective }),
        "reductions": reductions({ groups: ["M", "F"], parity, difference: 0.03 }),
        "a coin": constant(0.5),
      },
    };
  },
});
