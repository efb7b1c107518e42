/** Per-decision returns in worlds made up at random, in which every episode is known: their mean is the return, and their end is one. */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { type nn, Tensor } from "../../../mod.ts";
import { uniformOf } from "../../../seldonian/data/uniform_of.ts";
import {
  DoublyRobust,
  type EpisodesOptions,
  J_pi_new_IS,
  J_pi_new_PDIS,
  type Policy,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { expected, Given, outcomesOf, type Possible } from "../../helpers/policies.ts";
import { full } from "../../helpers/runs.ts";

/** A tree of up to three steps, each node an observation; probabilities may be 0 under either policy. */
function world(seed: number) {
  let count = 0;
  const u = () => uniformOf(seed, count++), one = <T>(list: readonly T[]) => list[Math.floor(list.length * u())];
  const width = one([2, 2, 3]), longest = one([1, 2, 3]), discount = one([1, 0.9, 0.5, 0.01]), lacks = [u() < 0.3, u() < 0.5];
  const [low, high] = one([[0, 1], [-1, 0], [-2, 3], [0.5, 1], [-1, -0.25]]);
  const law = (lacking: boolean) => {
    const raw = Array.from({ length: width }, (_, k) => k > 0 && lacking && u() < 0.3 ? 0 : one([0.01, 0.05 + u()]));
    return raw.map((x) => x / raw.reduce((sum, y) => sum + y));
  };
  const b: number[][] = [], pi: number[][] = [], all: (Possible & { under: number })[] = [];
  const grow = (
    so: { observations: number[]; actions: number[]; rewards: number[]; probabilities: number[] },
    p: number,
    under: number,
  ) => {
    const node = b.push(law(lacks[0])) - 1;
    pi.push(law(lacks[1]));
    for (let k = 0; k < width; k++) {
      const episode = {
        observations: [...so.observations, node],
        actions: [...so.actions, k],
        rewards: [...so.rewards, one([low, high, low + (high - low) * u()])],
        probabilities: [...so.probabilities, b[node][k]],
      };
      const next = [p * b[node][k], under * pi[node][k]] as const;
      if (episode.rewards.length === longest || u() < 0.3) all.push({ episode, chance: next[0], under: next[1] });
      else grow(episode, ...next);
    }
  };
  grow({ observations: [], actions: [], rewards: [], probabilities: [] }, 1, 1);
  const sums = (of: (reward: number) => number) =>
    all.map(({ episode: { rewards } }) => Array.from(rewards).reduce((sum, r, t) => sum + discount ** t * of(r), 0));
  const truth = sums((r) => r).reduce((sum, g, i) => sum + all[i].under * g, 0);
  const range = [Math.min(...sums((r) => Math.min(0, r))), Math.max(...sums((r) => Math.max(0, r)))] as const;
  const guesses = b.map((row) => row.map(() => one([3, 100]) * (u() - 0.5))), room = one([0.05, 1, 50]);
  return { b, pi, all, truth, range, guesses, room, discount, longest, rewardRange: [low, high] as const };
}

test("in random worlds, also where a policy lacks actions, values have the return as their mean or err to the safe side", () => {
  let lacking = 0;
  for (let seed = 0; seed < (full ? 3000 : 60); seed++) {
    const { all, truth, range, guesses, room, discount, longest, rewardRange, ...of } = world(seed);
    const b = new Given(of.b), pi = new Given(of.pi), seen = all.filter(({ chance }) => chance > 0);
    const isSupported = all.every(({ chance, under }) => chance > 0 || under === 0);
    const values: nn.Module<Tensor> = {
      forward: ({ data }) =>
        Tensor.from(Float64Array.from(Array.from(data).flatMap((o) => guesses[o])), [data.length, of.b[0].length]),
    };
    const policies: Policy[] = [pi];
    if (of.b.flat().every((p) => p > 0)) {
      const limited = [1.5, 8].map((most) => new WeightLimited(pi, b, most));
      policies.push(...limited, ...limited.map((one) => new DoublyRobust(one, values, { room })));
      policies.push(new DoublyRobust(pi, values, { room, behaviour: b }));
    }
    if (!isSupported) lacking++;
    const known: EpisodesOptions[] = [{}, { rewardRange, longest }, { rewardRange, longest: longest + 2 }];
    for (const policy of policies) {
      for (const more of known) {
        const outcomes = outcomesOf(policy, seen.map(({ episode }) => episode), { discount, baseline: 0.3, ...more });
        // The return of a policy with a limit is another one.
        const limit = policy.greatestWeight < Infinity;
        const mean = limit ? expected(seen, J_pi_new_IS.measure.values(outcomes, []).data) : truth;
        for (const side of ["lower", "upper"] as const) {
          const sided = J_pi_new_PDIS.measure.sided!(side, range, outcomes, []), z = sided.values(outcomes, []).data;
          const [low, high] = sided.range,
            off = (expected(seen, z) - mean) * (side === "lower" ? 1 : -1),
            at = `seed ${seed}, ${side}`;
          ok(z.every((one) => one >= low && one <= high), `${at}: ${z} in ${low}, ${high}`);
          ok(off < 1e-8 && (off > -1e-8 || !isSupported), `${at}: the mean is off by ${off}`);
        }
      }
    }
  }
  ok(lacking > 3, `${lacking}`);
});
