/**
 * An adversary of the promise: it makes up questions over the whole language, each for a population of which the truth is known and for
 * a model that breaks its promise by a hair, asks the kit many times, and compares the number of passes with delta, exactly. Over
 * all questions of a run it gives a false alarm with probability one in a million.
 *
 * It generates
 * - laws of a few types of rows: rare rows with all of the errors, about as many as a test can miss; values at the ends of a range, a
 *   little inside of them and between; groups that exclude each other, overlap, nest, coincide almost always, or are tiny;
 * - all measures of classification and regression, of two classes and of three; measures of other ranges; conditions on 0/1
 *   columns, texts and numbers; fourteen shapes of formulas, from a rate to sums of gaps;
 * - expected and decided rates, both analyses, every family of bounds, shares, ranges, `exclusive` columns;
 * - other data sets of the same people, in order or not, of some of them, or of others, with and without `independent` and `paired`;
 * - ways to a verdict: a test of fresh rows, shuffled, sorted or in a stream of pieces; a split by strata or by groups, and then a test;
 *   training with a fixed model, with candidates, and with a search for settings that picks one of many coin flips; the best of ten
 *   seeds; clusters, declared or of a split;
 * - models that add the mean of their batch, outputs that are no probabilities, measures of one name.
 *
 * It cannot generate
 * - the best of many orders of the same rows: rows in another order are other data, and only a ledger knows them again;
 * - whatever is no question of a pass: certificates, ledgers, `decide()`, copies of models, tests in an order that depends on others;
 * - streams that change from pass to pass, files (`csvTables`, `parquetTables`), encoders, specs and the command line;
 * - laws with infinitely many values, and what is only so at more than some thousand rows;
 * - episodes (`J_…`), measures of pairs (`perRow: false`), user-made bounds, models that learn something of use;
 * - violations that are more than a hair beyond the promise, which pass less often;
 * - errors of less than some percent of delta: from 2,560 trials at delta 0.05 it finds a rate of about 0.08 or more.
 */
import { fc } from "../deps.ts";
import { type Question, truthsOf } from "./question.ts";
import { questions } from "./questions.ts";
import { judged, kindOf, stages } from "./tally.ts";
import { type Kit, trial } from "./trial.ts";

export interface Found {
  question: Question;
  trials: number;
  passes: number;
  /** Passes that were called approximate. */
  approximate: number;
  refused: number;
  /** The kinds of errors, each with its number. */
  refusals: Record<string, number>;
  alarm: boolean;
  /** An error that is no answer, with which the question ended. */
  crash: string | null;
  milliseconds: number;
}

/** The first `count` questions of a seed. */
export function questionsOf(count: number, seed: number): Question[] {
  return fc.sample(questions, { numRuns: count, seed, unbiased: true }).map((question, number) => ({ ...question, number }));
}

/** How far a question is tried. */
export interface Limits {
  /** Questions of the whole suite, over which the probability of a false alarm is shared. */
  among: number;
  /** Milliseconds after which no further trial begins: what was found by then is judged. */
  most?: number;
  /** Stages, at most; default: all. */
  stages?: number;
}

/** Tries a question until its passes are unsuspicious or an alarm. */
export async function tried(
  kit: Kit,
  question: Question,
  seed: number,
  { among, most = Infinity, ...limits }: Limits,
): Promise<Found> {
  const found: Found = {
    question,
    trials: 0,
    passes: 0,
    approximate: 0,
    refused: 0,
    refusals: {},
    alarm: false,
    crash: null,
    milliseconds: 0,
  };
  const start = performance.now(), delta = question.mustRefuse ? 1e-9 : question.delta;
  for (let stage = 0; stage < (limits.stages ?? stages.length); stage++) {
    for (; found.trials < stages[stage] && performance.now() - start < most; found.trials++) {
      const { passed, approximate, refused, crash = null } = await trial(kit, question, seed, found.trials);
      if (crash !== null) return { ...found, crash };
      found.passes += Number(passed);
      found.approximate += Number(approximate);
      if (refused === null) continue;
      found.refused++;
      const kind = kindOf(refused);
      found.refusals[kind] = (found.refusals[kind] ?? 0) + 1;
    }
    const verdict = judged(stage, found, delta, among);
    found.milliseconds = performance.now() - start;
    found.alarm = verdict === "alarm";
    if (verdict !== "more" || found.milliseconds > most) break;
  }
  return found;
}

/** All that is needed to ask the question again. */
export function reproducer({ question, trials, passes, refused }: Found, seed: number): string {
  const { law, others, formula: _, custom, route, ...asked } = question;
  const rows = (types: Question["law"]["types"]) =>
    types.map(({ outputs, label, columns, weight, stratum }) =>
      `    ${weight.toPrecision(4)}: says ${outputs.map((p) => Number(p.toFixed(4)))}, label ${label}, ${
        Object.entries(columns).map(([name, value]) => `${name} ${value}`).join(" ")
      }, stratum ${stratum}`
    ).join("\n");
  return [
    `${asked.text}   [${asked.theme}] question ${asked.number} of seed ${seed}: passed ${passes} of ${trials}, refused ${refused}, delta ${asked.delta}`,
    `  truth ${JSON.stringify(truthsOf(question))}`,
    `  ${JSON.stringify({ ...asked, text: undefined, theme: undefined, number: undefined, delta: undefined })}`,
    `  route ${JSON.stringify(route)}${custom.length > 0 ? `, measures ${JSON.stringify(custom)}` : ""}`,
    `  rows\n${rows(law.types)}`,
    ...(law.clusters === null ? [] : [`  clusters ${JSON.stringify(law.clusters)}`]),
    ...others.map(({ law, ...other }) => `  others ${JSON.stringify(other)}\n${rows(law.types)}`),
  ].join("\n");
}
