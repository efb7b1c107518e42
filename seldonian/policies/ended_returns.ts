import type { Tensor } from "../../autodiff/mod.ts";
import { put } from "../../autodiff/primitives/indexing.ts";
import type { Steps } from "./steps.ts";

/** For each side, low and high, the mean of value + end (1 - weight) is the return, and it never passes the end; [episodes] each. */
export interface EndedReturns {
  /** Non-negative, of mean 1. */
  weight: Tensor;
  /** With the end from below. */
  lower: Tensor;
  /** With the end from above. */
  upper: Tensor;
}

/**
 * Per-decision returns with a known end, whatever the weights w_t: all that bets need (see `one_sided.ts`). With w = w_T the weight of
 * the whole episode, x_t = gamma^t r_t, and any function f_t of an episode up to step t, E[w_t f_t] = E[w f_t] is its mean under the
 * new policy, so each term may have either weight.
 *
 * If each reward is in [r, R] and a return in [l, h] = [r, R] sum_t gamma^t (0 counts as a reward, because episodes may end): the rest
 * of an episode that has ended counts as steps with reward 0 and the last weight, so v = sum_t p_t w_t with the parts
 * p_t = gamma^t / sum_t gamma^t has mean 1, and sum_t w_t x_t + l (1 - v) >= l, as each w_t (x_t - l p_t) >= 0. Late steps, whose
 * weights vary most, matter least. If only sums are known to lie in [l, h], over any part of an episode's steps: gains have the
 * weights of their steps and losses that of the episode, sum_t w_t x_t+ - w sum_t x_t- + l (1 - w) >= l, as sum_t x_t- <= -l.
 * From above alike. Where the old policy lacks an action of the new one, what is missing counts as the end.
 * Source: P. S. Thomas, G. Theocharous and M. Ghavamzadeh, "High-confidence off-policy evaluation", AAAI 2015, for per-decision
 * returns from 0; the shift by v, and by w, is the control variate E[w_t] = 1.
 * @param k 0, or the number of an alternate reward
 */
export function endedReturns(steps: Steps, weights: Tensor, last: Tensor, perDecision: Tensor, k: number): EndedReturns {
  const { ends, parts, episodeOf, gains, gained, returns } = steps, { shape } = last;
  const sum = (values: Tensor) => put([values, episodeOf], { shape });
  if (ends[k] !== null) return { weight: sum(weights.mul(parts)), lower: perDecision, upper: perDecision };
  const won = sum(weights.mul(gains[k]));
  return {
    weight: last,
    lower: won.add(last.mul(returns[k].sub(gained[k]))),
    upper: perDecision.sub(won).add(last.mul(gained[k])),
  };
}
