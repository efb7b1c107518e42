import type { Module } from "../../nn/module.ts";
import type { ConstraintReport } from "../safety_test.ts";
import { nonFiniteAsText, type Step } from "./log.ts";
import { plotLog } from "./plot.ts";

/** What every run leaves. */
interface Outcome {
  /** The safety test of every constraint; empty if training stopped before it. */
  constraints: ConstraintReport[];
  /** The objective on both parts of the data; `null` where it was not measured. */
  objective: { candidate: number | null; safety: number | null };
  /** Every training step. */
  log: Step[];
}

abstract class Result implements Outcome {
  abstract readonly passed: boolean;
  readonly constraints: ConstraintReport[];
  readonly objective: { candidate: number | null; safety: number | null };
  readonly log: Step[];

  constructor({ constraints, objective, log }: Outcome) {
    this.constraints = constraints;
    this.objective = objective;
    this.log = log;
  }

  abstract toString(): string;

  /** All but models, ready for JSON.stringify; NaN and infinities as text. */
  toJSON(): Record<string, unknown> {
    const { passed, constraints, objective, log } = this;
    return JSON.parse(JSON.stringify({ passed, constraints, objective, log }, nonFiniteAsText));
  }

  /** The course of training as SVG text: objective, multipliers, bounds and Lagrangian by step. */
  plot(): Promise<string> {
    return plotLog(this.log, this.constraints.map(({ text }) => text));
  }

  /** What a notebook shows. */
  async [Symbol.for("Jupyter.display")](): Promise<Record<string, string>> {
    return { "text/plain": `${this}`, "image/svg+xml": await this.plot() };
  }
}

/** A model that passed its safety test. */
export class Passed<M extends Module = Module> extends Result {
  readonly passed = true;
  /** The model that was tested. */
  readonly model: M;

  constructor({ model, ...outcome }: Outcome & { model: M }) {
    super(outcome);
    this.model = model;
  }

  /** The verdict in words. */
  override toString(): string {
    const leaves = this.constraints.flatMap(({ leaves }) => leaves);
    const assumptions = new Set(leaves.map(({ bound, assumes }) => `  Bounds: ${bound}, which takes for granted ${assumes}`));
    return ["The safety test passed.", ...this.constraints.map(sentence), ...objectiveLine(this), ...assumptions].join("\n");
  }
}

/** No solution found: an honest answer, not an error. */
export class NoSolution extends Result {
  readonly passed = false;
  /** Why. */
  readonly reason: string;
  /** The parameters of the last training step that was finite and foretold to pass; they have passed no safety test. */
  readonly lastFeasible: Float32Array | null;

  constructor({ reason, lastFeasible, ...outcome }: Outcome & { reason: string; lastFeasible: Float32Array | null }) {
    super(outcome);
    this.reason = reason;
    this.lastFeasible = lastFeasible;
  }

  /** The verdict in words. */
  override toString(): string {
    return [`No solution found: ${this.reason}.`, ...this.constraints.map(sentence), ...objectiveLine(this)].join("\n");
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), reason: this.reason };
  }
}

function sentence({ text, delta, passed, value, upper, leaves, note }: ConstraintReport): string {
  const bounds = leaves.map(({ name, n, mean, lower, upper }) => {
    const ends = [
      ...(lower > -Infinity ? [`at least ${short(lower)}`] : []),
      ...(upper < Infinity ? [`at most ${short(upper)}`] : []),
    ];
    return `    ${name} is ${short(mean)} on ${n.toLocaleString("en")} rows of safety data${
      ends.length ? `, ${ends.join(" and ")}` : ""
    }`;
  });
  const margin = upper <= 0
    ? `${short(-upper)} to spare`
    : Number.isFinite(upper)
    ? `${short(upper)} too much`
    : note ?? "no finite bound";
  const verdict = passed || value <= 0 ? `${passed ? "kept" : "not shown"} with confidence ${percent(1 - delta)}` : "broken";
  return [`  ${text}: ${verdict} (${margin})`, ...bounds].join("\n");
}

function objectiveLine({ objective: { candidate, safety } }: Outcome): string[] {
  if (safety === null && candidate === null) return [];
  const parts = [
    ...(candidate === null ? [] : [`${short(candidate)} on candidate data`]),
    ...(safety === null ? [] : [`${short(safety)} on safety data`]),
  ];
  return [`  Objective: ${parts.join(", ")}`];
}

/** Four significant digits, without an exponent unless it is far from 1. */
function short(x: number): string {
  return Number.isFinite(x) ? `${Number(x.toPrecision(4))}` : `${x}`;
}

function percent(x: number): string {
  return `${Number((100 * x).toPrecision(6))} %`;
}
