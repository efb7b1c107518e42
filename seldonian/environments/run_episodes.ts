import { Tensor } from "../../autodiff/mod.ts";
import { callable, checkOptions, type Known, needed, whole } from "../../autodiff/options.ts";
import { uniformOf } from "../data/uniform_of.ts";
import type { Episode } from "../policies/episodes.ts";
import type { Policy } from "../policies/policy.ts";
import type { Environment } from "./environment.ts";

/** What to run. */
export interface RunEpisodesOptions {
  /** Makes a world; each episode has one of its own. */
  environment: () => Environment;
  /** Who acts. */
  policy: Policy;
  /** The number of episodes. */
  count: number;
  /** Default 0; the same seed, the same episodes, whatever their number. */
  seed?: number;
  /** The number of the first episode, default 0: to run the same episodes in parts. */
  first?: number;
  /** The most steps of an episode; default: the environment's. */
  steps?: number;
}

const known: Known<RunEpisodesOptions> = {
  environment: needed(callable),
  policy: {
    type: "object",
    wanted: "a policy",
    holds: (value) => typeof (value as Policy | null)?.choose === "function",
    needed: true,
  },
  count: needed(whole(0)),
  seed: whole(),
  first: whole(0),
  steps: whole(1),
};

/** The most episodes that run side by side. */
const together = 1000;

/**
 * Runs episodes side by side, so that the policy chooses for all of them at once. The i-th episode depends on the seed, on i and on the
 * policy alone.
 */
export function runEpisodes(options: RunEpisodesOptions): Episode[] {
  const { count, first = 0 } = checkOptions("run episodes", options, known), all: Episode[] = [];
  for (let done = 0; done < count; done += together) {
    all.push(...runTogether(options, first + done, Math.min(together, count - done)));
  }
  return all;
}

/** An episode that runs. */
interface Running {
  readonly id: number;
  readonly environment: Environment;
  observation: readonly number[];
  weight: number;
  readonly log: {
    observations: number[][];
    actions: number[][];
    rewards: number[];
    probabilities: number[];
    alternates: number[][];
  };
}

function runTogether(
  { environment: make, policy, seed = 0, steps = Infinity }: RunEpisodesOptions,
  first: number,
  count: number,
): Episode[] {
  const all = Array.from({ length: count }, (_, i): Running => {
    const id = first + i, environment = make(), { observation } = environment.reset({ seed: seedOf(seed, id) });
    const log = { observations: [], actions: [], rewards: [], probabilities: [], alternates: [] };
    return { id, environment, observation: [observation].flat(), weight: 1, log };
  });
  let left = all;
  for (let step = 0; left.length > 0 && step < steps; step++) {
    const seen = left.flatMap(({ observation }) => observation), n = left.length, width = seen.length / n;
    const observations = Tensor.from(Float64Array.from(seen), width === 1 ? [n] : [n, width]);
    const weights = Float64Array.from(left, ({ weight }) => weight);
    const { actions, probabilities } = policy.choose(observations, (i, j) => uniformOf(seed, left[i].id, step, j), weights);
    const size = actions.length / n;
    left = left.filter((running, i) => {
      const { log, environment } = running, action = Array.from(actions.subarray(i * size, (i + 1) * size));
      const { observation, reward, alternates = [], terminated, truncated = false } = environment.step(
        size === 1 ? action[0] : action,
      );
      log.observations.push([...running.observation]);
      log.actions.push(action);
      log.rewards.push(reward);
      log.probabilities.push(probabilities[i]);
      alternates.forEach((one, k) => (log.alternates[k] ??= []).push(one));
      running.observation = [observation].flat();
      running.weight = weights[i];
      return !terminated && !truncated;
    });
  }
  return all.map(({ id, log }) => ({ id, ...log }));
}

/** The seed of an episode's world. */
function seedOf(seed: number, id: number): number {
  return Math.floor(uniformOf(seed, id, 0x776f726c, 0) * 2 ** 31);
}
