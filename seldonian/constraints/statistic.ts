import { Tensor, weightedSum } from "../../autodiff/mod.ts";
import { boundFor } from "../bounds/auto.ts";
import { checkValues, type Moments, momentsOf, upper } from "../bounds/bound.ts";
import { clopperPearson } from "../bounds/clopper_pearson.ts";
import { type Rate, twoRates } from "../bounds/two_rates.ts";
import type { Rowed, Sample } from "./batch.ts";
import { chosenFor, familyOf, type Forecast, inflated, type Judgement, rangeOf } from "./judgement.ts";
import { named } from "./leaf_bounds.ts";
import { type LinearForm, rangeOfForm } from "./linear.ts";

/*
 * A linear form in means as one mean. Measures of the same rows are added row by row. Groups that share no row are independent:
 * the smallest gives one row to a block, the others as many as they have for each, and a block's value is the form in the means of
 * its rows. Blocks are independent and have the form's value as their mean, whatever the groups' sizes; so the bound on one mean
 * serves, with one delta for the whole form, where a bound for each measure would have to split it.
 */

/** Measures of a form that are of the same rows. */
export interface Group {
  terms: LinearForm["terms"];
  rows: Int32Array;
  /** The data set that they are of; rows of different ones are independent. */
  source: Rowed;
}

/** The rows that a form's measures are of; `null` where some overlap and some do not, or one has none: then nothing joins them. */
export function groupsOf(form: LinearForm, sample: Sample): readonly Group[] | null {
  if (sample.key === null) return foundGroups(form, sample);
  let known = groupsBy.get(sample.key);
  if (known === undefined) groupsBy.set(sample.key, known = new Map());
  let groups = known.get(form);
  if (groups === undefined) known.set(form, groups = foundGroups(form, sample));
  return groups;
}

/** By what a sample is known by: that of all rows comes again at every step. */
const groupsBy = new WeakMap<object, Map<LinearForm, readonly Group[] | null>>();

function foundGroups({ terms }: LinearForm, sample: Sample): readonly Group[] | null {
  const groups: (Omit<Group, "terms"> & { terms: LinearForm["terms"][number][] })[] = [];
  for (const term of terms) {
    if (term.leaf.measure.perRow === false) return null;
    const rows = sample.rowsOf(term.leaf).data as Int32Array, source = sample.source(term.leaf);
    const group = groups.find((other) =>
      other.source === source && other.rows.length === rows.length && other.rows.every((row, i) => row === rows[i])
    );
    if (group !== undefined) group.terms.push(term);
    else groups.push({ terms: [term], rows, source });
  }
  const taken = new Map<Rowed, Uint8Array>();
  for (const { rows, source } of groups) {
    if (rows.length === 0) return null;
    let marks = taken.get(source);
    if (marks === undefined) taken.set(source, marks = new Uint8Array(source.rows));
    for (const row of rows) if (marks[row]++ > 0) return null;
  }
  return groups;
}

/** Bounds a linear form in means over groups that share no row, or the same rows. */
export function boundStatistic(
  form: LinearForm,
  delta: number,
  groups: readonly Group[],
  sample: Sample,
  judgement: Judgement,
  forecast: Forecast | undefined,
): { upper: Tensor; n: number; bound: string; assumes: string } {
  const families = form.terms.map(({ leaf }) => familyOf(leaf, judgement));
  const counted = families.every((family) => family === clopperPearson) && groups.length === 2 &&
    groups.every(({ terms }) => terms.length === 1);
  const range = rangeOfForm(form, (leaf) => rangeOf(leaf, judgement));
  // A sum of 0s and 1s is neither, and one family must serve all.
  const [chosen, ...others] = new Set(form.terms.map(({ leaf }) => chosenFor(leaf, judgement)));
  const bound = chosen === undefined || chosen === clopperPearson || others.length > 0
    ? boundFor({ range, binary: false })
    : chosen;
  const { name, assumes } = counted ? twoRates : bound;
  if (forecast === undefined) {
    for (const { leaf } of form.terms) {
      named(leaf, sample, () => checkValues(sample.values(leaf).data as Float64Array, rangeOf(leaf, judgement)));
    }
    const sizes = groups.map(({ rows }) => rows.length), n = counted ? sizes[0] + sizes[1] : Math.min(...sizes);
    const found = counted
      ? form.constant + twoRates.upper(rateOf(groups[0], sample), rateOf(groups[1], sample), delta)
      : upper(bound, blockValues(form, groups, sample, range), { delta, range });
    return { upper: Tensor.scalar(found), n, bound: name, assumes };
  }
  const { n, ...moments } = blockMoments(form, groups, sample);
  const request = { delta, range, n };
  const foretold = n < (bound.fewest ?? 1) ? Tensor.scalar(Infinity) : (counted ? twoRates : bound).forecast(moments, request);
  return { upper: inflated(foretold, moments.mean, forecast.inflation), n, bound: name, assumes };
}

/** The values of the blocks, in the order of the rows; blocks of a group differ by one row at most. */
function blockValues(
  { constant }: LinearForm,
  groups: readonly Group[],
  sample: Sample,
  [low, high]: readonly [number, number],
): Float64Array {
  const blocks = Math.min(...groups.map(({ rows }) => rows.length)), values = new Float64Array(blocks).fill(constant);
  for (const group of groups) {
    const all = combined(group, sample).data, n = all.length;
    for (let b = 0; b < blocks; b++) {
      const start = Math.floor(b * n / blocks), end = Math.floor((b + 1) * n / blocks);
      let sum = 0;
      for (let i = start; i < end; i++) sum += all[i];
      values[b] += sum / (end - start);
    }
  }
  // Rounding may carry a value across the end of its range.
  return values.map((value) => Math.min(high, Math.max(low, value)));
}

/** Mean and variance of a block of the safety test, and how many blocks it will have. */
function blockMoments(form: LinearForm, groups: readonly Group[], sample: Sample): Moments & { n: number } {
  const later = groups.map(({ rows, source }) => Math.round(rows.length * (source.testRows / source.rows))),
    n = Math.min(...later);
  const factors = groups.map(({ terms }) => terms.length === 1 ? terms[0].coefficient : 1);
  const moments = groups.map((group) =>
    group.terms.length === 1 ? sample.moments(group.terms[0].leaf) : momentsOf(combined(group, sample))
  );
  // A block's value is the sum of its groups' means, each of so many rows.
  const sizes = later.map((rows) => Math.max(1, rows) / n);
  return {
    mean: weightedSum(moments.map(({ mean }) => mean), factors, form.constant),
    variance: weightedSum(moments.map(({ variance }) => variance), factors.map((factor, i) => factor * factor / sizes[i])),
    n,
  };
}

/** The count behind a group of one measure whose values are 0 or 1. */
function rateOf({ terms: [{ leaf, coefficient }], rows }: Group, sample: Sample): Rate {
  let k = 0;
  for (const z of sample.values(leaf).data) k += z;
  return { coefficient, k, n: rows.length };
}

/** Σ coefficient · value of each row. */
function combined({ terms }: Group, sample: Sample): Tensor {
  return weightedSum(terms.map(({ leaf }) => sample.values(leaf)), terms.map(({ coefficient }) => coefficient));
}
