/** A quantity of the law of returns besides its mean is what training minimises, where it is the objective. */
import { ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { measures as kit, nn, train } from "../../../mod.ts";
import * as policies from "../../../seldonian/policies/mod.ts";

const { episodes, J_pi_new_CVaR, J_pi_new_IS, J_pi_new_Quantile, J_pi_new_Variance, maximize, measures } = policies;

// Action 1 always returns 0.5; action 0 returns 0.2 or 1, more on average.
const log = Array.from({ length: 400 }, (_, i) => ({
  observations: [0],
  actions: [i % 2],
  rewards: [i % 2 === 1 ? 0.5 : i % 4 === 0 ? 0.2 : 1],
  probabilities: [0.5],
}));
const data = episodes(log),
  constraints = [{ text: "J_pi_new_IS >= 0.1", delta: 0.05 }],
  ranges = { J_pi_new_IS: [0, 1] as const };
const old = nn.initialize(new policies.Uniform(2), 0);

/** How often the trained policy takes action 1. */
async function ofOne(objective: unknown): Promise<number> {
  const model = new policies.WeightLimited(new policies.SoftmaxTable(1, 2), old, 3), optimizer = { thetaRate: 0.1, epochs: 100 };
  const result = await train({ data, model, measures, objective: objective as never, constraints, ranges, optimizer });
  ok(result.passed);
  const drawn = Array.from({ length: 200 }, (_, seed) => result.model.act(0, { seed }) as number);
  return drawn.reduce((sum, action) => sum + action) / drawn.length;
}

test("the worst returns, a low quantile or the variance choose the sure action, the mean the other one", async () => {
  for (const objective of [maximize(J_pi_new_CVaR.of(0.4)), J_pi_new_Variance]) ok(await ofOne(objective) > 0.9);
  for (const objective of [maximize(J_pi_new_IS), J_pi_new_CVaR.of(0.4)]) ok(await ofOne(objective) < 0.4);
  // The quantile is at its best where less than 0.2 of returns are 0.2.
  ok(await ofOne(maximize(J_pi_new_Quantile.of(0.2))) > 0.6);
});

test("a level that is missing or none is refused in words", async () => {
  const message = "Cannot use J_pi_new_CVaR as an objective at the level undefined: wanted one between 0 and 1, as in " +
    "J_pi_new_CVaR.of(0.1)";
  throws(() => maximize(J_pi_new_CVaR), { name: "RangeError", message });
  throws(() => maximize(J_pi_new_Quantile.of(1)), /at the level 1: wanted one between 0 and 1/);
  await rejects(ofOne(J_pi_new_CVaR), { name: "RangeError", message });
});

test("a loss's CVaR is the objective on the safety data too", async () => {
  const features = Array.from({ length: 200 }, (_, i) => [i / 100 - 1]),
    labels = features.map(([x], i) => x + (i % 10 === 0 ? 1 : 0));
  const problem = {
    data: { features, labels },
    model: new nn.LinearRegression(1),
    constraints: [{ text: "Mean_Squared_Error <= 2", delta: 0.05 }],
    ranges: { Mean_Squared_Error: [0, 9] as const },
    optimizer: { name: "adam" as const, epochs: 200, thetaRate: 0.02 },
  };
  const losses = await Promise.all([kit.CVaR.of(0.1), kit.Mean_Squared_Error].map(async (objective) => {
    const { objective: { safety } } = await train({ ...problem, objective });
    return safety!;
  }));
  // The worst tenth of squared errors is near 0.5^2 where all are, and 1 where the mean is least.
  ok(losses[0] > 2 * losses[1]);
  await rejects(train({ ...problem, objective: kit.CVaR }), /Cannot use CVaR as an objective at the level undefined/);
});
