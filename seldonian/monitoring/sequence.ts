import { log } from "../../autodiff/mathematics/elementary.ts";
import { Tensor } from "../../autodiff/mod.ts";
import type { Sample } from "../constraints/sample.ts";
import { type Conjunct, intervalOf, valueOf } from "../constraints/evaluate.ts";
import type { Leaf } from "../constraints/expression.ts";
import { DomainError, type Interval } from "../constraints/interval.ts";
import { type Judgement, rangeOf } from "../constraints/judgement.ts";
import { checkLeaf } from "../constraints/leaf_bounds.ts";
import { kinshipOf, type Known } from "../constraints/membership.ts";
import { type Course, follow, intervalFrom, newCourse } from "./course.ts";
import { type EvidenceState, FormEvidence } from "./evidence.ts";
import { partsOf } from "./form_watch.ts";

/** The means of measures by their texts, each with its number of rows, from other rows than those of the test. */
export type Guesses = Readonly<Record<string, readonly [rows: number, mean: number]>>;

/** What the looks at a formula leave; JSON. */
export type FormulaState =
  | { kind: "together"; evidence: EvidenceState; reached: boolean }
  | { kind: "apart"; leaves: { course: Course; lower: number; upper: number }[]; reached: boolean };

/** What the looks at a formula have shown. */
export interface FormulaSeen {
  /** The formula on the rows so far. */
  value: number;
  /** For a form: the evidence that it is at most 0, an e-value; it passes at 1 / delta. */
  evidence?: number;
  /** For other formulas: an upper bound that holds for all time; it passes at 0. */
  upper?: number;
  /** Whether it has passed at some look. */
  reached: boolean;
  /** About how many further rows it needs as things stand; infinite if the estimate breaks it, `null` if nothing can be said. */
  more: number | null;
}

/**
 * A formula g that is tested in sequence: "g > 0" passes at some look with probability at most delta.
 *
 * A form in groups without common rows is tested as one, by {@link FormEvidence}. Of other formulas each measure has a confidence
 * sequence with its share of delta, and interval arithmetic bounds g: all of them hold for all time with probability at least
 * 1 - delta (the union bound).
 */
export class Sequence {
  readonly #evidence: FormEvidence | null;

  constructor(readonly conjunct: Conjunct, readonly judgement: Judgement, known: Known) {
    const { form, asOne, shares } = conjunct;
    for (const { leaf } of shares) rangeOf(leaf, judgement);
    const parts = form === null ? [] : partsOf(form, known, (leaf) => rangeOf(leaf, judgement));
    const apart = parts.every((a, i) =>
      parts.slice(i + 1).every((b) => kinshipOf(a.terms[0].leaf, b.terms[0].leaf, known) === "exclusive")
    );
    this.#evidence = form !== null && parts.length > 0 && apart && (asOne || form.terms.length === 1)
      ? new FormEvidence(form, parts)
      : null;
  }

  /** Before any look. */
  initial(guesses: Guesses): FormulaState {
    if (this.#evidence === null) {
      const leaves = this.conjunct.shares.map(({ leaf }) => {
        const [lower, upper] = rangeOf(leaf, this.judgement);
        return { course: newCourse(), lower, upper };
      });
      return { kind: "apart", leaves, reached: false };
    }
    const found = this.#evidence.parts.map(({ terms }) =>
      terms.map(({ leaf, coefficient }) => ({ coefficient, of: guesses[`${leaf}`] }))
    );
    const known = found.every((terms) => terms.every(({ of }) => of !== undefined && of[0] > 0));
    const guessed = found.map((terms) =>
      [terms[0].of?.[0] ?? 0, terms.reduce((sum, { coefficient, of }) => sum + coefficient * (of?.[1] ?? 0), 0)] as const
    );
    return { kind: "together", evidence: this.#evidence.initial(known ? guessed : null), reached: false };
  }

  /** Whether a state is one of this formula: what is known of groups decides that. */
  fits(state: FormulaState | undefined): boolean {
    return state !== undefined &&
      (state.kind === "together"
        ? this.#evidence?.fits(state.evidence) === true
        : this.#evidence === null && state.leaves.length === this.conjunct.shares.length);
  }

  /**
   * A look at new rows.
   * @throws {RangeError} for a value outside of its range, with its row
   */
  look(state: FormulaState, sample: Sample): void {
    const { shares, delta } = this.conjunct;
    for (const { leaf } of shares) checkLeaf(leaf, sample, rangeOf(leaf, this.judgement));
    if (state.kind === "together") {
      this.#evidence!.look(state.evidence, this.#evidence!.parts.map(({ terms }) => sumsOf(terms, sample)));
      state.reached ||= this.#evidence!.eValue(state.evidence) >= 1 / delta;
      return;
    }
    state.leaves.forEach((kept, i) => {
      const { leaf, lower, upper } = shares[i], range = rangeOf(leaf, this.judgement), values = sample.values(leaf).data;
      for (const z of values) follow(kept.course, z, 1, (range[0] + range[1]) / 2);
      // One side of an interval whose two sides err with the same probability; bounds of earlier looks hold as well.
      if (lower !== undefined) kept.lower = Math.max(kept.lower, intervalFrom(kept.course, range, 2 * lower)[0]);
      if (upper !== undefined) kept.upper = Math.min(kept.upper, intervalFrom(kept.course, range, 2 * upper)[1]);
    });
    state.reached ||= this.#upper(state.leaves) <= 0;
  }

  /** @param rows the number of rows of all looks */
  seen(state: FormulaState, rows: number): FormulaSeen {
    const { reached } = state;
    if (state.kind === "apart") {
      const means = new Map(
        state.leaves.map(({ course }, i) => [`${this.conjunct.shares[i].leaf}`, course.tops / course.bottoms]),
      );
      const value = valueOf(this.conjunct.g, means), upper = this.#upper(state.leaves);
      return { value, upper, reached, more: reached ? 0 : value > 0 ? Infinity : null };
    }
    const evidence = this.#evidence!.eValue(state.evidence), { value, variance } = this.#evidence!.estimate(state.evidence);
    // The best bet on a form of this value and variance wins value² / (2 variance) in as many rows, in logarithms.
    const won = value * value / (2 * variance), lacking = -log(this.conjunct.delta) - this.#evidence!.logEvidence(state.evidence);
    const more = reached ? 0 : value >= 0 ? Infinity : Math.ceil(rows * lacking / won);
    return { value, evidence, reached, more: Number.isNaN(more) ? null : more };
  }

  #upper(leaves: readonly { lower: number; upper: number }[]): number {
    const intervals = new Map(leaves.map(({ lower, upper }, i): [string, Interval] => [
      `${this.conjunct.shares[i].leaf}`,
      { lower: Tensor.scalar(lower), upper: Tensor.scalar(upper) },
    ]));
    try {
      const { value } = intervalOf(this.conjunct.g, intervals).upper;
      return Number.isNaN(value) ? Infinity : value;
    } catch (error) {
      if (error instanceof DomainError) return Infinity;
      throw error;
    }
  }
}

/** Σ coefficient · value for the rows of one group. */
function sumsOf(terms: readonly { leaf: Leaf; coefficient: number }[], sample: Sample): Float64Array {
  const sums = new Float64Array(sample.values(terms[0].leaf).size);
  for (const { leaf, coefficient } of terms) sample.values(leaf).data.forEach((z, row) => sums[row] += coefficient * z);
  return sums;
}
