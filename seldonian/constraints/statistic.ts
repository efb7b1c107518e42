import { Tensor, weightedSum } from "../../autodiff/mod.ts";
import { boundFor } from "../bounds/auto.ts";
import { type Bound, type Moments, upper } from "../bounds/bound.ts";
import { oneAccount } from "../bounds/one_account.ts";
import { type Rate, twoRates } from "../bounds/two_rates.ts";
import type { Sample } from "./sample.ts";
import { combined, type Found, type Group, type JoinedForm, type Joint, partsOf, rowsLater } from "./groups.ts";
import {
  chosenFor,
  familyOf,
  fewestFor,
  type Forecast,
  inflated,
  isBinary,
  type Judgement,
  rangeOf,
  sidedFor,
} from "./judgement.ts";
import type { SidedMeasure } from "./measure.ts";
import { checkLeaf, scarcityOf } from "./leaf_bounds.ts";
import { type LinearForm, rangeOfForm } from "./linear.ts";
import { account } from "./overlap.ts";

/*
 * A linear form in means as one statistic, with the whole delta; one bound a measure would have to split it.
 *
 * Measures on the same rows are added row by row. Groups that exclude each other, or come from independent data sets, are joined
 * in blocks: the smallest group gives one row to a block, the others as many as they have for each, and a block's value is the
 * form in the means of its rows. Given which rows are in which group, and rows being independent, blocks are independent and
 * their mean is the form's value, whatever the groups' sizes; so a bound on one mean applies. Two counts have an exact bound.
 *
 * None of that holds for groups that may overlap, even if no row of the data is in both: given that a row is in both, its value
 * has another mean than in either group. For two of them there is `bounds/one_account.ts`; more are bounded separately.
 */

/** The bound on a form. */
export interface Statistic {
  upper: Tensor;
  n: number;
  bound: string;
  assumes: string;
  guarantee: Bound["guarantee"];
  /** Why there is no bound, if it is not for too few rows. */
  note?: string;
}

/** Bounds a linear form in means; `null` if no chosen family joins its groups. */
export function boundStatistic(
  { constant, ...stated }: LinearForm,
  delta: number,
  { by, ...joint }: Joint,
  sample: Sample,
  judgement: Judgement,
  forecast: Forecast | undefined,
): Statistic | null {
  const sided = (terms: LinearForm["terms"]) =>
    terms.map(({ leaf, coefficient }) => ({
      leaf: sidedFor(leaf, coefficient > 0 ? "upper" : "lower", sample, judgement),
      coefficient,
    }));
  const form = { constant, terms: sided(stated.terms) };
  const groups = joint.groups.map(({ terms, ...group }) => ({ ...group, terms: sided(terms) }));
  const family = by === "account" ? accountFor(form, judgement) : blocksFor(form, groups, judgement);
  if (family === null) return null;
  const { name: bound, assumes, guarantee } = family;
  if (forecast === undefined) {
    for (const { leaf } of form.terms) {
      checkLeaf(leaf, sample, rangeOf(leaf, judgement), family === twoRates ? bound : undefined);
    }
    const note = guarantee === "approximate" ? scarcityOf(form.terms.map(({ leaf }) => leaf), sample) : undefined;
    if (note !== undefined) {
      const n = Math.min(...groups.map(({ rows }) => rows.size));
      return { upper: Tensor.scalar(Infinity), n, bound, assumes, guarantee, note };
    }
  }
  const joined: JoinedForm = { form, groups, delta, sample, judgement, forecast };
  const { n, value } = by === "account"
    ? account(joined)
    : family === twoRates
    ? counts(joined)
    : blocks(joined, family as Bound);
  return { upper: value, n, bound, assumes, guarantee };
}

type Family = Pick<Bound, "name" | "assumes" | "guarantee">;

/** One account bounds values of a finite range; with another chosen family, each group is bounded separately. */
function accountFor({ terms }: LinearForm, judgement: Judgement): Family | null {
  const serves = terms.every(({ leaf }) => {
    const { account, values } = familyOf(leaf, judgement), [low, high] = rangeOf(leaf, judgement);
    return account === true && (values !== "binary" || isBinary(leaf, judgement)) && high - low < Infinity;
  });
  return serves ? oneAccount : null;
}

function blocksFor(form: LinearForm, groups: readonly Group[], judgement: Judgement): Family {
  const counted = groups.length === 2 &&
    groups.every(({ terms: [{ leaf }, ...more], source }) =>
      more.length === 0 && !source.clustered && isBinary(leaf, judgement) && familyOf(leaf, judgement).twoRates
    );
  if (counted) return twoRates;
  // A sum of 0s and 1s is no longer 0 or 1, and one family must serve all.
  const [chosen, ...others] = new Set(form.terms.map(({ leaf }) => chosenFor(leaf, judgement)));
  if (chosen !== undefined && chosen.values !== "binary" && others.length === 0) return chosen;
  const [low, high] = rangeOfForm(form, (leaf) => rangeOf(leaf, judgement));
  const sided = form.terms.map(({ leaf }) => (leaf.measure as Partial<SidedMeasure>).bound).find((bound) => bound !== undefined);
  return sided !== undefined && high < Infinity ? sided : boundFor({ range: [low, high], binary: false });
}

/** A bound on the mean of blocks. */
function blocks({ form, groups, delta, sample, judgement, forecast }: JoinedForm, bound: Bound): Found {
  const range = rangeOfForm(form, (leaf) => rangeOf(leaf, judgement)), few = (n: number) => n < fewestFor(bound);
  if (forecast === undefined) {
    const n = Math.min(...groups.map(({ rows }) => rows.size));
    const found = few(n) ? Infinity : upper(bound, blockValues(form, groups, sample, range), { delta, range });
    return { n, value: Tensor.scalar(found) };
  }
  const { n, ...moments } = blockMoments(form, groups, sample);
  const predicted = few(n) ? Tensor.scalar(Infinity) : bound.forecast(moments, { delta, range, n });
  return { n, value: inflated(predicted, moments.mean, forecast) };
}

/** The exact bound on two counts. */
function counts({ form, groups, delta, sample, judgement, forecast }: JoinedForm): Found {
  if (forecast === undefined) {
    const [first, second] = groups.map((group) => rateOf(group, sample, judgement));
    // a z is a low + a (high - low) k / n on average.
    const constant = form.terms.reduce(
      (sum, { leaf, coefficient }) => sum + coefficient * rangeOf(leaf, judgement)[0],
      form.constant,
    );
    return { n: first.n + second.n, value: Tensor.scalar(constant + twoRates.upper(first, second, delta)) };
  }
  const { n, ...moments } = blockMoments(form, groups, sample);
  const range = rangeOfForm(form, (leaf) => rangeOf(leaf, judgement));
  const predicted = n < 1 ? Tensor.scalar(Infinity) : twoRates.forecast(moments, { delta, range, n });
  return { n, value: inflated(predicted, moments.mean, forecast) };
}

/** The values of the blocks, in row order; a group's blocks differ by at most one row. */
function blockValues(
  { constant }: LinearForm,
  groups: readonly Group[],
  sample: Sample,
  [low, high]: readonly [number, number],
): Float64Array {
  const blocks = Math.min(...groups.map(({ rows }) => rows.size)), values = new Float64Array(blocks).fill(constant);
  for (const group of groups) {
    const all = combined(group, sample).data, n = all.length;
    for (let b = 0; b < blocks; b++) {
      const start = Math.floor(b * n / blocks), end = Math.floor((b + 1) * n / blocks);
      let sum = 0;
      for (let i = start; i < end; i++) sum += all[i];
      values[b] += sum / (end - start);
    }
  }
  // Rounding may push a value past the end of its range.
  return values.map((value) => Math.min(high, Math.max(low, value)));
}

/** Mean and variance of a block of the safety test, and the number of blocks. */
function blockMoments(form: LinearForm, groups: readonly Group[], sample: Sample): Moments & { n: number } {
  const later = groups.map(rowsLater), n = Math.min(...later);
  const parts = partsOf(groups, sample);
  // A block's value is the sum of its groups' means, each over this many rows.
  const sizes = later.map((rows) => Math.max(1, rows) / n);
  return {
    mean: weightedSum(parts.map(({ moments }) => moments.mean), parts.map(({ factor }) => factor), form.constant),
    variance: weightedSum(
      parts.map(({ moments }) => moments.variance),
      parts.map(({ factor }, i) => factor * factor / sizes[i]),
    ),
    n,
  };
}

/** The count behind a group of one measure whose values are the ends of its range. */
function rateOf({ terms: [{ leaf, coefficient }], rows }: Group, sample: Sample, judgement: Judgement): Rate {
  const [low, high] = rangeOf(leaf, judgement);
  let k = 0;
  for (const z of sample.values(leaf).data) if (z === high) k++;
  return { coefficient: coefficient * (high - low), k, n: rows.size };
}
