import { inspect } from "../../autodiff/show.ts";
import { counted } from "../counted.ts";
import { printable } from "../printable.ts";
import type { Uses } from "../records/ledger.ts";
import { short } from "../report/verdict.ts";
import type { Attempt, RetestCertificate, RetestedConstraint, RetestedFormula } from "./retest_kinds.ts";

/** What a test in sequence has shown so far. */
export class Retest {
  /** Whether every constraint has passed: stop. */
  readonly passed: boolean;
  /** The number of rows of all looks. */
  readonly rows: number;
  /** About how many more rows it needs: 0 if it has passed, infinite if an estimate breaks its promise, `null` if unknown. */
  readonly more: number | null;
  /** "finite-sample", or "approximate" if a split divided strata for some rows. */
  readonly guarantee: "finite-sample" | "approximate";
  /** With the tests before, the probability that some test of this model errs is at most this; 1 says nothing. */
  readonly spent: number;

  /**
   * A report of looks.
   * @param certificate for the next look, and for `verifyRetest()`
   * @param constraints what the looks show of each
   * @param last of the last look: the number of rows that were left out, the ledger's record, and whether there were earlier rows
   * to compare with
   */
  constructor(
    readonly certificate: RetestCertificate,
    readonly constraints: readonly RetestedConstraint[],
    readonly last: { left: number; uses: Uses | undefined; compared: boolean },
  ) {
    const { looks } = certificate;
    this.passed = certificate.found.passed;
    this.rows = looks.reduce((sum, { rows }) => sum + rows, 0);
    this.guarantee = looks.some(({ stratified }) => stratified) ? "approximate" : "finite-sample";
    const open = constraints.filter(({ passed }) => !passed).flatMap(({ formulas }) => formulas);
    this.more = open.some(({ more }) => more === null) ? null : Math.max(0, ...open.map(({ more }) => more!));
    this.spent = certificate.spent;
  }

  get #delta(): number {
    return Math.max(...this.certificate.plan.constraints.map(({ delta }) => delta));
  }

  /** What to do, and why, in words. */
  toString(): string {
    const { certificate: { looks, before, plan }, constraints, rows } = this, delta = this.#delta;
    const after = `after ${counted(rows, "row")} in ${counted(looks.length, "look")}`;
    const about = this.guarantee === "approximate" ? ", approximately" : "";
    return [
      this.passed ? `Stop: passed ${after}${about}.` : `Not shown ${after}: ${this.#advice()}.`,
      ...constraints.flatMap(constraintLines),
      `  Judged: ${plan.rates === "decided" ? "decisions, the most probable class" : "the model's outputs"}`,
      `  Promised: a model that breaks a promise ever passes this test with probability ${delta} at most, over all looks together`,
      ...attemptLines(before, delta, this.spent, this.last.compared),
      ...(this.last.left > 0 ? [`  Left out: ${counted(this.last.left, "row")} that were seen before`] : []),
      ...usesLine(this.last.uses),
    ].join("\n");
  }

  #advice(): string {
    const { more } = this;
    if (more === null) return "go on with more rows, or stop; how many more it takes is not known";
    if (more === Infinity) return "by the estimate the promise is broken, so that more rows will hardly show that it is kept";
    return `go on, about ${roughly(more)} more rows, or stop without a verdict`;
  }

  /** What `console.log` shows: the words. */
  [inspect](): string {
    return `${this}`;
  }

  /** The certificate, ready for JSON.stringify. */
  toJSON(): RetestCertificate {
    return this.certificate;
  }
}

function constraintLines({ text, delta, passed, formulas }: RetestedConstraint): string[] {
  return [
    `  ${printable(text)}: ${passed ? `kept with confidence ${percent(1 - delta)}` : "not shown yet"}`,
    ...formulas.map((formula) => `    ${printable(formula.text)} is ${short(formula.value)}, ${evidenceText(formula)}`),
  ];
}

function evidenceText({ evidence, upper, delta, reached }: RetestedFormula): string {
  const shown = evidence === undefined
    ? `for all time at most ${short(upper!)} (delta ${short(delta)})`
    : `evidence ${short(evidence)} of ${short(1 / delta)}`;
  return reached ? `${shown}, reached` : shown;
}

/** What earlier tests mean: each spent its delta, and none is undone by a later one. */
function attemptLines(before: readonly Attempt[], delta: number, spent: number, compared: boolean): string[] {
  if (before.length === 0) return [];
  const told = before.map(({ kind, rows, delta, passed }) =>
    `${kind === "fixed" ? "one test" : "a test in sequence"}${
      rows === null ? "" : ` of ${counted(rows, "row")}`
    } at delta ${delta}, which ${passed ? "passed" : "failed"}`
  );
  const renewed = before.at(-1)!.passed
    ? ["  Renewal: it promises for the world that these rows are drawn from; earlier promises are of theirs"]
    : ["  A further attempt: rows of earlier tests are spent, and count for nothing here"];
  return [
    ...renewed,
    `  Before: ${told.join("; ")}`,
    ...(before.some(({ model }) => model === null)
      ? ["  Not known: the model of the earlier test; that it was this one is your word"]
      : []),
    ...(compared || !before.some(rowsUnknown)
      ? []
      : ["  Not known: the rows of the earlier test; that none of them is here is your word, or give them as seen"]),
    `  With this one, delta ${delta}, that none of ${before.length + 1} tests errs is sure with ${percent(1 - spent)}`,
  ];
}

/** Whether some rows of an earlier test would not be found again. */
export function rowsUnknown({ looks }: Attempt): boolean {
  return looks.length === 0 || looks.some(({ keys }) => keys === null);
}

function usesLine(uses: Uses | undefined): string[] {
  if (uses === undefined || uses.tested + uses.trained === 0) return [];
  const [tested, trained] = [uses.tested, uses.trained].map((rows) => rows.toLocaleString("en"));
  return [
    `  Warning: by the ledger, ${tested} of these rows equal rows that were tested before, and ${trained} rows that were trained on`,
  ];
}

/** Two digits. */
function roughly(rows: number): string {
  return Number(rows.toPrecision(2)).toLocaleString("en");
}

function percent(x: number): string {
  return `${Number((100 * Math.max(0, x)).toPrecision(6))} %`;
}
