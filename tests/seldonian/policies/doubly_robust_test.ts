/** Doubly robust returns whose guesses have room: proven, with and without a limit of weights. */
import { equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { concatenate, Tensor } from "../../../autodiff/mod.ts";
import { type nn, safetyTest, split } from "../../../mod.ts";
import { lower, upper } from "../../../seldonian/bounds/bound.ts";
import { uniformOf } from "../../../seldonian/data/uniform_of.ts";
import {
  DoublyRobust,
  type Episode,
  episodes,
  fitValues,
  J_pi_new_IS,
  J_pi_new_PDIS,
  measures,
  Mixed,
  OneHot,
  type Policy,
  SoftmaxTable,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { expected, Given, outcomesOf, twoSteps } from "../../helpers/policies.ts";
import { full } from "../../helpers/runs.ts";

const b = [[0.9, 0.1], [0.5, 0.5], [0.8, 0.2]], behaviour = new Given(b), pi = new Given([[0.4, 0.6], [0.1, 0.9], [0.3, 0.7]]);
const discount = 0.9, returns = [-3.8, 2.85] as const, sides = ["lower", "upper"] as const;
const worlds = [
  twoSteps(b, [0, -2, 0, 1.5], [1.5, -2]),
  twoSteps(b, [1.5, 1.5, 1.5, -2], [0, 0]),
  // Action 0 ends an episode at its first step.
  [
    { episode: { observations: [0], actions: [0], rewards: [1], probabilities: [0.9] }, chance: 0.9 },
    ...twoSteps(b, [0, 0, -2, 1.5], [1, -1]).slice(2),
  ],
];

/** A guess for each of three observations and two actions. */
function guess(values: readonly number[]): nn.Module<Tensor> {
  return {
    forward: ({ data: seen }) =>
      Tensor.from(Float64Array.from({ length: 2 * seen.length }, (_, i) => values[2 * seen[i >> 1] + i % 2]), [seen.length, 2]),
  };
}

const guesses = [[5, -3, 0, 2, 7, -1], [1, 1, 1, 1, 1, 1], [-9, 9, -9, 9, 30, -30]];
const made: [string, (values: readonly number[], room?: number) => DoublyRobust<Given | WeightLimited>][] = [
  ["free", (values, room) => new DoublyRobust(pi, guess(values), { room, behaviour })],
  ["limited", (values, room) => new DoublyRobust(new WeightLimited(pi, behaviour, 2), guess(values), { room })],
];

for (const [name, make] of made) {
  test(`whatever the guess of a ${name} policy, values keep the return as their mean, and move within the room`, () => {
    for (const possible of worlds) {
      for (const values of guesses) {
        for (const room of [0.1, 1, 20]) {
          const policy = make(values, room), given = possible.map(({ episode }) => episode);
          const [plain, found] = [policy.policy, policy].map((one) => {
            const outcomes = outcomesOf(one, given, { discount });
            return [J_pi_new_PDIS.measure.values(outcomes, []).data, J_pi_new_IS.measure.values(outcomes, []).data];
          });
          ok(Math.abs(expected(possible, found[0]) - expected(possible, plain[1])) < 1e-12);
          const moved = found[0].map((z, i) => Math.abs(z - plain[0][i]));
          ok(moved.every((by) => by <= room + 1e-12) && moved.some((by) => by > 1e-3), `${moved}`);
        }
      }
    }
  });

  test(`bounds of a ${name} policy miss with probability at most delta, over every sequence of episodes`, () => {
    for (const possible of worlds) {
      for (const values of guesses) {
        const policy = make(values, 1), outcomes = outcomesOf(policy, possible.map(({ episode }) => episode), { discount });
        const mean = expected(possible, J_pi_new_IS.measure.values(outcomes, []).data);
        for (const side of sides) {
          const sided = J_pi_new_PDIS.measure.sided!(side, returns, outcomes, []), z = sided.values(outcomes, []).data;
          ok(z.every((one) => one >= sided.range[0] && one <= sided.range[1]), `${z} in ${sided.range}`);
          for (const n of full ? [1, 2, 3, 4] : [1, 2]) {
            for (const delta of [0.4, 0.05]) {
              let miss = 0;
              for (let code = 0; code < possible.length ** n; code++) {
                const drawn = Array.from({ length: n }, (_, i) => Math.floor(code / possible.length ** i) % possible.length);
                const request = { delta, range: sided.range }, values = Float64Array.from(drawn, (i) => z[i]);
                const bound = (side === "lower" ? lower : upper)(sided.bound!, values, request);
                if (side === "lower" ? bound > mean + 1e-9 : bound < mean - 1e-9) {
                  miss += drawn.reduce((product, i) => product * possible[i].chance, 1);
                }
              }
              ok(miss <= delta + 1e-12, `${side}, n ${n}, delta ${delta}: missed with probability ${miss}`);
            }
          }
        }
      }
    }
  });
}

test("in a large room guesses are used in full", () => {
  for (const values of guesses) {
    const given = worlds[0].map(({ episode }) => episode),
      at = (policy: Policy) => J_pi_new_PDIS.measure.values(outcomesOf(policy, given, { discount }), []).data;
    const [all, kept] = [
      at(new DoublyRobust(pi, guess(values))),
      at(new DoublyRobust(pi, guess(values), { room: 1e6, behaviour })),
    ];
    ok(all.every((z, i) => Math.abs(z - kept[i]) < 1e-12), `${all} ${kept}`);
  }
});

test("guesses add nothing to the mean slope, whatever their room and the limit of weights", () => {
  const given = worlds[0].map(({ episode }) => episode),
    chances = Tensor.from(Float64Array.from(worlds[0], ({ chance }) => chance));
  const table = () => {
    const policy = new SoftmaxTable(3, 2);
    policy.weight.fill((i) => Math.sin(3 * i));
    return policy;
  };
  const makes: ((of: SoftmaxTable) => SoftmaxTable | WeightLimited)[] = [
    (of) => of,
    (of) => new WeightLimited(of, behaviour, 1.3),
  ];
  for (const make of makes) {
    for (const room of [1, 100]) {
      const slopes = [
        (of: SoftmaxTable) => make(of),
        (of: SoftmaxTable) => new DoublyRobust(make(of), guess(guesses[0]), { room, behaviour }),
      ]
        .map((model) => {
          const policy = table();
          J_pi_new_PDIS.measure.values(outcomesOf(model(policy), given, { discount }), []).mul(chances).sum().backward();
          return policy.weight.grad!.data;
        });
      ok(
        slopes[0].every((slope, i) => Math.abs(slope - slopes[1][i]) < 1e-6),
        `${make(table()).greatestWeight}: ${slopes.join(" and ")}`,
      );
    }
  }
});

const pays = [[0.9, 0.8], [0.1, 0.2], [0.5, 0.6]];

/** Episodes of one step, whose observation says nearly all of the reward. */
function visits(count: number, seed: number): Episode[] {
  return Array.from({ length: count }, (_, i) => {
    const o = Math.floor(3 * uniformOf(seed, i)),
      a = uniformOf(seed, i, 1) < b[o][0] ? 0 : 1,
      noise = 0.1 * uniformOf(seed, i, 2);
    return { observations: [o], actions: [a], rewards: [pays[o][a] + noise - 0.05], probabilities: [b[o][a]] };
  });
}

test("a guess that was fitted to other data makes the proven bound narrower", async () => {
  const { candidate, safety } = split(episodes(visits(600, 4), { baseline: 0.5, behaviour })),
    constraints = [{ text: "J_pi_new_PDIS >= 0.1", delta: 0.05 }];
  const bound = async (model: Policy) => {
    const report = await safetyTest({ model, data: safety, measures, constraints, ranges: { J_pi_new_PDIS: [0, 1] } });
    equal(report.constraints[0].guarantee, "finite-sample");
    return report.constraints[0].leaves[0].lower;
  };
  const values = fitValues(candidate, { policy: pi, features: new OneHot(3) });
  const [plain, robust] = [await bound(pi), await bound(new DoublyRobust(pi, values, { room: 2, behaviour }))];
  ok(robust > plain + 0.03, `${plain} ${robust}`);
});

test("fitted values are the mean returns that follow an action, shrunk by the ridge, and linear in features", () => {
  const given = worlds[0].map(({ episode }) => episode),
    data = episodes(given, { discount }),
    seen = Tensor.from(Float32Array.of(0, 1, 2, 7), [4, 1]);
  const fit = (features: nn.Module<Tensor>, ridge?: number) =>
    Array.from(fitValues(data, { policy: pi, features, ridge }).forward(seen).data);
  // Each of the four episodes once: action 0 at first, then either.
  const wanted = [1.5 - 0.9, -2 + 0.9 * 0.75, 0, -2, 0, 1.5, 0, 0];
  ok(fit(new OneHot(3), 0.000001).every((q, i) => Math.abs(q - wanted[i]) < 1e-5), `${fit(new OneHot(3), 0)}`);
  ok(Math.abs(fit(new OneHot(3))[0] - wanted[0] * 2 / 3) < 1e-6);
  const line = fit({ forward: (x) => concatenate([x, x.mul(0).add(1)], 1) } as nn.Module<Tensor>, 0);
  ok(Math.abs(line[6] - (line[0] + 7 * (line[2] - line[0]))) < 1e-5, `${line}`);
  throws(
    () => fit({ forward: (x) => concatenate([x, x], 1) } as nn.Module<Tensor>, 0),
    /features depend on each other; give a ridge/,
  );
  throws(() => fitValues(data, { policy: new Given([[1]]), features: new OneHot(3) }), /Cannot use the action of step/);
});

test("a declared range and guesses without room are refused, and say what to do; without the range Student's bound is used", async () => {
  const { safety } = split(episodes(visits(200, 4))), model = new DoublyRobust(pi, guess(pays.flat()));
  const constraints = [{ text: "J_pi_new_PDIS >= 0.1", delta: 0.05 }], all = { model, data: safety, measures, constraints };
  await rejects(
    safetyTest({ ...all, ranges: { J_pi_new_PDIS: [0, 1] } }),
    /guesses may add anything to it; give them room, as in new Doubly/,
  );
  equal((await safetyTest(all)).constraints[0].guarantee, "approximate");
});

test("guesses need a discrete policy, the old one over the same actions in the same order, and one number for each", () => {
  const one = guess(pays.flat());
  throws(() => new DoublyRobust(new Mixed(pi, 0.5) as never, one), /the policy is a Mixed; wanted a discrete policy/);
  throws(
    () => new DoublyRobust(new SoftmaxTable(2, [0, 1]), one, { room: 1, behaviour: new SoftmaxTable(2, [1, 0]) }),
    /the policy has the actions 0, 1, and the behaviour policy 1, 0/,
  );
  throws(
    () => new WeightLimited(new DoublyRobust(pi, one) as never, behaviour, 2),
    /the policy is a DoublyRobust; wanted a discrete policy/,
  );
  for (const width of [1, 3]) {
    const values: nn.Module<Tensor> = { forward: ({ shape: [n] }) => Tensor.from(new Float64Array(n * width), [n, width]) };
    throws(
      () => outcomesOf(new DoublyRobust(pi, values), worlds[0].map(({ episode }) => episode)),
      new RegExp(`Cannot use guesses of shape \\[8, ${width}\\]; wanted \\[8, 2\\], one for each action`),
    );
  }
});

test("values of weight 0 with guesses at the end of their room are within their ends, whatever is rounded", () => {
  const never = new Given([[1, 0], [0.4, 0.6], [0.3, 0.7]]),
    given = twoSteps(b, [0, 1, 0, 1], [1, 0]).map(({ episode }) => episode);
  for (let seed = 0; seed < 200; seed++) {
    const values = guess(Array.from({ length: 6 }, (_, i) => 40 * (uniformOf(seed, i) - 0.5)));
    const outcomes = outcomesOf(new DoublyRobust(never, values, { room: uniformOf(seed, 9), behaviour }), given, { discount });
    const { range: [low], values: ended } = J_pi_new_PDIS.measure.sided!("lower", [0, 2], outcomes, []),
      z = ended(outcomes, []).data;
    ok(z.every((one) => one >= low), `seed ${seed}: ${z} from ${low}`);
  }
});

test("a custom policy that adds to values and does not say how much is refused with a range", () => {
  class Adding extends Given {
    override control = (_: unknown, weights: Tensor) => weights.slice(0, 0, 4).mul(0);
  }
  const outcomes = outcomesOf(new Adding([[0.5, 0.5]].concat(b.slice(1))), worlds[0].map(({ episode }) => episode), { discount });
  throws(() => J_pi_new_PDIS.measure.sided!("lower", returns, outcomes, []), /guesses may add anything to it; give them room/);
});

test("a room needs the policy that acted, which must take every action; a policy with a limit keeps it", () => {
  throws(() => new DoublyRobust(pi, guess([]), { room: 1 }), /without the policy that acted: give it as the option behaviour/);
  throws(() => new DoublyRobust(pi, guess([]), { room: -1, behaviour }), /room/);
  const never = new Given([[1, 0], [0.5, 0.5], [0.8, 0.2]]),
    given = [{ observations: [0], actions: [0], rewards: [1], probabilities: [1] }];
  throws(
    () => outcomesOf(new DoublyRobust(pi, guess(guesses[0]), { room: 1, behaviour: never }), given),
    /never takes the action 1 at step 0/,
  );
  const limited = new DoublyRobust(new WeightLimited(pi, behaviour, 2), guess([]), { room: 1 });
  equal(limited.greatestWeight, 2);
  throws(() => limited.act(0, { step: 1 }), /without the episode's weight/);
  equal(limited.actor({ seed: 3 }).act(0), limited.policy.act(0, { seed: 3 }));
  throws(() => new Mixed(limited, 0.5, behaviour), /Cannot mix a policy with limited weights/);
});
