import { usualArithmetic } from "../../autodiff/kernels/in_use.ts";
import type { Module } from "../../nn/module.ts";
import type { Description } from "../data/description.ts";
import type { Deciding } from "../decision.ts";
import { inspect } from "../../autodiff/show.ts";
import type { ConstraintReport } from "../safety_test.ts";
import type { Advice } from "./advice.ts";
import type { Certificate, Evidence, Files } from "./certificate.ts";
import { plotLog } from "./figures.ts";
import { madeHere } from "./made.ts";
import type { Candidate } from "../training/choice.ts";
import type { Trial } from "../tuning/search.ts";
import { nonFiniteAsText, type Step } from "../records/log.ts";
import { Display } from "./notebook.ts";
import type { Uses } from "../records/ledger.ts";
import { summaryOf } from "./summary.ts";
import { headlineOf } from "./verdict.ts";
import { adviceLines, words } from "./words.ts";

/** The parts of every result. */
export interface ResultParts {
  /** The safety test of every constraint; empty if training stopped before it. */
  constraints: ConstraintReport[];
  /** The objective on both parts of the data; `null` if it was not measured. */
  objective: { candidate: number | null; safety: number | null };
  /** Every training step. */
  log: Step[];
  /** The settings tried before training, the best first, if any. */
  trials?: Trial[];
  /** The ledger's record of the safety data's rows, if there is a ledger. */
  uses?: Uses;
  /** The description of the table that the data comes from, if any. */
  description?: Description;
  /** The candidate that was tested first, if one was: its step, and the bounds that were predicted for its test. */
  best?: Pick<Candidate<Module>, "step" | "g">;
}

/** The result of a run. */
export abstract class Result implements ResultParts {
  /** Whether a model passed its safety test. */
  abstract readonly passed: boolean;
  readonly constraints: ConstraintReport[];
  readonly objective: { candidate: number | null; safety: number | null };
  readonly log: Step[];
  readonly trials?: Trial[];
  readonly uses?: Uses;
  readonly description?: Description;
  readonly best?: Pick<Candidate<Module>, "step" | "g">;
  /** The kernels and the kind of convolutions that computed it, on which last digits depend. */
  readonly arithmetic: string = madeHere().arithmetic;

  /** A result from its parts. */
  constructor({ constraints, objective, log, trials, uses, description, best }: ResultParts) {
    this.constraints = constraints;
    this.objective = objective;
    this.log = log;
    this.trials = trials;
    this.uses = uses;
    if (description !== undefined) this.description = description;
    if (best !== undefined) this.best = { step: best.step, g: best.g };
  }

  /** The verdict in words. */
  abstract toString(): string;

  /** The verdict as a table: the run, and a row for each constraint, measure and formula, with estimate, bounds and delta. */
  abstract summary(): string;

  /** What `console.log` shows: the verdict in words. */
  [inspect](): string {
    return `${this}`;
  }

  /** Everything except models and `best`, ready for JSON.stringify; NaN and infinities as text, and the arithmetic if it is not the usual. */
  toJSON(): Record<string, unknown> {
    const { passed, constraints, objective, log, trials, uses, description } = this;
    const arithmetic = this.arithmetic === usualArithmetic ? undefined : this.arithmetic;
    return JSON.parse(
      JSON.stringify({ passed, constraints, objective, log, trials, uses, description, arithmetic }, nonFiniteAsText),
    );
  }

  /** The course of training as SVG text: objective, multipliers, bounds and Lagrangian by step. */
  async plot(): Promise<string> {
    return await plotLog(this.log, this.constraints.map(({ text }) => text));
  }

  /**
   * The verdict, each constraint with its formulas and measures, and the course of training, as HTML that includes the figure.
   */
  async html(): Promise<string> {
    return await (await import("./html.ts")).htmlOf(this);
  }

  /** The result as a notebook shows it. */
  [Symbol.for("Jupyter.display")](): Record<string, string> | Promise<Record<string, string>> {
    return this.#display.shown();
  }

  /** In a notebook, draws its output now: kernels do not wait long for it when a cell ends. */
  async drawn(): Promise<this> {
    await this.#display.draw();
    return this;
  }

  readonly #display = new Display(this, () => this.html());
}

/** The numbers of candidates. */
export interface CandidateCount {
  /** The number that candidate selection returned, from safe to accurate. */
  handedOver: number;
  /** The number tested in that order; all passed, or all but the last. */
  tested: number;
}

/** What a result was tested on, for what is made of it. */
export let evidenceOf: (result: Passed<Module>) => Evidence;

/** A model that passed its safety test. */
export class Passed<M extends Module = Module> extends Result {
  /** True: the promise holds with high confidence. */
  readonly passed = true;
  /** The tested model, with its decisions. */
  readonly model: M & Deciding;
  /** The numbers of candidates, and of those tested. */
  readonly candidates: CandidateCount;
  readonly #evidence: Evidence;

  static {
    evidenceOf = (result) => result.#evidence;
  }

  /**
   * The result of a run that passed.
   * @param outcome the parts of every result, the model, the numbers of candidates, and the evidence
   */
  constructor(
    { model, candidates, evidence, ...outcome }:
      & ResultParts
      & { model: M & Deciding; candidates: CandidateCount; evidence: Evidence },
  ) {
    super(outcome);
    this.model = model;
    this.candidates = candidates;
    this.#evidence = evidence;
  }

  /**
   * The safety test as JSON, for `verify()`: the promises, the shares of delta, the results, and the digests of the model's file
   * and of the safety data.
   * @param files the files that will stand beside it, by name; it names their digests
   * @throws {TypeError} for a custom Bound, which JSON cannot contain
   */
  async certificate(files?: Files): Promise<Certificate> {
    const { certify } = await import("./certify.ts");
    return await certify(this.model, this.#evidence, files);
  }

  /** The verdict in words. */
  override toString(): string {
    const { handedOver, tested } = this.candidates;
    const sequence = handedOver > 1 ? [`  Candidates: ${tested} of ${handedOver} were tested, from safe to accurate`] : [];
    return words("The safety test passed.", this, sequence);
  }

  /** The verdict as a table. */
  override summary(): string {
    const { handedOver, tested } = this.candidates;
    return summaryOf(headlineOf("The safety test passed.", this.constraints), this, [[
      "Candidates tested:",
      `${tested} of ${handedOver}`,
    ]]);
  }

  /** Everything except the model, ready for JSON.stringify. */
  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), candidates: this.candidates };
  }
}

/** No solution found: an honest answer, not an error. */
export class NoSolution extends Result {
  /** False: no model passed. */
  readonly passed = false;
  /** The reason. */
  readonly reason: string;
  /** The parameters of the last finite training step that was predicted to pass; they have passed no safety test. */
  readonly lastFeasible: Float32Array | null;
  /** The candidate that failed its test, to look at, not to use; `null` if training ended without one. */
  readonly failed: Candidate<Module> | null;
  /** What is worth trying, the likeliest first, from what was seen in training and in the test. */
  readonly advice: readonly Advice[];

  /**
   * The result of a run without a solution.
   * @param outcome the parts of every result, the reason, the parameters of the last step that was predicted to pass, the candidate
   * that failed, and what is worth trying
   */
  constructor(
    { reason, lastFeasible, failed, advice, ...outcome }: ResultParts & {
      reason: string;
      lastFeasible: Float32Array | null;
      failed: Candidate<Module> | null;
      advice: readonly Advice[];
    },
  ) {
    super(failed === null ? outcome : { best: failed, ...outcome });
    this.reason = reason;
    this.lastFeasible = lastFeasible;
    this.failed = failed;
    this.advice = advice;
  }

  /** The verdict in words. */
  override toString(): string {
    return [words(`No solution found: ${this.reason}.`, this), ...adviceLines(this)].join("\n");
  }

  /** The verdict as a table. */
  override summary(): string {
    return summaryOf(`No solution found: ${this.reason}.`, this, []);
  }

  /** Everything except parameters, ready for JSON.stringify. */
  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), reason: this.reason, advice: this.advice };
  }
}
