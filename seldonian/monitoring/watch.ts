import { boxWatch } from "./box_watch.ts";
import { cvar } from "../bounds/cvar.ts";
import type { Leaf } from "../constraints/expression.ts";
import { leafError } from "../constraints/leaf_error.ts";
import { cvarWatch } from "./cvar_watch.ts";
import type { Conjunct } from "../constraints/evaluate.ts";
import { rangeOf } from "../constraints/judgement.ts";
import { formText, type LinearForm } from "../constraints/linear.ts";
import type { Promised } from "../constraints/promise.ts";
import { estimateOf, intervalFrom } from "./course.ts";
import { eValueOf } from "./e_process.ts";
import { groupsWith, type ShiftedGroup } from "../shift/groups.ts";
import { scaled } from "../shift/vertices.ts";
import { type FormState, FormWatch, type Part, partsOf } from "./form_watch.ts";
import type { About } from "./kin.ts";
import { needsLabelOf } from "./outcomes.ts";
import { type ShiftState, shiftWatch } from "./shift_watch.ts";

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
   * @param group the number of its group in a shift
   * @returns what the greatest bet on it wins, of mean at most 0 given the past; left out where an outcome is no step
   */
  add(state: State, valueOf: (leaf: string) => number, group: number): number | undefined | void;
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
  /** Whether it counts labelled outcomes only. So each counts once, with all that the promise needs of it. */
  needsLabel: boolean;
  ways: readonly (readonly Watch[])[];
}

/** A set of populations: the groups of its shift, and its vertices. */
export interface PopulationSet {
  groups: readonly Pick<ShiftedGroup, "condition">[];
  corners: readonly (readonly number[])[];
}

/**
 * How a promise is watched.
 * @param set the populations that it must hold for
 * @throws {ConstraintError} for a formula that a monitor does not watch
 * @throws {RangeError} for one that it does not watch for other populations
 */
export function watched({ constraint, ways, judgement }: Promised, about: About, set: PopulationSet | null): WatchedPromise {
  const watchOf = ({ g, form, shares }: Conjunct): Watch => {
    const leaves = shares.map(({ leaf }) => leaf), functional = leaves.find(({ measure }) => measure.functional !== undefined);
    const parts = form === null ? [] : partsOf(form, about, (leaf) => rangeOf(leaf, judgement));
    const used = set === null ? [] : leaves.map((leaf) => groupsWith(leaf, set.groups, about));
    if (used.some(({ length }) => length > 1)) {
      const why = functional !== undefined
        ? `${functional.measure.name} is no mean`
        : form === null || parts.length > 2
        ? `${g} is no sum of means of one or two groups`
        : used.some((own) => !own.some((d) => isIn(d, set!.corners)))
        ? `none of them has rows of each group in ${g}`
        : ways.length > 1
        ? "it may be kept in another way in each population"
        : undefined;
      if (why === undefined) return shiftedWatch(form!, parts, [...new Set(used.flat())], set!.corners, about) as Watch;
      throw new RangeError(
        `Cannot watch "${constraint}" for other populations: ${why}; watch it without shift, for the population of outcomes`,
      );
    }
    if (functional === undefined) {
      const several = form === null || parts.length > mostGroups;
      return (several ? boxWatch(g, shares, judgement) : linear(form, parts, about)) as Watch;
    }
    if (about.clustered === true) {
      throw leafError(functional, `${functional.measure.name} of means of clusters would hide the worst rows of each`);
    }
    if (form?.terms.length === 1 && functional.measure.functional === cvar) return cvarWatch(form, judgement) as Watch;
    throw leafError(functional, `a monitor watches a limit on CVaR, and no other formula with ${functional.measure.name}`);
  };
  return {
    text: `${constraint}`,
    needsLabel: constraint.leaves.some(needsLabelOf),
    ways: ways.map((way) => way.map(watchOf)),
  };
}

/** Whether a group is in some population. */
function isIn(d: number, corners: PopulationSet["corners"]): boolean {
  return corners.some((p) => p[d] > 0);
}

/** In the groups that may have rows of a formula, populations that differ. Blocks do not wait for a group that is in none. */
function shiftedWatch(
  form: LinearForm,
  parts: readonly Part[],
  mayHave: readonly number[],
  corners: PopulationSet["corners"],
  about: About,
): Watch<ShiftState> {
  const used = mayHave.filter((d) => isIn(d, corners));
  const own = corners.map((p) => used.map((d) => p[d])).filter((p) => p.some((part) => part > 0)).map(scaled);
  return shiftWatch(form, parts, [...new Map(own.map((p) => [`${p}`, p])).values()], used, about);
}

/** Beyond so many groups, blocks would be long and choices many. */
const mostGroups = 4;

function linear(form: LinearForm, groups: readonly Part[], about: About): Watch<FormState> {
  const watch = new FormWatch(form, groups, about);
  // A leaf's text is long to make.
  const texts = watch.parts.map(({ terms }) => terms.map(({ leaf, coefficient }) => [`${leaf}`, coefficient] as const));
  const rowOf = (valueOf: (leaf: string) => number) =>
    texts.map((terms) => {
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
