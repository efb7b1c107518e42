// Trees and forests under a promise, beside linear models and trees without one, as in the Python toolkit's tutorial L:
//
//   deno run -RW --allow-env --allow-sys examples/experiments/trees.ts gpa_regression_dataset.csv [--trials N] [--page FILE] …
// Trees are grown on the candidate data of each trial; then their leaves learn to keep the promise.
import { type DataSet, nn, split } from "../../mod.ts";
import { fitted, learner, seldonian } from "../../seldonian/experiments/mod.ts";
import { gpa } from "../datasets/gpa.ts";
import { run } from "./run.ts";

const grown = (rows: DataSet) => ({ features: rows.whole().features, labels: rows.labels });
const tree = (rows: DataSet, seed: number) => nn.DecisionTree.grow(grown(rows), { maxDepth: 5, seed });
const forest = (rows: DataSet, seed: number) => nn.RandomForest.grow(grown(rows), { maxDepth: 5, trees: 20, seed });
const linear = new nn.LogisticRegression(9), objective = "ER", optimizer = { epochs: 300, thetaRate: 0.02 };

await run(import.meta.url, {
  names: ["disparate impact"],
  sizes: [149, 287, 555, 1071, 2069, 3994, 7710],
  question(_, file) {
    const constraints = [{ text: "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.9", delta: 0.05 }];
    const promise = { constraints, objective, safetyFraction: 0.6 } as const;
    // A third of the students judges; trials draw from the others.
    const { candidate: population, safety: truth } = split(gpa(file), { safetyFraction: 1 / 3 });
    return {
      population,
      truth,
      constraints,
      performance: "ER",
      contenders: {
        "tree, promise": seldonian({ ...promise, model: tree, optimizer }),
        "forest, promise": seldonian({ ...promise, model: forest, optimizer }),
        "linear, promise": seldonian({ ...promise, model: linear }),
        "tree": learner(tree),
        "forest": learner(forest),
        "tree, trained leaves": fitted({ model: tree, objective, optimizer }),
        "linear": fitted({ model: linear, objective: "logLoss" }),
      },
    };
  },
});
