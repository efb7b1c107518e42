import { boxWatch } from "./box_watch.ts";
import { cvar } from "../bounds/cvar.ts";
import type { Leaf } from "../constraints/expression.ts";
import { leafError } from "../constraints/leaf_error.ts";
import { cvarWatch } from "./cvar_watch.ts";
import { type Judgement, rangeOf } from "../constraints/judgement.ts";
import { formText, type LinearForm } from "../constraints/linear.ts";
import type { Known } from "../constraints/membership.ts";
import type { Promised } from "../constraints/promise.ts";
import { estimateOf, intervalFrom } from "./course.ts";
import { eValueOf } from "./e_process.ts";
import { type FormState, FormWatch, type Part, partsOf } from "./form_watch.ts";

/** A formula that must be at most 0, as outcomes are watched for it. States are JSON. */
export interface Watch<State = unknown> {
  /** The formula's text. */
  text: string;
  /** A measure of the rows that count, if each is a step. */
  group?: Leaf;
  initial(): State;
  /**
   * One outcome.
   * @param valueOf a measure's value by its text, NaN if the outcome does not count
   * @returns what the greatest bet on it wins, of mean at most 0 given the past; left out where an outcome is no step
   */
  add(state: State, valueOf: (leaf: string) => number): number | undefined | void;
  /** Whether the evidence has just been brought up to date. Between such moments it may not be combined with others'. */
  settled(state: State): boolean;
  /** Evidence against the formula: of mean at most 1 at all times together while it is at most 0. */
  eValue(state: State): number;
  /** The formula's value so far, and an interval that misses it with probability at most alpha over all time. */
  seen(state: State, alpha: number): { value: number; lower: number; upper: number };
}

/** A promise: kept if all formulas of one way are at most 0. */
export interface WatchedPromise {
  text: string;
  ways: readonly (readonly Watch[])[];
}

/** How a promise is watched. */
export function watched({ constraint, ways, judgement }: Promised, known: Known): WatchedPromise {
  return {
    text: `${constraint}`,
    ways: ways.map((way) =>
      way.map(({ g, form, shares }) => {
        const functional = shares.find(({ leaf }) => leaf.measure.functional !== undefined)?.leaf;
        if (functional === undefined) {
          const several = form === null || partsIn(form, judgement, known).length > mostGroups;
          return (several ? boxWatch(g, shares, judgement) : linear(form, judgement, known)) as Watch;
        }
        if (form?.terms.length === 1 && functional.measure.functional === cvar) return cvarWatch(form, judgement) as Watch;
        throw leafError(functional, `a monitor watches a limit on CVaR, and no other formula with ${functional.measure.name}`);
      })
    ),
  };
}

/** Beyond so many groups, blocks would be long and choices many. */
const mostGroups = 4;

function partsIn(form: LinearForm, judgement: Judgement, known: Known): Part[] {
  return partsOf(form, known, (leaf) => rangeOf(leaf, judgement));
}

function linear(form: LinearForm, judgement: Judgement, known: Known): Watch<FormState> {
  const watch = new FormWatch(form, partsIn(form, judgement, known), known);
  // A leaf's text is long to make.
  const parts = watch.parts.map(({ terms }) => terms.map(({ leaf, coefficient }) => [`${leaf}`, coefficient] as const));
  const rowOf = (valueOf: (leaf: string) => number) =>
    parts.map((terms) => {
      const u = terms.reduce((sum, [leaf, coefficient]) => sum + coefficient * valueOf(leaf), 0);
      return Number.isNaN(u) ? null : u;
    });
  return {
    text: formText(form),
    ...(watch.kind === "rows" && { group: form.terms[0].leaf }),
    initial: () => watch.initial(),
    add: (state, valueOf) => watch.add(state, rowOf(valueOf)),
    settled: (state) => watch.settled(state),
    eValue: ({ capital }) => eValueOf(capital),
    seen({ course }, alpha) {
      const [lower, upper] = intervalFrom(course, watch.range, alpha, watch.length);
      return { value: estimateOf(course), lower, upper };
    },
  };
}
