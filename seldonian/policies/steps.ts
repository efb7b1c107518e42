import { Tensor } from "../../autodiff/mod.ts";

/** A checked episode, as a row of the data. */
export interface RecordedEpisode {
  /** All observations, one after the other. */
  readonly observations: Float64Array;
  /** All actions, one after the other. */
  readonly actions: Float64Array;
  /** The rewards, then each alternate. */
  readonly rewards: readonly Float64Array[];
  /** The behaviour policy's probability or density of each action. */
  readonly probabilities: Float64Array;
  /** The discount of one step. */
  readonly discount: number;
  /** A typical return, of the rewards and of each alternate. */
  readonly baselines: readonly number[];
  /** Between which numbers each reward lies, of the rewards and of each alternate, if that is known. */
  readonly rewardRanges?: readonly (readonly [number, number])[];
  /** The most steps of any episode, if that is known. */
  readonly longest?: number;
}

/** The steps of some episodes, one after the other; all float64. */
export interface Steps {
  /** The first step of each episode, and the number of all steps. */
  readonly starts: Int32Array;
  /** The episode of each step, [steps] int32. */
  readonly episodeOf: Tensor;
  /** [steps], or [steps, numbers]. */
  readonly observations: Tensor;
  /** [steps], or [steps, numbers]. */
  readonly actions: Tensor;
  /** The behaviour policy's probability or density of each action, [steps]. */
  readonly behaviour: Tensor;
  /** gamma^t, [steps]. */
  readonly discounts: Tensor;
  /** gamma^t r_t, [steps], of the rewards and of each alternate. */
  readonly rewards: readonly Tensor[];
  /** The discounted returns of the same, [episodes]. */
  readonly returns: readonly Tensor[];
  /** A typical return for the same. */
  readonly baselines: readonly number[];
  /** The positive part of {@link Steps.rewards}. */
  readonly gains: readonly Tensor[];
  /** The returns of the positive parts, [episodes]. */
  readonly gained: readonly Tensor[];
  /** Known ends of every reward, of the rewards and of each alternate, as returns: the least and the greatest at each step. */
  readonly ends: readonly (readonly [number, number] | null)[];
  /** Parts of 1 for each step of an episode, [steps]: gamma^t / sum gamma^t of the longest one; the last step has the rest. */
  readonly parts: Tensor;
}

/** The steps of episodes. A list of all candidate data comes again at every step of training, so its steps are kept. */
export function stepsOf(episodes: readonly RecordedEpisode[]): Steps {
  let steps = known.get(episodes);
  if (steps === undefined) known.set(episodes, steps = joined(episodes));
  return steps;
}

/** Actions as episodes of one step, each certain: to ask a policy for their probabilities. */
export function stepsAt(observations: Tensor, actions: Tensor): Steps {
  const [n] = observations.shape, [none, one] = [0, 1].map((value) => Tensor.from(new Float64Array(n).fill(value)));
  const starts = Int32Array.from({ length: n + 1 }, (_, i) => i);
  return {
    starts,
    episodeOf: Tensor.from(starts.slice(0, n)),
    observations,
    actions,
    behaviour: one,
    discounts: one,
    rewards: [none],
    returns: [none],
    baselines: [0],
    gains: [none],
    gained: [none],
    ends: [null],
    parts: one,
  };
}

const known = new WeakMap<readonly RecordedEpisode[], Steps>();

function joined(episodes: readonly RecordedEpisode[]): Steps {
  const starts = new Int32Array(episodes.length + 1);
  episodes.forEach(({ probabilities }, i) => starts[i + 1] = starts[i] + probabilities.length);
  const count = starts[episodes.length], episodeOf = new Int32Array(count);
  episodes.forEach((_, i) => episodeOf.fill(i, starts[i], starts[i + 1]));
  const all = (of: (episode: RecordedEpisode) => Float64Array) => {
    const width = of(episodes[0]).length / starts[1], values = new Float64Array(count * width);
    episodes.forEach((episode, i) => values.set(of(episode), starts[i] * width));
    return Tensor.from(values, width === 1 ? [count] : [count, width]);
  };
  const discounts = all(({ probabilities, discount }) => {
    let next = 1;
    return probabilities.map(() => {
      const factor = next;
      next *= discount;
      return factor;
    });
  });
  const discounted = episodes[0].rewards.map((_, k) => {
    const rewards = all(({ rewards }) => rewards[k]);
    return Tensor.from((rewards.data as Float64Array).map((reward, t) => discounts.data[t] * reward));
  });
  const sums = ({ data }: Tensor) => {
    const sums = new Float64Array(episodes.length);
    data.forEach((reward, i) => sums[episodeOf[i]] += reward);
    return Tensor.from(sums);
  };
  const gains = discounted.map(({ data }) => Tensor.from(Float64Array.from(data, (reward) => Math.max(0, reward))));
  const [{ discount, longest = Infinity, rewardRanges, rewards }] = episodes;
  const total = discount < 1 ? (1 - discount ** longest) / (1 - discount) : longest;
  return {
    starts,
    episodeOf: Tensor.from(episodeOf),
    observations: all(({ observations }) => observations),
    actions: all(({ actions }) => actions),
    behaviour: all(({ probabilities }) => probabilities),
    discounts,
    rewards: discounted,
    returns: discounted.map(sums),
    baselines: episodes[0].baselines,
    gains,
    gained: gains.map(sums),
    ends: rewards.map((_, k) => {
      const range = rewardRanges?.[k];
      return range === undefined || total === Infinity ? null : [Math.min(0, range[0]) * total, Math.max(0, range[1]) * total];
    }),
    parts: all(({ probabilities: { length } }) => {
      const parts = new Float64Array(length);
      for (let t = 0, left = 1; t < length; t++) left -= parts[t] = t + 1 < length ? discount ** t / total : left;
      return parts;
    }),
  };
}
