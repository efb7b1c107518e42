import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, optim, selectCandidate, type SelectionOptions, type Tensor } from "../../mod.ts";

/** Two numbers x and y, one the output for rows of the group X, the other for those of Y; labels are 0. */
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
});
/** So that x is the mean error of X, and is foretold without a margin. */
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
for (const name of ["adam", "sgd"] as const) {
  for (const dual of ["scaled", "ascent", "augmented", "pi"] as const) {
    techniques[`${name}, ${dual}`] = { name, dual, thetaRate: name === "adam" ? 0.05 : 0.02, lambdaRate: 0.1 };
  }
}

for (const [technique, optimizer] of Object.entries(techniques)) {
  test(`${technique}: finds the constrained optimum of convex problems to 1e-4`, async () => {
    for (const [name, { objective, constraints, solution }] of Object.entries(problems)) {
      const { candidates: [found] } = await selectCandidate({
        data,
        model: new Point(),
        objective: (p) => objective(p.slice(0, 0, 1).sum(), p.slice(0, 1, 2).sum()).cast("float64"),
        constraints: constraints.map((text) => ({ text, delta: 0.1 })),
        safetyRows: 1000,
        ...exact,
        optimizer: { ...optimizer, epochs: 3000, schedule: "cosine", inflation: 0, lambda: 0.5 },
      });
      const place = [...found.model.place.data];
      ok(place.every((x, i) => Math.abs(x - solution[i]) < 1e-4), `${name}: ${place}, wanted ${solution}`);
    }
  });
}

test("schedules fall from 1 to 0", () => {
  for (const schedule of Object.values(optim.schedules)) ok(Math.abs(schedule(0) - 1) < 1e-14);
  for (let t = 0; t <= 1; t += 0.01) {
    ok(Math.abs(optim.schedules.cosine(t) - (1 + Math.cos(Math.PI * t)) / 2) < 1e-14);
    ok(optim.schedules.linear(t) === 1 - t);
  }
});

test("a long gradient is cut to the greatest norm, a short one stays", () => {
  const gradient = Float32Array.of(3, 4);
  ok(optim.clipNorm(gradient, 10) === 5);
  deepEqual([...gradient], [3, 4]);
  optim.clipNorm(gradient, 1);
  deepEqual([...gradient], [0.6, 0.8].map(Math.fround));
});

test("training ends when no step has been better for some epochs", async () => {
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
