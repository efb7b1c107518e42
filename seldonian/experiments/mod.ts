/**
 * Experiments: with how much data does a method find a solution, how good is it, and how often does it break its promise?
 * @module
 */
export { experiment } from "./experiment.ts";
export type { ExperimentOptions } from "./experiment_options.ts";
export type { Question } from "./question.ts";
export { experimentTrials, serveExperiment } from "./serve_trials.ts";
export { trialProgress } from "./trial_progress.ts";
export type { OnTrial } from "./trial_progress.ts";
export type { ModuleThreads } from "../runner/module_threads.ts";
export type { Contender, TrialData, TrialRows } from "./contender.ts";
export { constant, fitted, learner, penalized, seldonian } from "./learners.ts";
export type { FittedOptions, PenalizedOptions, SeldonianOptions, Trainable } from "./learners.ts";
export { queueRunner, serveQueue } from "./queue.ts";
export type { QueueOptions, QueueRunnerOptions, ServeQueueOptions } from "./queue.ts";
export { Results } from "./results.ts";
export type { Made } from "./results.ts";
export type { Compared, Difference } from "./differences.ts";
export { resultsPage } from "./results_page.ts";
export { reductions, thresholds } from "./fair_learners.ts";
export type { Parity, ReductionsOptions, ThresholdsOptions } from "./fair_learners.ts";
export { program } from "./program.ts";
export type { ProgramOptions } from "./program.ts";
export { slurmScript } from "./slurm.ts";
export type { SlurmOptions } from "./slurm.ts";
export { memoryStore, storeAt } from "./store.ts";
export type { TrialStore } from "./store.ts";
export type { Banded, Summary } from "./summary.ts";
export type { OtherPopulation, Population, TrialRequest, TrialResult } from "./trial.ts";
export { TrainingSamples, trainingSamplesNeeded } from "./training_samples.ts";
export type { SizeForecast, TrainingSamplesOptions } from "./training_samples.ts";
export type { PilotOptions } from "./pilot_trial.ts";
