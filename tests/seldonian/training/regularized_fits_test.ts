import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { full } from "../../helpers/runs.ts";
import {
  DataSet,
  nn,
  type OptimizerOptions,
  selectCandidate,
  type Selection,
  type SelectionOptions,
  type Tensor,
} from "../../../mod.ts";

const n = 200, regularization = 0.05, rows = Array.from({ length: n }, (_, i) => i);
/** Evenly spread values in [-1/2, 1/2), in no order. */
const noise = (step: number, prime: number) => rows.map((i) => i * step % prime / prime - 0.5);
const [a, b] = [noise(89, 997), noise(211, 991)].map((column) => column.map((x) => 3.5 * x));
const [e, f, g, h, k] = [noise(401, 977), noise(503, 971), noise(601, 967), noise(701, 953), noise(809, 947)];
const features = rows.map((i) => [a[i], 0.6 * a[i] + 0.8 * b[i]]);
const amounts = rows.map((i) => 2 + 1.5 * a[i] - b[i] + 2 * e[i]);
const answers = rows.map((i) => 1 + 2 * a[i] - b[i] + 5 * f[i] > 0 ? 1 : 0);
const kinds = rows.map((i) => {
  const scores = [a[i] + 3 * g[i], b[i] - 0.5 * a[i] + 3 * h[i], 3 * k[i]];
  return scores.indexOf(Math.max(...scores));
});

/** A fit with an inactive constraint, and its solution: weights, then biases. */
interface Fit {
  data: DataSet;
  model: nn.Module;
  objective: nn.Loss;
  constraint: string;
  solution: number[];
}

/** (XᵀX / n + regularization)⁻¹ Xᵀy / n, where X has a column of ones. */
function ridge(regularization: number): number[] {
  const x = features.map((row) => [...row, 1]), mean = (of: (i: number) => number) => rows.reduce((sum, i) => sum + of(i), 0) / n;
  const system = [0, 1, 2].map((p) => [
    ...[0, 1, 2].map((q) => mean((i) => x[i][p] * x[i][q]) + (p === q ? regularization : 0)),
    mean((i) => x[i][p] * amounts[i]),
  ]);
  // Gauss-Jordan elimination. The matrix is positive definite, so no pivoting is needed.
  for (let p = 0; p < 3; p++) {
    const pivot = system[p].map((value) => value / system[p][p]);
    system.forEach((row, q) => system[q] = q === p ? pivot : row.map((value, j) => value - row[p] * pivot[j]));
  }
  return system.map((row) => row[3]);
}

// From scikit-learn 1.9.1, on the same rows with a column of ones. Its C weighs the sum of losses against theta · theta / 2.
// LogisticRegression(C=1 / (2 * 200 * 0.05), fit_intercept=False, solver="newton-cg", tol=1e-12, max_iter=100000)
const fits: Record<string, Fit> = {
  "ridge regression": {
    data: new DataSet({ features, labels: amounts }),
    model: new nn.LinearRegression(2),
    objective: nn.meanSquaredError,
    constraint: "Mean_Squared_Error <= 50",
    solution: ridge(regularization),
  },
  "logistic regression": {
    data: new DataSet({ features, labels: answers }),
    model: new nn.LogisticRegression(2),
    objective: nn.logLoss,
    constraint: "ACC >= 0.4",
    solution: [1.236032, -0.128387, 0.480867],
  },
  "logistic regression of three classes": {
    data: new DataSet({ features, labels: kinds }),
    model: new nn.LogisticRegression(2, 3),
    objective: nn.logLoss,
    constraint: "ACC >= 0.2",
    solution: [0.756404, -0.024234, -0.74209, 0.401145, -0.014314, -0.376911, 0.026897, 0.084681, -0.111578],
  },
};

const select = (
  { data, model, objective, constraint }: Pick<Fit, "data" | "model" | "objective" | "constraint">,
  optimizer: OptimizerOptions,
  more: Partial<SelectionOptions> = {},
) =>
  selectCandidate({
    data,
    model,
    objective,
    constraints: [{ text: constraint, delta: 0.05 }],
    safetyRows: n,
    ...objective === nn.meanSquaredError && { bound: "student" },
    optimizer,
    ...more,
  });
const parametersOf = (model: nn.Module) => [...nn.namedParameters(model).values()].flatMap(({ data }) => [...data]);
const near = ({ candidates: [{ model }] }: Selection<nn.Module>, solution: readonly number[], most = 1e-3) => {
  const found = parametersOf(model), far = Math.max(...found.map((x, i) => Math.abs(x - solution[i])));
  ok(found.length === solution.length && far < most, `${found}, wanted ${solution}`);
};

const techniques = ["adam", "sgd", "bfgs", "cma-es", "nelder-mead", "powell"] as const;
const weightsOf = (model: nn.Module) => [...nn.namedParameters(model).values()][0];
const squared = (model: nn.Module) =>
  [...nn.namedParameters(model).values()].map((x) => x.square().sum()).reduce((x, y) => x.add(y));

for (const name of techniques) {
  for (const [kind, fit] of Object.entries(fits)) {
    // Nine parameters take a search without gradients seconds.
    if (!full && fit.solution.length > 3 && ["cma-es", "nelder-mead", "powell"].includes(name)) continue;
    test(`${name}, with its defaults: regularized ${kind} finds the known solution`, async () => {
      near(await select(fit, { name, regularization }), fit.solution);
    });
  }
}

for (const name of ["adam", "bfgs", "nelder-mead"] as const) {
  test(`${name}: a penalty of squares agrees with regularization, and one of absolute values with scikit-learn's Lasso`, async () => {
    const fit = fits["ridge regression"];
    near(await select(fit, { name }, { penalty: (model) => squared(model).mul(regularization) }), fit.solution);
    // Lasso(alpha=0.1, tol=1e-14, max_iter=1000000) of scikit-learn 1.9.1 halves the squared error and does not penalise the
    // bias.
    const penalty = (model: nn.Module): Tensor => weightsOf(model).abs().sum().mul(0.2);
    near(await select(fit, { name }, { penalty }), [1.956505, -1.006883, 2.001984]);
  });
}

test("steps on batches are compared by the objective with regularization and penalty", async () => {
  const fit = fits["ridge regression"], steps = { batchSize: 64, epochs: 200, thetaRate: 0.02, schedule: "cosine" } as const;
  for (const name of ["adam", "sgd"] as const) {
    near(await select(fit, { name, regularization, ...steps }), fit.solution, 0.02);
    near(await select(fit, { name, ...steps }, { penalty: (model) => squared(model).mul(regularization) }), fit.solution, 0.02);
  }
});

test("patience follows the objective with regularization, even if the bare objective grows", async () => {
  const fit = fits["ridge regression"], model = new nn.LinearRegression(2), start = ridge(0);
  [...nn.namedParameters(model).values()].forEach((parameter, layer) => parameter.fill((i) => start[2 * layer + i]));
  for (const name of ["adam", "sgd"] as const) {
    near(await select({ ...fit, model }, { name, regularization, patience: 100, lambda: 0 }), fit.solution);
  }
});

test("a less safe candidate that only undoes the regularization is not handed over, for any start", async () => {
  for (const name of ["adam", "bfgs"] as const) {
    const fit = fits["logistic regression"], found = await select(fit, { name, regularization, starts: 2 }, { candidates: 3 });
    equal(found.candidates.length, 1);
    near(found, fit.solution);
  }
});

test("the reported objective excludes regularization and penalty, and the Lagrangian includes them", async () => {
  const fit = fits["logistic regression"];
  for (const name of ["adam", "bfgs", "powell"] as const) {
    const { candidates: [{ model, objective }], log } = await select(fit, { name, regularization, lambda: 0 }, {
      penalty: (model) => squared(model),
    });
    const square = parametersOf(model).reduce((sum, x) => sum + x * x, 0), { f, lagrangian } = log.at(-1)!;
    ok(Math.abs(objective - f) < 1e-3 && Math.abs(lagrangian - f - 1.05 * square) < 1e-3, `${objective}, ${f}, ${lagrangian}`);
  }
});
