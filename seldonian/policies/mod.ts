/**
 * Policies that keep their promises: decisions over time, changed by data of an older policy.
 *
 * @example
 * ```ts
 * import { episodes, SoftmaxTable } from "@seldonian/kit/policies";
 * import { nn } from "@seldonian/kit";
 * const data = episodes([{ observations: [0, 1], actions: [1, 0], rewards: [0, 1], probabilities: [0.5, 0.5] }]);
 * const policy = nn.initialize(new SoftmaxTable(2, 2), 0);
 * console.log(data.labels[0], policy.act(1, { seed: 3, step: 0 }));
 * ```
 * @module
 */
export { episodes } from "./episodes.ts";
export type { Episode, EpisodesOptions } from "./episodes.ts";
export { episodesInJson, episodesInTable, episodesInTables, toolkitEpisodes } from "./episode_tables.ts";
export type { StepColumns } from "./episode_tables.ts";
export type { RecordedEpisode, Steps } from "./steps.ts";
export { Policy } from "./policy.ts";
export type { ActOptions, Actor, Choice } from "./policy.ts";
export { DiscretePolicy } from "./discrete_policy.ts";
export { Softmax, SoftmaxTable } from "./softmax.ts";
export { FourierBasis } from "./fourier_basis.ts";
export { Uniform } from "./uniform.ts";
export { Gaussian } from "./gaussian.ts";
export { FixedArea } from "./fixed_area.ts";
export { DoublyRobust } from "./doubly_robust.ts";
export type { DoublyRobustOptions } from "./doubly_robust.ts";
export { fitValues } from "./fitted_values.ts";
export type { FitValuesOptions } from "./fitted_values.ts";
export { OneHot } from "./one_hot.ts";
export { Mixed } from "./mixed.ts";
export { WeightLimited } from "./weight_limited.ts";
export { J_b, J_pi_new_IS, J_pi_new_PDIS, J_pi_new_US, J_pi_new_WIS, measures } from "./measures.ts";
export { J_pi_new_CVaR, J_pi_new_Quantile, J_pi_new_Variance } from "./measures.ts";
export { maximize } from "./objective.ts";
export { seldonianPolicy } from "./fresh_episodes.ts";
export type { SeldonianPolicyOptions } from "./fresh_episodes.ts";
export { anytimeBets, logarithmicSmoothing, oneSidedStar } from "./one_sided.ts";
export type { Environment, Outcome } from "../environments/environment.ts";
export { Bandit } from "../environments/bandit.ts";
export { Gridworld } from "../environments/gridworld.ts";
export { Insulin } from "../environments/insulin.ts";
export { MountainCar } from "../environments/mountain_car.ts";
export { runEpisodes } from "../environments/run_episodes.ts";
export type { RunEpisodesOptions } from "../environments/run_episodes.ts";
