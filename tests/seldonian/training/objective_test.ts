import { equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { measures, nn, NoSolution, type Tensor, tensor, train } from "../../../mod.ts";
import { logistic } from "../../helpers/models.ts";
import { options } from "../../helpers/line.ts";

test("training that becomes NaN finds no solution, and keeps its log and the last feasible parameters", async () => {
  const result = await train(
    options({ constraints: [{ text: "ACC >= 0.3", delta: 0.05 }], optimizer: { thetaRate: 1e38, epochs: 20 } }),
  );
  ok(result instanceof NoSolution);
  ok(
    /^step \d+ of 20: the objective is (NaN|Infinity) and the Lagrangian (NaN|Infinity); try a smaller thetaRate$/.test(
      result.reason,
    ),
    result.reason,
  );
  ok(result.lastFeasible!.every(Number.isFinite) && result.lastFeasible!.length === 3);
  ok(result.log.length > 1 && result.constraints.length === 0);
  equal(`${result}`.split("\n")[0], `No solution found: ${result.reason}.`);
  ok(JSON.stringify(result).includes('"f":"'));
});

test("an objective that is finite only on batches finds no solution, and keeps its log", async () => {
  const objective: nn.Loss = (p, labels) => nn.logLoss(p, labels).mul(labels.size === 50 ? 1 : NaN);
  const result = await train(options({ objective, optimizer: { batchSize: 50, epochs: 3 } }));
  ok(result instanceof NoSolution && result.log.length === 12);
  equal(
    result.reason,
    "no step's parameters gave a finite objective on candidate data; look at the data, or try a smaller thetaRate",
  );
});

test("a measure can be the objective", async () => {
  const result = await train(options({ objective: measures.ER }));
  ok(result.passed && result.objective.safety! < 0.3);
});

test("for a model that starts with NaN, the reason is the model and not the learning rate", async () => {
  const model = logistic();
  for (const parameter of nn.namedParameters(model).values()) parameter.fill(() => NaN);
  const result = await train(options({ model }));
  ok(result instanceof NoSolution);
  match(
    result.reason,
    /^step 1 of 60: the objective is NaN .*; the model starts like this; look at its parameters and its data$/,
  );
});

test("a penalty must be one number, and the error shows other values", async () => {
  const first = (model: nn.Module) => [...nn.namedParameters(model).values()][0];
  for (const name of ["adam", "bfgs", "powell"] as const) {
    const by = (penalty: (model: nn.Module) => unknown) =>
      train(options({ penalty: penalty as (model: nn.Module) => Tensor, optimizer: { name, epochs: 5 } }));
    ok((await by((model) => first(model).square().sum().reshape(1))).log.length > 0);
    await rejects(by(() => {}), { message: /penalty that is undefined: wanted a tensor of one number/ });
    await rejects(by(() => 3), { message: /penalty that is 3: wanted/ });
    await rejects(by((model) => first(model).square()), { message: /a tensor of shape \[1, 2\], float32: wanted/ });
    await rejects(by(() => tensor([1], [], { dtype: "int32" })), { message: /a tensor of shape \[\], int32: wanted/ });
  }
  const none = await train(options({ penalty: (model) => first(model).sum().mul(NaN) }));
  ok(none instanceof NoSolution && /what is added to it NaN/.test(none.reason));
});

test("an objective that compares every pair of rows by mistake is an error, and one on purpose is not", async () => {
  const mistaken: nn.Loss = (p, y) => p.cast("float64").sub(y).square().mean();
  await rejects(train(options({ objective: mistaken })), {
    message:
      /Cannot subtract \[200, 1\] and \[200\] in an objective: the result would have every pair.*p\.reshape\(-1\); for every pair/,
  });
  const right: nn.Loss = (p, y) => p.reshape(-1).cast("float64").sub(y).square().mean();
  ok((await train(options({ objective: right }))).log.length === 60);
  await rejects(train(options({ objective: (() => 3) as never })), {
    message: /Cannot minimise an objective that is 3: wanted a tensor/,
  });
  await rejects(train(options({ objective: (async () => {}) as never })), { message: /objective that is a promise/ });
  const pairs: nn.Loss = (p, y) => {
    const n = y.size, gaps = p.cast("float64").sub(p.cast("float64").reshape(1, n)), signs = y.reshape(n, 1).sub(y.reshape(1, n));
    return gaps.mul(signs).neg().softplus().mean();
  };
  ok((await train(options({ objective: pairs, optimizer: { epochs: 3 } }))).log.length === 3);
});
