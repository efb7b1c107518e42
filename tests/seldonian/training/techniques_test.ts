import { deepEqual, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, DataSet, nn, selectCandidate, type SelectionOptions, Tensor, train } from "../../../mod.ts";
import { points } from "../../helpers/line.ts";
import { full } from "../../helpers/runs.ts";

/** Two numbers x and y, the outputs for the groups X and Y; all labels are 0. */
class Point implements nn.Module {
  readonly place = new nn.Parameter([2, 1], () => 0);
  forward(features: Tensor): Tensor {
    return features.matmul(this.place);
  }
}

const rows = Array.from({ length: 20 }, (_, i) => i % 2);
const data = new DataSet({
  features: rows.map((y) => [1 - y, y]),
  labels: rows.map(() => 0),
  columns: { X: rows.map((y) => 1 - y), Y: rows },
  exclusive: [["X", "Y"]],
});
/** With these options x is the mean error of X, and is predicted without a margin. */
const exact = { bound: "student", analysis: "interval" } as const;

interface Problem {
  constraints: string[];
  objective: (x: Tensor, y: Tensor) => Tensor;
  solution: [number, number];
}

const X = "(Mean_Error | [X])", Y = "(Mean_Error | [Y])";
const problems: Record<string, Problem> = {
  "a projection on a half-plane": {
    objective: (x, y) => x.sub(2).square().add(y.sub(1).square()),
    constraints: [`${X} + ${Y} <= 1`],
    solution: [1, 0],
  },
  "a constraint that is not active": {
    objective: (x, y) => x.sub(0.2).square().add(y.add(0.1).square()),
    constraints: [`${X} + ${Y} <= 1`],
    solution: [0.2, -0.1],
  },
  "a corner": {
    objective: (x, y) => x.sub(3).square().add(y.sub(2).square().mul(4)),
    constraints: [`${X} <= 1`, `${Y} <= 0.5`],
    solution: [1, 0.5],
  },
};

const techniques: Record<string, SelectionOptions["optimizer"]> = {};
for (const name of ["bfgs", "cma-es", "nelder-mead", "powell"] as const) techniques[name] = { name, epochs: 5000 };
for (const name of ["adam", "sgd"] as const) {
  for (const dual of ["scaled", "ascent", "augmented", "pi"] as const) {
    const thetaRate = name === "adam" ? 0.05 : 0.02;
    techniques[`${name}, ${dual}`] = { name, dual, thetaRate, lambdaRate: 0.1, epochs: 3000, schedule: "cosine" };
  }
}

/** The techniques that the short form tries on every problem; it tries the others on a corner. */
const thorough = new Set(["bfgs", "cma-es", "adam, scaled"]);

for (const [technique, optimizer] of Object.entries(techniques)) {
  test(`${technique}: finds the constrained optimum of convex problems to 1e-4`, async () => {
    const some = full || thorough.has(technique) ? problems : { "a corner": problems["a corner"] };
    for (const [name, { objective, constraints, solution }] of Object.entries(some)) {
      const { candidates: [found] } = await selectCandidate({
        data,
        model: new Point(),
        objective: (p) => objective(p.cast("float64").slice(0, 0, 1).sum(), p.cast("float64").slice(0, 1, 2).sum()),
        constraints: constraints.map((text) => ({ text, delta: 0.1 })),
        safetyRows: 1000,
        ...exact,
        optimizer: { inflation: 0, lambda: 0.5, ...optimizer },
      });
      const place = [...found.model.place.data];
      ok(place.every((x, i) => Math.abs(x - solution[i]) < 1e-4), `${name}: ${place}, wanted ${solution}`);
    }
  });
}

test("training ends when no step improves for some epochs", async () => {
  const run = (patience?: number) =>
    selectCandidate({
      data,
      model: new Point(),
      objective: (p) => p.sub(1).square().sum().cast("float64"),
      constraints: [{ text: `${X} <= 5`, delta: 0.1 }],
      safetyRows: 1000,
      ...exact,
      optimizer: { name: "sgd", thetaRate: 0.01, epochs: 500, inflation: 0, lambda: 0, ...(patience && { patience }) },
    });
  const [whole, short] = [await run(), await run(20)];
  ok(whole.log.length === 500 && short.log.length < 200, `${whole.log.length} and ${short.log.length} steps`);
  deepEqual(short.candidates[0].objective, whole.candidates[0].objective);
});

for (const name of ["bfgs", "cma-es", "nelder-mead", "powell"] as const) {
  test(`${name}: follows the edge of a promise with two formulas`, async () => {
    for (const [limit, solution] of [[0.2, [1.6, 1.4]], [0, [1.5, 1.5]]] as const) {
      const { candidates: [found] } = await selectCandidate({
        data,
        model: new Point(),
        objective: (p) => {
          const [x, y] = [0, 1].map((i) => p.cast("float64").slice(0, i, i + 1).sum());
          return x.sub(2).square().add(y.sub(1).square());
        },
        constraints: [{ text: `abs(${X} - ${Y}) <= ${limit}`, delta: 0.1 }],
        safetyRows: 1000,
        bound: "student",
        optimizer: { name, epochs: 5000, inflation: 0 },
      });
      const place = [...found.model.place.data];
      // Along the edge, 1e-4 changes the objective by as little as a bound that float32 cannot tell from 0 may gain.
      ok(place.every((x, i) => Math.abs(x - solution[i]) < 2e-4), `${place}, wanted ${solution}`);
    }
  });
}

/** A foreign classifier: it maps two numbers to a probability, without a graph. */
class Foreign implements nn.Module {
  readonly theta = new nn.Parameter([3], () => 0);
  forward(x: Tensor): Tensor {
    const [a, b, c] = this.theta.data, { data } = x;
    return Tensor.from(
      Float64Array.from({ length: x.shape[0] }, (_, i) => 1 / (1 + Math.exp(-a * data[2 * i] - b * data[2 * i + 1] - c))),
    );
  }
}

test("searches train models without a graph, pass the safety test and repeat to the bit; batches are refused", async () => {
  const features = points(400);
  const labels = features.map(([x, y]) => x + 0.3 * y > 0.2 ? 1 : 0), M = labels.map((_, i) => i % 2);
  for (const name of ["cma-es", "nelder-mead", "powell", "bfgs"] as const) {
    const options = {
      data: { features, labels, columns: { M, F: M.map((m) => 1 - m) }, exclusive: [["M", "F"]] },
      model: new Foreign(),
      objective: nn.logLoss,
      constraints: [{ text: "ACC >= 0.7", delta: 0.05 }, { text: "abs((PR | [M]) - (PR | [F])) <= 0.2", delta: 0.05 }],
      optimizer: { name, epochs: 400, spread: 1 },
      rates: "decided" as const,
    };
    const result = await train(options), again = await train(options);
    ok(result.passed && again.passed, `${name}: ${result}`);
    ok(result.objective.safety! < 0.3, `${name}: ${result.objective.safety}`);
    deepEqual(again.model.theta.data, result.model.theta.data);
    ok(result.log.length <= 400);
  }
  await rejects(
    train({
      data: { features, labels },
      model: new Foreign(),
      objective: nn.logLoss,
      constraints: [{ text: "ACC >= 0.7", delta: 0.05 }],
      optimizer: { name: "powell", batchSize: 10 },
    }),
    { message: "Cannot train by powell in batches: it compares values on all candidate data; leave batchSize out" },
  );
});

/** Starts in the right valley first, and anywhere later. */
class Start implements nn.Module {
  readonly place = new nn.Parameter([2, 1], nn.uniform(2));
  constructor() {
    this.place.fill(() => 1);
  }
  forward(features: Tensor): Tensor {
    return features.matmul(this.place);
  }
}

/** Two valleys; the left one is deeper. */
const twoValleys = (p: Tensor) => {
  const x = p.cast("float64").slice(0, 0, 1).sum();
  return x.square().sub(1).square().add(x.mul(0.3));
};

test("several starts keep the best end, and the first start is the given model", async () => {
  const run = (starts: number) =>
    selectCandidate({
      data,
      model: new Start(),
      objective: twoValleys,
      constraints: [{ text: `${X} <= 5`, delta: 0.1 }],
      safetyRows: 1000,
      ...exact,
      optimizer: { thetaRate: 0.05, epochs: 300, inflation: 0, lambda: 0, starts },
    });
  const [one, six] = [await run(1), await run(6)];
  ok(one.candidates[0].model.place.data[0] > 0.9);
  ok(six.candidates[0].model.place.data[0] < -0.9);
  deepEqual(six.log.slice(0, 300), one.log);
  deepEqual(six.log.length, 1800);
});

test("training adds a custom penalty to the objective", async () => {
  for (const name of ["adam", "bfgs", "nelder-mead"] as const) {
    const { candidates: [found] } = await selectCandidate({
      data,
      model: new Point(),
      objective: (p) => p.cast("float64").sub(1).square().mean().mul(2),
      constraints: [{ text: `${X} <= 5`, delta: 0.1 }],
      safetyRows: 1000,
      ...exact,
      penalty: (model: Point) => model.place.square().sum(),
      optimizer: { name, thetaRate: 0.02, epochs: 2000, schedule: "cosine", inflation: 0, lambda: 0 },
    });
    ok([...found.model.place.data].every((x) => Math.abs(x - 0.5) < 1e-3), `${name}: ${found.model.place.data}`);
  }
});

test("a custom gradient replaces the graph's", async () => {
  // The gradient leads to 2, whatever the values of the objective.
  const steered = autodiff.primitive({
    name: "steered",
    shape: () => [],
    forward: (_device, [p]) => autodiff.noGrad(() => new Tensor(p).square().mean().cast("float64").array),
    gradient: ({ dy, inputs: [p] }) => [() => p.sub(2).mul(dy.cast("float32"))],
  });
  const { candidates: [found] } = await selectCandidate({
    data,
    model: new Point(),
    objective: (p) => steered([p], undefined),
    constraints: [{ text: `${X} <= 5`, delta: 0.1 }],
    safetyRows: 1000,
    ...exact,
    optimizer: { thetaRate: 0.05, epochs: 400, schedule: "cosine", inflation: 0, lambda: 0, finalists: 0 },
  });
  ok([...found.model.place.data].every((x) => Math.abs(x - 2) < 1e-2), `${found.model.place.data}`);
});
