/** Quantiles, CVaR and variance of returns under a new policy: estimates, and bounds that miss with probability at most delta. */
import { equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { constraint, nn, safetyTest, Tensor, train } from "../../../mod.ts";
import { uniformOf } from "../../../seldonian/data/uniform_of.ts";
import {
  episodes,
  Gridworld,
  J_pi_new_CVaR,
  J_pi_new_IS,
  J_pi_new_Quantile,
  J_pi_new_Variance,
  maximize,
  measures,
  type Policy,
  runEpisodes,
  SoftmaxTable,
  Uniform,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { returnMean } from "../../../seldonian/policies/return_functionals.ts";
import { Given } from "../../helpers/policies.ts";
import { full } from "../../helpers/runs.ts";

/** An episode that may come: its chance under the old policy, its weight and its return. */
type Law = readonly (readonly [chance: number, weight: number, value: number])[];
const laws: [string, Law, number][] = [
  ["a rare bad return with a great weight", [[0.02, 20, 0], [0.98, 0.6 / 0.98, 1]], 20],
  ["half a half", [[0.5, 1.6, 0.25], [0.5, 0.4, 0.75]], 2],
  ["three returns", [[0.3, 2, 0], [0.5, 0.4, 0.5], [0.2, 1, 1]], 2],
  ["a return that the new policy never has", [[0.5, 0, 0], [0.5, 2, 0.8]], 2],
];

/** The truth under the new policy. */
function truthOf(name: string, law: Law, level: number): number {
  const sorted = law.map(([p, w, g]) => [p * w, g] as const).filter(([q]) => q > 0).sort(([, a], [, b]) => a - b);
  const mean = sorted.reduce((sum, [q, g]) => sum + q * g, 0);
  if (name === "J_pi_new_IS") return mean;
  if (name === "J_pi_new_Variance") return sorted.reduce((sum, [q, g]) => sum + q * (g - mean) ** 2, 0);
  let [all, worst, at] = [0, 0, NaN];
  for (const [q, g] of sorted) {
    worst += Math.max(0, Math.min(q, level - all)) * g;
    all += q;
    if (Number.isNaN(at) && all >= level - 1e-12) at = g;
  }
  return name === "J_pi_new_CVaR" ? worst / level : at;
}

const rows = (some: readonly (readonly [number, number, number])[], most: number) =>
  Float64Array.from(some.flatMap(([, w, g]) => [w, g, 1 / most]));

const functionals = [J_pi_new_CVaR, J_pi_new_Quantile, J_pi_new_Variance].map(({ measure }) => measure);
// The bound of J_pi_new_IS where it stands alone.
functionals.push({ ...J_pi_new_IS.measure, functional: returnMean });

for (const { name, functional } of functionals) {
  test(`bounds of ${name} miss with probability at most delta, over every sequence of episodes`, () => {
    for (const [what, law, limit] of laws) {
      for (const most of [limit, Infinity]) {
        for (const level of [0.25, 0.5]) {
          const truth = truthOf(name, law, level);
          for (const n of full ? [1, 2, 4, 6] : [1, 4]) {
            for (const delta of [0.4, 0.1]) {
              const miss = { lower: 0, upper: 0 };
              for (let code = 0; code < law.length ** n; code++) {
                const drawn = Array.from({ length: n }, (_, i) => law[Math.floor(code / law.length ** i) % law.length]);
                const chance = drawn.reduce((product, [p]) => product * p, 1), values = rows(drawn, most);
                const request = { delta, range: [0, 1] as const };
                if (functional!.lower(values, level, request) > truth + 1e-12) miss.lower += chance;
                if (functional!.upper(values, level, request) < truth - 1e-12) miss.upper += chance;
              }
              ok(Math.max(miss.lower, miss.upper) <= delta, `${what}, most ${most}, n ${n}: ${JSON.stringify(miss)}`);
            }
          }
        }
      }
    }
  });

  test(`at the edge: hardly more than delta of samples miss ${name}, and bounds come near it`, () => {
    // Uniform returns, of which the new policy prefers the low ones.
    const trials = full ? 500 : 30, n = 200, delta = 0.1, level = 0.25;
    const truth = name === "J_pi_new_Variance"
      ? 1 / 18
      : name === "J_pi_new_CVaR"
      ? cvarOfTriangle(level)
      : name === "J_pi_new_IS"
      ? 1 / 3
      : 1 - Math.sqrt(1 - level);
    const misses = { lower: 0, upper: 0 }, widths = { lower: 0, upper: 0 };
    for (let trial = 0; trial < trials; trial++) {
      const some = Array.from({ length: n }, (_, i) => uniformOf(11, trial, i)).map((g) => [0, 2 * (1 - g), g] as const);
      const request = { delta, range: [0, 1] as const }, values = rows(some, trial % 2 === 0 ? 2 : Infinity);
      const [low, high] = [functional!.lower(values, level, request), functional!.upper(values, level, request)];
      if (low > truth) misses.lower++;
      if (high < truth) misses.upper++;
      widths.lower += (truth - low) / trials;
      widths.upper += (high - truth) / trials;
    }
    const most = trials * delta + 3 * Math.sqrt(trials * delta * (1 - delta));
    if (full) console.log(name, misses, widths);
    ok(Math.max(misses.lower, misses.upper) <= most, JSON.stringify(misses));
    ok(widths.lower < 0.12 && widths.upper < 0.2, JSON.stringify(widths));
  });

  test(`predicted bounds of ${name} are about as far from the estimate as those of a test`, () => {
    const n = 300, level = 0.25, request = { delta: 0.05, range: [0, 1] as const, n };
    for (const side of name === "J_pi_new_Variance" ? ["upper"] as const : ["lower", "upper"] as const) {
      let [predicted, found] = [0, 0];
      for (const seed of [0, 1, 2, 3]) {
        const some = Array.from({ length: n }, (_, i) => uniformOf(13, seed, i)).map((g) => [0, 2 * (1 - g), g] as const);
        const values = rows(some, 2), tensor = Tensor.from(values, [n, 3]), mean = functional!.value(tensor, level).value;
        predicted += Math.abs(functional!.forecast(side, tensor, level, request).value - mean);
        found += Math.abs(functional![side](values, level, request) - mean);
      }
      ok(predicted > 0.7 * found && predicted < 1.4 * found, `${side}: ${predicted} and ${found}`);
    }
  });

  test(`the estimate of ${name} is that of the weighted returns, with the slope of its weights`, () => {
    const law: Law = [[0.3, 2, 0.1], [0.5, 0.4, 0.5], [0.2, 1, 1]], each = law.flatMap((one) => new Array(one[0] * 10).fill(one));
    const value = functional!.value(Tensor.from(rows(each as Law, 2), [10, 3]), 0.4);
    ok(Math.abs(value.value - truthOf(name, law, 0.4)) < 1e-12, `${value.value}`);
    // More weight on the lowest return, and on the highest.
    const slopes = [0.1, 1].map((g) => {
      const at = (more: number) => {
        const given = Array.from({ length: 50 }, (_, i) => [0, i === (g < 0.5 ? 0 : 49) ? 1 + more : 1, (i + 1) / 50] as const);
        return functional!.value(Tensor.from(rows(given, 2), [50, 3]), 0.4);
      };
      const given = Tensor.from(rows(Array.from({ length: 50 }, (_, i) => [0, 1, (i + 1) / 50] as const), 2), [50, 3]).withGrad();
      functional!.value(given, 0.4).backward();
      return { slope: given.grad!.data[3 * (g < 0.5 ? 0 : 49)], found: at(0.5).value - at(-0.5).value };
    });
    for (const { slope, found } of slopes) {
      ok(slope * found > 0 && slope / found > 0.3 && slope / found < 2, JSON.stringify(slopes));
    }
  });
}

/** The mean of the lowest part of the law with density 2 (1 - x). */
function cvarOfTriangle(level: number): number {
  const x = 1 - Math.sqrt(1 - level);
  return (x * x - 2 * x ** 3 / 3) / level;
}

const pi = new Given([[0.25, 0.75]]), behaviour = nn.initialize(new Uniform(2), 0);
/** Action 1 is safe; action 0 pays more, and sometimes nothing. */
const log = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const action = uniformOf(5, i) < 0.5 ? 0 : 1, reward = action === 1 ? 0.5 : uniformOf(6, i) < 0.3 ? 0 : 0.9;
    return { observations: [0], actions: [action], rewards: [reward], probabilities: [0.5], alternates: [[1 - reward]] };
  });
const ranges = { J_pi_new_CVaR: [0, 1], J_pi_new_Quantile: [0, 1], J_pi_new_Variance: [0, 1], J_b_CVaR: [0, 1] } as const;
const tested = (text: string, model: Policy = pi, options = {}) => {
  const given = Object.fromEntries(Object.entries(ranges).filter(([name]) => text.includes(name)));
  const constraints = [{ text, delta: 0.05 }];
  return safetyTest({ model, data: episodes(log(400)), measures, ranges: given, constraints, ...options });
};

test("they are measures of constraints: also as differences, of alternate rewards, of the old policy and without a limit of weights", async () => {
  const policies = [pi, new WeightLimited(pi, behaviour, 2)];
  for (const model of policies) {
    for (
      const text of [
        "J_pi_new_CVaR_[0.5] >= 0.3",
        "J_CVaR_[0.5] >= 0.1",
        "J_pi_new_Quantile_[0.25] >= 0.4",
        "J_pi_new_Quantile_[0.75] - J_pi_new_Quantile_[0.25] <= 0.8",
        "J_pi_new_Variance <= 0.2",
        "J_pi_new_Variance ** 0.5 <= 0.45",
        "J_pi_new_CVaR_[0.5, 1] >= 0.05",
        "J_pi_new_Variance_[1] <= 0.2",
        "J_pi_new_CVaR_[0.5] >= J_b_CVaR_[0.5] - 0.2",
      ]
    ) {
      const { passed, constraints: [{ guarantee, note }] } = await tested(
        text,
        model,
        text.includes("J_CVaR") ? { ranges: { J_CVaR: [0, 1] } } : {},
      );
      ok(passed, `${text}: ${note}`);
      equal(guarantee, "finite-sample");
    }
  }
});

test("wrong levels, alternates, ranges and returns are errors; without a range nothing is judged", async () => {
  const error = (text: string, why: RegExp, options = {}) => rejects(() => tested(text, pi, options), why);
  await error("J_pi_new_CVaR >= 0", /J_pi_new_CVaR needs a level between 0 and 1/);
  await error("J_pi_new_CVaR_[2] >= 0", /J_pi_new_CVaR needs a level between 0 and 1/);
  await error("J_pi_new_CVaR_[0.5, 2] >= 0", /no alternate reward 2: the episodes have 1/);
  await error("J_pi_new_Variance_[0.5] <= 1", /whole number/);
  await error("J_pi_new_Variance <= 1", /one is .*, outside of \[0, 0\.4\]/, { ranges: { J_pi_new_Variance: [0, 0.4] } });
  for (const name of ["CVaR_[0.5]", "Quantile_[0.5]", "Variance"]) {
    for (const bound of ["student", "hoeffding"] as const) {
      const text = `J_pi_new_${name} <= 1`,
        why = new RegExp(`by "${bound}": it is no mean, and has its own bounds; leave out`);
      await error(text, why, { bound });
      await error(text, why, { bound: { [`J_pi_new_${name.split("_")[0]}`]: bound } });
    }
  }
  const { passed, constraints: [{ note }] } = await tested("J_pi_new_CVaR_[0.5] >= 0", pi, { ranges: {} });
  equal(passed, false);
  match(note!, /no finite lower bound without a known least value/);
  equal(`${constraint("J_pi_new_CVaR_[0.5, 1] >= 0", { measures })}`, "J_pi_new_CVaR_[0.5, 1] >= 0");
});

test("a policy is trained to keep a promise of its worst returns", async () => {
  const uniform = nn.initialize(new Uniform(4), 0);
  const data = episodes(runEpisodes({ environment: () => new Gridworld(), policy: uniform, count: 1200, seed: 8 }), {
    discount: 0.9,
  });
  const model = new WeightLimited(new SoftmaxTable(9, 4), uniform, 2);
  const text = "J_pi_new_CVaR_[0.5] >= -0.95", options = { thetaRate: 0.1, epochs: 20 };
  const result = await train({
    data,
    model,
    measures,
    objective: maximize(J_pi_new_IS),
    constraints: [{ text, delta: 0.05 }],
    ranges: { J_pi_new_CVaR: [-8.1, 0.729] },
    optimizer: options,
  });
  ok(result.passed, `${result}`);
  equal(result.constraints[0].guarantee, "finite-sample");
});
