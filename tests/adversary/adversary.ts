/**
 * An adversary of the promise. It generates questions over the whole language, each for a population with a known truth and for a
 * model that barely breaks its promise. It asks the kit many times and compares the number of passes with delta, exactly. Over
 * all questions of a run, the probability of a false alarm is at most one in a million.
 *
 * It generates
 * - laws with a few types of rows: rare rows with all of the errors, about as many as a test can miss; values at the ends of a
 *   range, slightly inside and in between; groups that are exclusive, overlapping, nested, almost equal, or tiny;
 * - all measures of classification and regression, for two classes and for three; measures with other ranges; conditions on 0/1
 *   columns, texts and numbers; fourteen shapes of formulas, from a rate to sums of gaps;
 * - expected and decided rates, both analyses, every family of bounds, shares, ranges, `exclusive` columns;
 * - other data sets with the same people, in the same or another order, with half of them, or with others; with and without
 *   `independent` and `paired`;
 * - ways to a verdict: a test of fresh rows, shuffled, sorted or in a stream of pieces; a split by strata or by groups, and then
 *   a test; training with a fixed model, with candidates, and with a search for settings that picks one of many coin flips; the
 *   best of ten seeds; clusters, declared or from a split;
 * - models that add the mean of their batch, outputs that are not probabilities, measures of the same name.
 *
 * It cannot generate
 * - the best of many orders of the same rows: rows in another order are other data, and only a ledger recognises them;
 * - features without a pass: certificates, ledgers, `decide()`, copies of models, tests in an order that depends on others;
 * - streams that change from pass to pass, files (`csvTables`, `parquetTables`), encoders, specs and the command line;
 * - laws with infinitely many values, and effects that need more than a few thousand rows;
 * - episodes (`J_…`), measures of pairs (`perRow: false`), custom bounds, models that learn something useful;
 * - larger violations, which pass less often;
 * - small errors of delta: from 2,560 trials at delta 0.05 it finds a rate of about 0.08 or more.
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
  /** The number of approximate passes. */
  approximate: number;
  refused: number;
  /** The kinds of errors, with their counts. */
  refusals: Record<string, number>;
  alarm: boolean;
  /** A crash that ended the question: an error other than a refusal. */
  crash: string | null;
  milliseconds: number;
}

/** The first `count` questions of a seed. */
export function questionsOf(count: number, seed: number): Question[] {
  return fc.sample(questions, { numRuns: count, seed, unbiased: true }).map((question, number) => ({ ...question, number }));
}

/** The limits of the trials of a question. */
export interface Limits {
  /** The number of questions in the suite, which share the probability of a false alarm. */
  among: number;
  /** Milliseconds after which no further trial starts; the passes until then are judged. */
  most?: number;
  /** The most stages; default: all. */
  stages?: number;
}

/** Tries a question until its passes are unsuspicious or raise an alarm. */
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

/** A text with everything that is needed to ask the question again. */
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
