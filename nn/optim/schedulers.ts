/** Learning rates that change from step to step, named and set like PyTorch's torch.optim.lr_scheduler. @module */
import { callable, checkArgument, checkOptions, type Known, needed, number, whole } from "../../autodiff/options.ts";
import type { Optimizer } from "./optimizer.ts";
import { schedules } from "./schedule.ts";

/** Changes the learning rates of an optimiser. */
export interface Scheduler {
  /** Sets the rates for the next step, or epoch. */
  step(): void;
}

/** The rates of step t are the first ones times `factor(t)`, from t = 0. */
export function lambdaLR(optimizer: Optimizer<{ lr: number }>, factor: (step: number) => number): Scheduler {
  checkArgument("schedule learning rates", "the factor", factor, callable);
  const first = optimizer.paramGroups.map(({ lr }) => lr);
  let taken = 0;
  const set = () => optimizer.paramGroups.forEach((group, i) => group.lr = first[i] * factor(taken));
  set();
  return {
    step() {
      taken++;
      set();
    },
  };
}

const stepping: Known<{ stepSize: number; gamma?: number }> = { stepSize: needed(whole(1)), gamma: number };

/** Multiplies the rates by `gamma`, 0.1 by default, after every `stepSize` steps. */
export function stepLR(optimizer: Optimizer<{ lr: number }>, options: { stepSize: number; gamma?: number }): Scheduler {
  const { stepSize, gamma = 0.1 } = checkOptions("schedule learning rates", options, stepping);
  return lambdaLR(optimizer, (step) => gamma ** Math.floor(step / stepSize));
}

/** Options of {@link linearLR}. */
export interface LinearLROptions {
  /** The first factor, default 1 / 3. */
  startFactor?: number;
  /** The last factor, default 1. */
  endFactor?: number;
  /** The steps from one to the other, default 5. */
  totalIters?: number;
}

const rising: Known<LinearLROptions> = { startFactor: number, endFactor: number, totalIters: whole(1) };

/** A warm-up: factors on the rates rise from `startFactor` to `endFactor` in equal steps, and stay. */
export function linearLR(optimizer: Optimizer<{ lr: number }>, options: LinearLROptions = {}): Scheduler {
  const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = checkOptions("schedule learning rates", options, rising);
  return lambdaLR(optimizer, (step) => startFactor + (endFactor - startFactor) * Math.min(1, step / totalIters));
}

const annealing: Known<{ tMax: number; etaMin?: number }> = { tMax: needed(whole(1)), etaMin: number };

/** Rates fall from the first ones to `etaMin`, 0 by default, in `tMax` steps along half a cosine, and rise again. */
export function cosineAnnealingLR(optimizer: Optimizer<{ lr: number }>, options: { tMax: number; etaMin?: number }): Scheduler {
  const { tMax, etaMin = 0 } = checkOptions("schedule learning rates", options, annealing);
  const first = optimizer.paramGroups.map(({ lr }) => lr);
  let taken = 0;
  return {
    step() {
      const turn = ++taken / tMax % 2, factor = schedules.cosine(turn > 1 ? 2 - turn : turn);
      optimizer.paramGroups.forEach((group, i) => group.lr = etaMin + (first[i] - etaMin) * factor);
    },
  };
}
