// Who will have good grades? Predictions from entrance exams that are fair to men and women by five definitions, as in the Python
// toolkit's tutorial E:
//
//   deno run -RW --allow-env --allow-sys examples/experiments/gpa.ts gpa_regression_dataset.csv [--trials N] [--only NAME] …
import { nn } from "../../mod.ts";
import { fitted, reductions, seldonian } from "../../seldonian/experiments/mod.ts";
import { gpa } from "../datasets/gpa.ts";
import { errors, run } from "./run.ts";

const definitions: Record<string, string> = {
  "disparate impact": "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.8",
  "demographic parity": "abs((PR | [M]) - (PR | [F])) <= 0.2",
  "equalized odds": "abs((FNR | [M]) - (FNR | [F])) + abs((FPR | [M]) - (FPR | [F])) <= 0.35",
  "equal opportunity": "abs((FNR | [M]) - (FNR | [F])) <= 0.2",
  "predictive equality": "abs((FPR | [M]) - (FPR | [F])) <= 0.2",
};

const model = new nn.LogisticRegression(9), objective = nn.logLoss;

await run(import.meta.url, {
  names: Object.keys(definitions),
  sizes: [60, 116, 224, 432, 834, 1611, 6005, 43303],
  question(name, file) {
    const constraints = [{ text: definitions[name], delta: 0.05 }], parity = /odds|equal/.test(name) ? "odds" : "demographic";
    return {
      population: gpa(file),
      constraints,
      performance: errors,
      contenders: {
        "the kit": seldonian({ model, objective, constraints, safetyFraction: 0.6 }),
        "logistic regression": fitted({ model, objective }),
        "reductions": reductions({ groups: ["M", "F"], parity, difference: 0.1, rounds: 20 }),
      },
    };
  },
});
