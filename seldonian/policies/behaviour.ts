import { noGrad } from "../../autodiff/mod.ts";
import type { Policy } from "./policy.ts";
import type { Steps } from "./steps.ts";

/** Logged probabilities may differ by this part, as those written with seven digits. */
const tolerance = 1e-6;

/**
 * Compares logged probabilities with those of the policy that is said to have acted.
 * @throws {RangeError} for one that differs, with episode and step
 */
export function checkBehaviour(
  steps: Steps,
  behaviour: Policy,
  nameOf: (episode: number) => string = (i) => `episode ${i} of these`,
): void {
  const own = noGrad(() => behaviour.ownProbability(steps)).data, logged = steps.behaviour.data;
  const at = logged.findIndex((p, i) => !(Math.abs(p - own[i]) <= tolerance * own[i]));
  if (at < 0) return;
  const episode = steps.episodeOf.data[at];
  throw new RangeError(
    `Cannot use ${nameOf(episode)}, step ${at - steps.starts[episode]}: the logged probability is ${
      logged[at]
    }, and the behaviour ` +
      `policy's own is ${own[at]}`,
  );
}
