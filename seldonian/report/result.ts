import { usualArithmetic } from "../../autodiff/kernels/in_use.ts";
import { checkArgument, type Kind } from "../../autodiff/options.ts";
import type { Module } from "../../nn/module.ts";
import { ownNames } from "../bounds/mod.ts";
import { outsideText } from "../constraints/outside.ts";
import { type Description, sentence } from "../data/description.ts";
import type { Deciding } from "../decision.ts";
import type { ConstraintReport, SafetyReport } from "../safety_test.ts";
import type { Certificate, Evidence, Files } from "./certificate.ts";
import { madeHere } from "./made.ts";
import type { Trial } from "../tuning/search.ts";
import { nonFiniteAsText, type Step } from "../records/log.ts";
import { allDrawn, kernelHere } from "./notebook.ts";
import { printable } from "../printable.ts";
import type { Uses } from "../records/ledger.ts";
import { headlineOf, marginOf, short } from "./verdict.ts";

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
  /** The kernels and the kind of convolutions that computed it, on which last digits depend. */
  readonly arithmetic: string = madeHere().arithmetic;

  /** A result from its parts. */
  constructor({ constraints, objective, log, trials, uses, description }: ResultParts) {
    this.constraints = constraints;
    this.objective = objective;
    this.log = log;
    this.trials = trials;
    this.uses = uses;
    if (description !== undefined) this.description = description;
  }

  /** The verdict in words. */
  abstract toString(): string;

  /** Everything except models, ready for JSON.stringify; NaN and infinities as text, and the arithmetic if it is not the usual. */
  toJSON(): Record<string, unknown> {
    const { passed, constraints, objective, log, trials, uses, description } = this;
    const arithmetic = this.arithmetic === usualArithmetic ? undefined : this.arithmetic;
    return JSON.parse(
      JSON.stringify({ passed, constraints, objective, log, trials, uses, description, arithmetic }, nonFiniteAsText),
    );
  }

  /** The course of training as SVG text: objective, multipliers, bounds and Lagrangian by step. */
  async plot(): Promise<string> {
    const { plotLog } = await import("./plot.ts");
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
    return this.#display ?? this.#displayed();
  }

  /** In a notebook, draws its output now: kernels do not wait long for it when a cell ends. */
  async drawn(): Promise<this> {
    if (kernelHere() !== undefined) this.#display = await this.#displayed();
    return this;
  }

  #display?: Record<string, string>;
  async #displayed(): Promise<Record<string, string>> {
    const html = await this.html();
    await allDrawn();
    return { "text/plain": `${this}`, "text/html": html };
  }
}

/** The numbers of candidates. */
export interface CandidateCount {
  /** The number that candidate selection returned, from safe to accurate. */
  handedOver: number;
  /** The number tested in that order; all passed, or all but the last. */
  tested: number;
}

/** A model that passed its safety test. */
export class Passed<M extends Module = Module> extends Result {
  /** True: the promise holds with high confidence. */
  readonly passed = true;
  /** The tested model, with its decisions. */
  readonly model: M & Deciding;
  /** The numbers of candidates, and of those tested. */
  readonly candidates: CandidateCount;
  readonly #evidence: Evidence;

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

  /**
   * The result of a run without a solution.
   * @param outcome the parts of every result, the reason, and the parameters of the last step that was predicted to pass
   */
  constructor({ reason, lastFeasible, ...outcome }: ResultParts & { reason: string; lastFeasible: Float32Array | null }) {
    super(outcome);
    this.reason = reason;
    this.lastFeasible = lastFeasible;
  }

  /** The verdict in words. */
  override toString(): string {
    return words(`No solution found: ${this.reason}.`, this);
  }

  /** Everything except parameters, ready for JSON.stringify. */
  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), reason: this.reason };
  }
}

const reportKind: Kind = {
  type: "object",
  wanted: "a report, as safetyTest() gives",
  holds: (value) => Array.isArray((value as { constraints?: unknown } | null)?.constraints),
};

/** The verdict of a safety test in words, as in results of `train()`. */
export function explain(report: SafetyReport): string {
  checkArgument("explain a safety test", "it", report, reportKind);
  const { passed, constraints, objective, uses } = report;
  const verdict = passed ? "The safety test passed." : "The safety test failed.";
  return words(verdict, { constraints, objective: { candidate: null, safety: objective }, log: [], uses });
}

/** A verdict with its evidence. */
function words(verdict: string, outcome: ResultParts & { arithmetic?: string }, more: readonly string[] = []): string {
  const { constraints } = outcome;
  return [
    headlineOf(verdict, constraints),
    ...constraints.map(constraintLines),
    ...objectiveLine(outcome),
    ...more,
    ...judged(constraints),
    ...arithmeticLine(outcome),
    ...tunedLine(outcome),
    ...usesLine(outcome),
    ...dataLines(outcome),
  ].join("\n");
}

function constraintLines(report: ConstraintReport): string {
  const { text, delta, passed, verdict, guarantee, clustered, leaves, conjuncts } = report;
  const measures = leaves.map(({ name, n, mean, lower, upper, deltaLower, deltaUpper }) => {
    const sides = [["at least", lower, deltaLower], ["at most", upper, deltaUpper]] as const;
    const needed = sides.filter(([, end, share]) => share !== null && Number.isFinite(end));
    // Two bounds together have less confidence than each.
    const ends = needed.map(([side, end, share]) =>
      `${side} ${short(end)}${needed.length > 1 ? ` (${percent(1 - share!)})` : ""}`
    );
    return `    ${printable(name)} is ${short(mean)} on ${n.toLocaleString("en")} ${
      clustered ? "clusters" : "rows"
    } of safety data${ends.length ? `, ${ends.join(" and ")}` : ""}`;
  });
  // Forms that were bounded as a whole; the measures' bounds do not show them.
  const forms = conjuncts.flatMap(({ value, upper, statistic }) =>
    statistic === undefined ? [] : [`    ${printable(statistic.text)} is ${short(value)}, at most ${short(upper)}`]
  );
  const about = guarantee === "approximate" ? "approximate " : "",
    sure = passed ? ` with ${about}confidence ${percent(1 - delta)}` : "";
  return [
    `  ${printable(text)}: ${verdict}${sure} (${printable(marginOf(report))})`,
    ...measures,
    ...forms,
    ...report.outside.map((rows) => `    ${printable(outsideText(rows))}`),
    ...boundsOf(report),
  ].join("\n");
}

/** Whether outputs or decisions were judged. */
function judged(constraints: readonly ConstraintReport[]): string[] {
  if (constraints.length === 0) return [];
  return constraints[0].rates === "decided"
    ? ["  Judged: decisions, the most probable class, as model.decide(x) makes them"]
    : ["  Judged: the model's outputs; for a classifier, probabilities, from which model.decide(x) draws"];
}

/** The arithmetic, if it is not the usual. */
function arithmeticLine({ arithmetic = usualArithmetic }: { arithmetic?: string }): string[] {
  if (arithmetic === usualArithmetic) return [];
  return [`  Arithmetic: ${arithmetic}, whose last digits are not those of ${usualArithmetic}`];
}

/** The bounds of a constraint, with their assumptions. */
function boundsOf({ leaves, conjuncts, stratified }: ConstraintReport): Set<string> {
  const used = [
    ...leaves.filter(({ deltaLower, deltaUpper }) => deltaLower !== null || deltaUpper !== null),
    ...conjuncts.flatMap(({ statistic }) => statistic ?? []),
  ];
  return new Set([
    ...used.map(({ bound, assumes, guarantee }) =>
      `    Bound: ${bound}, ${ownNames.has(bound) ? "" : "custom: you declare it "}${
        guarantee === "approximate" ? "right for many rows only" : "proven at every number of rows"
      }, assuming ${assumes}`
    ),
    ...(stratified
      ? ["    Strata were divided for these rows, so that they are not quite independent: approximate for that"]
      : []),
  ]);
}

/** Warnings about the table that may change the meaning of a verdict. */
function dataLines({ description }: ResultParts): string[] {
  const notes = description?.notes.filter(({ kind }) => kind === "warning") ?? [];
  const lines = notes.slice(0, 10).map((note) => `  Data: ${printable(sentence(note, "code").replace(/^[!✗] /, ""))}`);
  return notes.length > lines.length
    ? [...lines, `  Data: … and ${notes.length - lines.length} more, in result.description`]
    : lines;
}

/** The settings chosen among those tried. */
function tunedLine({ trials = [] }: ResultParts): string[] {
  if (trials.length === 0) return [];
  const [{ settings, passing }] = trials, chosen = Object.entries(settings).map(([name, value]) => `${name} ${value}`).join(", ");
  return [`  Tuned: ${chosen}, predicted to pass with probability ${short(passing)} on candidate data`];
}

/** A warning if rows were tested or trained on before: by the union bound, each test costs its delta. */
function usesLine({ uses, constraints }: ResultParts): string[] {
  if (uses === undefined || constraints.length === 0) return [];
  const { rows, tests, tested, trained, spent, deltas, halving } = uses,
    all = percent(Math.max(0, 1 - spent - Math.max(...deltas)));
  const of = `of the ${rows.toLocaleString("en")} rows of safety data`,
    earlier = `${tests} earlier ${tests === 1 ? "test" : "tests"}`;
  const lines: string[] = [];
  if (trained > 0) {
    lines.push(
      `  Warning: ${of} ${
        trained.toLocaleString("en")
      } are equal to rows that were trained on, now or before: the same ones are no evidence`,
    );
  }
  if (halving) {
    lines.push(
      `  Spent: delta ${
        deltas.map(short).join(", ")
      }, half of what ${earlier} of these rows left; that none errs is sure with ${all}`,
    );
  } else if (tests > 0) {
    lines.push(
      `  Warning: ${of} ${
        tested.toLocaleString("en")
      } were tested before, in ${earlier}: that no test errs is sure with ${all} only; ` +
        "get new data",
    );
  }
  return lines;
}

function objectiveLine({ objective: { candidate, safety } }: ResultParts): string[] {
  if (safety === null && candidate === null) return [];
  const parts = [
    ...(candidate === null ? [] : [`${short(candidate)} on candidate data`]),
    ...(safety === null ? [] : [`${short(safety)} on safety data`]),
  ];
  return [`  Objective: ${parts.join(", ")}`];
}

function percent(x: number): string {
  return `${Number((100 * x).toPrecision(6))} %`;
}
