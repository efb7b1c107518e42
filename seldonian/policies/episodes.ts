import {
  checkOptions,
  fraction,
  type Kind,
  type Known,
  list,
  numbers,
  record,
  shown,
  truth,
  whole,
} from "../../autodiff/options.ts";
import type { Column } from "../data/columns.ts";
import { DataSet } from "../data/data_set.ts";
import { checkBehaviour } from "./behaviour.ts";
import type { Policy } from "./policy.ts";
import type { RecordedEpisode } from "./steps.ts";
import { stepsOf } from "./steps.ts";

/** An episode of a behaviour policy: what it saw, did and got at each step, first to last. */
export interface Episode {
  /** One observation a step: a number, or several. */
  observations: ArrayLike<number> | readonly ArrayLike<number>[];
  /** One action a step: a number, or several. */
  actions: ArrayLike<number> | readonly ArrayLike<number>[];
  /** The reward of each step. */
  rewards: ArrayLike<number>;
  /** The probability with which the behaviour policy chose each action; for continuous actions, its density. */
  probabilities: ArrayLike<number>;
  /** Other rewards of the same steps: a constraint names the first as `_[1]`. */
  alternates?: readonly ArrayLike<number>[];
  /** Its number or name in messages; default: its place in the list. */
  id?: number | string;
}

/** How to read episodes. */
export interface EpisodesOptions {
  /** The discount gamma of one step, in (0, 1]; default 1. */
  discount?: number;
  /** Whether actions are continuous, so that probabilities are densities, which may be above 1; default false. */
  densities?: boolean;
  /** The behaviour policy: logged probabilities that are not its own are an error. */
  behaviour?: Policy;
  /** Values of each episode that constraints may name in conditions: known before its first action. */
  columns?: Readonly<Record<string, Column>>;
  /**
   * A typical return, of the rewards and of each alternate; default 0. Proven bounds on formulas of several measures, for bounded
   * weights, use deviations from it, so the nearer, the narrower. It must not come from the safety data.
   */
  baseline?: number | readonly number[];
  /**
   * Between which numbers every reward lies, those of alternates too, or a list of such pairs, for the rewards and each alternate. Where weights have no limit,
   * bounds on `J_pi_new_PDIS` are then narrower, if the discount is below 1 or `longest` is given; a reward outside is an error.
   */
  rewardRange?: readonly [number, number] | readonly (readonly [number, number])[];
  /** The most steps that an episode can have; a longer one is an error. */
  longest?: number;
}

const known: Known<EpisodesOptions> = {
  discount: {
    ...fraction,
    wanted: "a number above 0, at most 1",
    holds: (value) => (value as number) > 0 && (value as number) <= 1,
  },
  densities: truth,
  behaviour: {
    type: "object",
    wanted: "a policy",
    holds: (value) => typeof (value as Policy | null)?.probability === "function",
  },
  columns: record,
  baseline: {
    wanted: "a number, or one for the rewards and each alternate",
    holds: (value) => [value].flat().every(Number.isFinite),
  },
  rewardRange: {
    wanted: "the least and the greatest reward, or a list of such pairs for the rewards and each alternate",
    holds: (value) => pairsOf(value as EpisodesOptions["rewardRange"]).every(isRange),
  },
  longest: whole(1),
};

function isRange(pair: unknown): boolean {
  return Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite) && pair[0] <= pair[1];
}

/** One range, or those of the rewards and each alternate, as a list. */
function pairsOf(range: EpisodesOptions["rewardRange"]): readonly (readonly [number, number])[] {
  return Array.isArray(range) && Array.isArray(range[0]) ? range : [range] as never;
}

const parts: Known<Episode> = {
  observations: { ...numbers, needed: true },
  actions: { ...numbers, needed: true },
  rewards: { ...numbers, needed: true },
  probabilities: { ...numbers, needed: true },
  alternates: list,
  id: { wanted: "a number or a text", holds: (value) => ["number", "string"].includes(typeof value) } as Kind,
};

/**
 * Episodes as data: a row is an episode, its label the discounted return sum_t gamma^t r_t. `split`, `train`, `safetyTest` and all
 * else that takes a {@link DataSet} take it; episodes are independent draws of a behaviour policy in one environment.
 *
 * @example
 * ```ts
 * import { episodes } from "@seldonian/kit/policies";
 * const data = episodes([
 *   { observations: [0, 1], actions: [1, 0], rewards: [0, 1], probabilities: [0.5, 0.5] },
 *   { observations: [0], actions: [0], rewards: [-1], probabilities: [0.5] },
 * ], { discount: 0.9 });
 * console.log(data.size, [...data.labels]); // 2 [ 0.9, -1 ]
 * ```
 * @throws {RangeError} for a missing, impossible or wrong probability, numbers that are not finite, and lists of different lengths,
 * with episode and step
 */
export function episodes(given: readonly Episode[], options: EpisodesOptions = {}): DataSet {
  if (!Array.isArray(given)) throw new TypeError(`Cannot use ${shown(given)} as episodes: wanted a list of them`);
  const { discount = 1, densities = false, behaviour, columns, baseline = 0, rewardRange, longest } = checkOptions(
    "read episodes",
    options,
    known,
  );
  const names = given.map(({ id }, i) => `episode ${id ?? i}`);
  const items = given.map((one, i) => recorded(one, names[i], { discount, densities, baseline, rewardRange, longest }));
  const kind = checkedKind(items, names);
  if (behaviour !== undefined) checkBehaviour(stepsOf(items), behaviour, (i) => names[i]);
  const labels = stepsOf(items).returns[0].data;
  const of = `${kind}, ${densities ? "densities" : "probabilities"} of actions, discount ${discount}` +
    (rewardRange === undefined ? "" : `, rewards in ${JSON.stringify(rewardRange)}`) +
    (longest === undefined ? "" : `, at most ${longest} steps`);
  return new DataSet({ items, labels, ...(columns && { columns }) }, { place: (row) => names[row], kind: `episodes with ${of}` });
}

/**
 * What every episode has.
 * @throws {RangeError} for an episode of another shape than the first
 */
function checkedKind(items: readonly RecordedEpisode[], names: readonly string[]): string {
  const shapeOf = ({ observations, actions, rewards, probabilities: { length } }: RecordedEpisode) =>
    `${observations.length / length} numbers an observation, ${actions.length / length} an action and ${rewards.length} rewards`;
  const [kind, ...others] = items.map(shapeOf), odd = 1 + others.findIndex((other) => other !== kind);
  if (odd === 0) return kind;
  throw new RangeError(`Cannot read ${names[odd]}: it has ${others[odd - 1]}, and ${names[0]} has ${kind}`);
}

/** Stored numbers of an episode, checked. */
function recorded(
  episode: Episode,
  name: string,
  { discount, densities, baseline, rewardRange, longest = Infinity }:
    & Required<Pick<EpisodesOptions, "discount" | "densities" | "baseline">>
    & Pick<EpisodesOptions, "rewardRange" | "longest">,
): RecordedEpisode {
  checkOptions(`read ${name}`, episode, parts);
  const { length } = episode.rewards;
  if (length === 0) throw new RangeError(`Cannot read ${name}: it has no steps`);
  if (length > longest) throw new RangeError(`Cannot read ${name}: it has ${length} steps, and the longest has ${longest}`);
  const flat = (what: string, values: Episode["observations"]) => {
    if (values.length !== length) {
      throw new RangeError(`Cannot read ${name}: it has ${length} rewards, and ${what} for ${values.length} steps`);
    }
    const width = typeof values[0] === "number" ? 1 : values[0].length, all = new Float64Array(length * width);
    for (let t = 0; t < length; t++) {
      const step = values[t], several = typeof step === "number" ? [step] : step;
      if (several?.length !== width) {
        throw new RangeError(`Cannot read ${name}, step ${t}: ${what} are not ${width} numbers as before`);
      }
      for (let i = 0; i < width; i++) {
        if (!Number.isFinite(several[i])) {
          throw new RangeError(`Cannot read ${name}, step ${t}: ${what} are ${several[i]}; wanted finite numbers`);
        }
        all[t * width + i] = several[i];
      }
    }
    return all;
  };
  const probabilities = flat("probabilities", episode.probabilities), most = densities ? Infinity : 1;
  const wrong = probabilities.findIndex((p) => !(p > 0 && p <= most));
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot read ${name}, step ${wrong}: the action was taken, and its probability is ${probabilities[wrong]}; wanted one ` +
        (probabilities[wrong] > 1 ? "of at most 1; for densities of continuous actions say densities: true" : "above 0"),
    );
  }
  const alternates = (episode.alternates ?? []).map((rewards, k) => flat(`alternate rewards ${k + 1}`, rewards));
  const baselines = typeof baseline === "number" ? alternates.map(() => baseline).concat(baseline) : [...baseline];
  if (baselines.length !== alternates.length + 1) {
    throw new RangeError(
      `Cannot read ${name}: there are ${baselines.length} baselines; wanted one for the rewards and one for each of ` +
        `${alternates.length} alternates`,
    );
  }
  const rewards = [flat("rewards", episode.rewards), ...alternates];
  return {
    observations: flat("observations", episode.observations),
    actions: flat("actions", episode.actions),
    rewards,
    probabilities,
    discount,
    baselines,
    ...(rewardRange !== undefined && { rewardRanges: rangesOf(rewards, pairsOf(rewardRange), name) }),
    ...(longest < Infinity && { longest }),
  };
}

/**
 * A range for the rewards and each alternate.
 * @throws {RangeError} for another number of ranges, and for a reward outside of its own
 */
function rangesOf(
  rewards: readonly Float64Array[],
  given: readonly (readonly [number, number])[],
  name: string,
): (readonly [number, number])[] {
  const ranges = given.length === 1 ? rewards.map(() => given[0]) : [...given];
  if (ranges.length !== rewards.length) {
    throw new RangeError(
      `Cannot read ${name}: there are ${ranges.length} ranges of rewards; wanted one for the rewards and one for each of ` +
        `${rewards.length - 1} alternates`,
    );
  }
  rewards.forEach((values, k) => {
    const [low, high] = ranges[k], step = values.findIndex((r) => r < low || r > high);
    if (step < 0) return;
    throw new RangeError(
      `Cannot read ${name}, step ${step}: ${k === 0 ? "the reward" : `alternate reward ${k}`} is ${values[step]}, outside of ` +
        `[${low}, ${high}]; give a rewardRange that holds for every reward`,
    );
  });
  return ranges;
}
