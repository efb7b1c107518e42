import type { Expression } from "../constraints/expression.ts";
import { type Judgement, rangeOf } from "../constraints/judgement.ts";
import { formText, type LinearForm } from "../constraints/linear.ts";
import type { Known } from "../constraints/membership.ts";
import type { Promised } from "../constraints/promise.ts";
import { estimateOf, intervalFrom } from "./course.ts";
import { eValueOf } from "./e_process.ts";
import { type FormState, FormWatch, partsOf } from "./form_watch.ts";

/** A formula that must be at most 0, as outcomes are watched for it. States are JSON. */
export interface Watch<State = unknown> {
  /** The formula's text. */
  text: string;
  initial(): State;
  /** One outcome. @param valueOf a measure's value by its text, NaN if the outcome does not count */
  add(state: State, valueOf: (leaf: string) => number): void;
  correct(state: State, old: (leaf: string) => number, now: (leaf: string) => number): void;
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
  return { text: `${constraint}`, ways: ways.map((way) => way.map(({ g, form }) => watchOf(g, form, judgement, known))) };
}

function watchOf(g: Expression, form: LinearForm | null, judgement: Judgement, known: Known): Watch {
  if (form === null) throw new RangeError(`Cannot watch ${g} yet`);
  return linear(form, judgement, known) as Watch;
}

function linear(form: LinearForm, judgement: Judgement, known: Known): Watch<FormState> {
  const watch = new FormWatch(form, partsOf(form, known, (leaf) => rangeOf(leaf, judgement)), known);
  const rowOf = (valueOf: (leaf: string) => number) =>
    watch.parts.map(({ terms }) => {
      const u = terms.reduce((sum, { leaf, coefficient }) => sum + coefficient * valueOf(`${leaf}`), 0);
      return Number.isNaN(u) ? null : u;
    });
  return {
    text: formText(form),
    initial: () => watch.initial(),
    add: (state, valueOf) => watch.add(state, rowOf(valueOf)),
    correct: (state, old, now) => watch.correct(state, rowOf(old), rowOf(now)),
    eValue: ({ capital }) => eValueOf(capital),
    seen({ course }, alpha) {
      const [lower, upper] = intervalFrom(course, watch.range, alpha);
      return { value: estimateOf(course), lower, upper };
    },
  };
}
