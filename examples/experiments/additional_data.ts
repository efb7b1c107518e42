// Gender is known of 30 % of the students only. The model learns from all of them, and promises fairness by those whose gender is
// known, as in the Python toolkit's tutorial N; beside it what these 30 % alone would give:
//
//   deno run -RW --allow-env --allow-sys examples/experiments/additional_data.ts gpa_regression_dataset.csv [--trials N] …
import { DataSet, nn, split } from "../../mod.ts";
import { type Contender, fitted, seldonian } from "../../seldonian/experiments/mod.ts";
import { gpa } from "../datasets/gpa.ts";
import { errors, run } from "./run.ts";

const model = new nn.LogisticRegression(9), objective = nn.logLoss, delta = 0.05;
const text = (set: string) => `abs((PR | ${set}[M]) - (PR | ${set}[F])) <= 0.2`;

/** The kit on the students of known gender alone: they are both its main data and the other. */
function onKnown(kit: Contender): Contender {
  return {
    settings: ["known", kit.settings],
    async outputs({ truth, others, seed }) {
      const { known } = others!;
      return await kit.outputs({ rows: known.rows, truth, others: { known: { rows: known.rows, truth: known.truth } }, seed });
    },
  };
}

await run(import.meta.url, {
  names: ["demographic parity"],
  sizes: [116, 224, 432, 834, 1611, 6005],
  question(_, file) {
    const students = gpa(file), { features, labels } = students.whole();
    const constraints = [{ text: text("known"), delta }];
    return {
      population: new DataSet({ features, labels }),
      others: { known: split(students, { safetyFraction: 0.3 }).safety },
      constraints,
      performance: errors,
      contenders: {
        "all students": seldonian({ model, objective, constraints, safetyFraction: 0.6 }),
        "known gender alone": onKnown(
          seldonian({ model, objective, constraints: [{ text: text(""), delta }], safetyFraction: 0.6 }),
        ),
        "without a promise": fitted({ model, objective }),
      },
    };
  },
});
