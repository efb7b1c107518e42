import { nearLog } from "../../autodiff/mathematics/elementary.ts";

/*
 * Bets against "the new policy's mean of s_t is at least target_t for every t", where s_t in [0, most_t] is a function of the return,
 * and both it and target_t may depend on earlier episodes. With weights of mean 1 and at most W, the mean of w (target_t - s_t) is
 * then at most 0, and it is at least -W (most_t - target_t); without a limit of weights the same holds for
 * target_t - most_t + w (most_t - s_t) >= target_t - most_t. So capital 1 becomes prod (1 + lambda_t gap_t), with lambda_t from earlier
 * episodes and no factor below 0: a non-negative supermartingale, which reaches 1 / delta with probability at most delta (J. Ville,
 * 1939).
 */

/** What is bet about one episode. */
export interface Stake {
  /** s_t. */
  value: number;
  /** The most that s_t can be. */
  most: number;
  /** The mean of s_t under the new policy is at least this, if what is bet against is true. */
  target: number;
}

/** As in `star`. */
const prior = 0.25, aim = 1.02, rounding = 1e-9;

/**
 * Whether the bets turn 1 into 1 / delta; how much is bet is as in `star`.
 * @param weights the importance weights, in the order of the test
 * @param greatest the greatest weight that an episode can have
 * @param stake writes what is bet about the t-th, over what it wrote before, at first `most` 1; it must not depend on later episodes, nor `most` and `target` on the t-th
 */
export function betsReach(
  weights: ArrayLike<number>,
  greatest: number,
  stake: (t: number, one: Stake) => void,
  delta: number,
): boolean {
  const n = weights.length, isLimited = greatest < Infinity, one = { value: 0, most: 1, target: 0 };
  let capital = delta, squares = 0;
  for (let t = 0; t < n; t++) {
    stake(t, one);
    const { value, most, target } = one, room = (isLimited ? greatest : 1) * (most - target);
    // A mean of at least 0 is no claim, and one of the most leaves nothing to bet on.
    if (!(target > 0 && room > 0)) continue;
    const own = prior * most * most, before = own / (target * (most - target));
    const bet = Math.sqrt(-2 * nearLog(capital / aim) * (t + before) / ((n - t) * (squares + own)));
    const w = weights[t], gap = isLimited ? w * (target - value) : target - most + w * (most - value);
    capital *= 1 + Math.min(bet, 1 / room) * gap;
    if (capital >= 1 + rounding) return true;
    if (!(capital > 1e-300)) return false;
    squares += gap * gap;
  }
  return false;
}

/**
 * The last point of [from, to] up to which every one was refused, in equal `steps` from `from`, which counts as refused. If the claims
 * that the points stand for are true from some point on, as "the quantile is below x" is, it lies beyond that point with the probability
 * of refusing one claim: those before it are false, and the first true one must be refused.
 */
export function lastRefused([from, to]: readonly [number, number], refuses: (point: number) => boolean, steps = 1024): number {
  let last = 0;
  while (last < steps && refuses(from + (to - from) * (last + 1) / steps)) last++;
  return from + (to - from) * last / steps;
}
