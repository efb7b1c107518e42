import { log } from "../../autodiff/devices/elementary.ts";
import { Tensor, weightedSum } from "../../autodiff/mod.ts";
import { boundFor } from "../bounds/auto.ts";
import { type Bound, type Moments, momentsOf, upper } from "../bounds/bound.ts";
import { clopperPearson } from "../bounds/clopper_pearson.ts";
import { oneAccount } from "../bounds/one_account.ts";
import { keptQuantile } from "../bounds/quantiles.ts";
import { star } from "../bounds/star.ts";
import { type Rate, twoRates } from "../bounds/two_rates.ts";
import type { Sample, Units } from "./batch.ts";
import { chosenFor, familyOf, fewestFor, type Forecast, inflated, isBinary, type Judgement, rangeOf } from "./judgement.ts";
import { checkLeaf } from "./leaf_bounds.ts";
import type { Leaf } from "./expression.ts";
import { type LinearForm, rangeOfForm } from "./linear.ts";
import { type Kinship, kinshipOf } from "./membership.ts";

/*
 * A linear form in means as one statistic, with one delta for it all, where a bound for each measure would have to split it.
 *
 * Measures of the same rows are added row by row. Groups that exclude each other, or are of data sets that are independent, are
 * joined in blocks: the smallest gives one row to a block, the others as many as they have for each, and a block's value is the form
 * in the means of its rows. Given which rows are in which group, and rows being independent, blocks are independent and have the
 * form's value as their mean, whatever the groups' sizes; so the bound on one mean serves. Two counts have an exact bound.
 *
 * None of that holds for groups that may overlap, whether or not a row of the data is in both: given that a row is in both, its
 * value has another mean than that of either group. For two of them there is `bounds/one_account.ts`; more are bounded apart.
 */

/** Measures of a form that are of the same rows. */
export interface Group {
  terms: LinearForm["terms"];
  rows: Int32Array;
  /** The data set that they are of. */
  source: Units;
}

/** How the groups of a form are joined: exclusive or independent ones in blocks, two that may overlap by one account. */
export interface Joint {
  by: "blocks" | "account";
  groups: readonly Group[];
}

/** The rows that a form's measures are of; `null` where nothing joins them, or one has none. */
export function jointOf(form: LinearForm, sample: Sample): Joint | null {
  if (sample.key === null) return foundJoint(form, sample);
  let known = joints.get(sample.key);
  if (known === undefined) joints.set(sample.key, known = new Map());
  let joint = known.get(form);
  if (joint === undefined) known.set(form, joint = foundJoint(form, sample));
  return joint;
}

/** By what a sample is known by: that of all rows comes again at every step. */
const joints = new WeakMap<object, Map<LinearForm, Joint | null>>();

function foundJoint({ terms }: LinearForm, sample: Sample): Joint | null {
  const groups: (Omit<Group, "terms"> & { terms: LinearForm["terms"][number][] })[] = [];
  for (const term of terms) {
    if (term.leaf.measure.perRow === false) return null;
    const group = groups.find(({ terms: [{ leaf }] }) => kinship(leaf, term.leaf, sample) === "same");
    if (group !== undefined) group.terms.push(term);
    else {
      const rows = sample.rowsOf(term.leaf).data as Int32Array;
      if (rows.length === 0) return null;
      groups.push({ terms: [term], rows, source: sample.source(term.leaf) });
    }
  }
  const pairs = groups.flatMap((a, i) => groups.slice(i + 1).map((b) => kinship(a.terms[0].leaf, b.terms[0].leaf, sample)));
  if (pairs.every((kin) => kin === "exclusive")) return { by: "blocks", groups };
  return pairs.length === 1 && pairs[0] === "unknown" ? { by: "account", groups } : null;
}

/** What is known of two measures' rows; "unrelated" where they are of two data sets of which nothing is said. */
function kinship(a: Leaf, b: Leaf, sample: Sample): Kinship | "unrelated" {
  const [first, second] = [a, b].map((leaf) => sample.source(leaf));
  switch (sample.relation(first, second)) {
    case "independent":
      return "exclusive";
    case "paired":
      return [a, b].every(({ conditions, measure }) => conditions.length === 0 && measure.counts === undefined)
        ? "same"
        : "unknown";
    case "unknown":
      return "unrelated";
    case "same": {
      const known = remembered(a, b, first);
      // A cluster may have rows of either group.
      return known === "exclusive" && first.clustered ? "unknown" : known;
    }
  }
}

function remembered(a: Leaf, b: Leaf, { exclusive, classes }: Units): Kinship {
  let of = kinships.get(exclusive);
  if (of === undefined) kinships.set(exclusive, of = new Map());
  const key = `${a}\n${b}\n${classes}`;
  let found = of.get(key);
  if (found === undefined) of.set(key, found = kinshipOf(a, b, { exclusive, classes }));
  return found;
}

/** Conditions are compared once for each data set. */
const kinships = new WeakMap<object, Map<string, Kinship>>();

/** What a form was bounded by. */
export interface Statistic {
  upper: Tensor;
  n: number;
  bound: string;
  assumes: string;
  guarantee: Bound["guarantee"];
}

/** Bounds a linear form in means; `null` where no family that was asked for joins its groups. */
export function boundStatistic(
  form: LinearForm,
  delta: number,
  { by, groups }: Joint,
  sample: Sample,
  judgement: Judgement,
  forecast: Forecast | undefined,
): Statistic | null {
  const family = by === "account" ? accountFor(form, judgement) : blocksFor(form, groups, judgement);
  if (family === null) return null;
  const { name: bound, assumes, guarantee } = family;
  if (forecast === undefined) {
    for (const { leaf } of form.terms) {
      checkLeaf(leaf, sample, rangeOf(leaf, judgement), family === twoRates ? bound : undefined);
    }
  }
  const { n, value } = by === "account"
    ? account(form, delta, groups, sample, judgement, forecast)
    : family === twoRates
    ? counts(form, delta, groups, sample, judgement, forecast)
    : blocks(form, delta, family as Bound, groups, sample, judgement, forecast);
  return { upper: value, n, bound, assumes, guarantee };
}

type Family = Pick<Bound, "name" | "assumes" | "guarantee">;

/** One account is a bound for values of a finite range; another family that was asked for bounds each group apart. */
function accountFor({ terms }: LinearForm, judgement: Judgement): Family | null {
  const serves = terms.every(({ leaf }) => {
    const chosen = chosenFor(leaf, judgement), [low, high] = rangeOf(leaf, judgement);
    return (chosen === undefined || chosen === star || (chosen === clopperPearson && isBinary(leaf, judgement))) &&
      high - low < Infinity;
  });
  return serves ? oneAccount : null;
}

function blocksFor(form: LinearForm, groups: readonly Group[], judgement: Judgement): Family {
  const counted = groups.length === 2 &&
    groups.every(({ terms: [{ leaf }, ...more], source }) =>
      more.length === 0 && !source.clustered && isBinary(leaf, judgement) && familyOf(leaf, judgement) === clopperPearson
    );
  if (counted) return twoRates;
  // A sum of 0s and 1s is neither, and one family must serve all.
  const [chosen, ...others] = new Set(form.terms.map(({ leaf }) => chosenFor(leaf, judgement)));
  return chosen === undefined || chosen === clopperPearson || others.length > 0
    ? boundFor({ range: rangeOfForm(form, (leaf) => rangeOf(leaf, judgement)), binary: false })
    : chosen;
}

interface Found {
  value: Tensor;
  n: number;
}

function blocks(
  form: LinearForm,
  delta: number,
  bound: Bound,
  groups: readonly Group[],
  sample: Sample,
  judgement: Judgement,
  forecast: Forecast | undefined,
): Found {
  const range = rangeOfForm(form, (leaf) => rangeOf(leaf, judgement)), few = (n: number) => n < fewestFor(bound);
  if (forecast === undefined) {
    const n = Math.min(...groups.map(({ rows }) => rows.length));
    const found = few(n) ? Infinity : upper(bound, blockValues(form, groups, sample, range), { delta, range });
    return { n, value: Tensor.scalar(found) };
  }
  const { n, ...moments } = blockMoments(form, groups, sample);
  const predicted = few(n) ? Tensor.scalar(Infinity) : bound.forecast(moments, { delta, range, n });
  return { n, value: inflated(predicted, moments.mean, forecast.inflation) };
}

/** The exact bound on two counts. */
function counts(
  form: LinearForm,
  delta: number,
  groups: readonly Group[],
  sample: Sample,
  judgement: Judgement,
  forecast: Forecast | undefined,
): Found {
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
  return { n, value: inflated(predicted, moments.mean, forecast.inflation) };
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
  const later = groups.map(rowsLater), n = Math.min(...later);
  const factors = groups.map(({ terms }) => terms.length === 1 ? terms[0].coefficient : 1),
    moments = groupMoments(groups, sample);
  // A block's value is the sum of its groups' means, each of so many rows.
  const sizes = later.map((rows) => Math.max(1, rows) / n);
  return {
    mean: weightedSum(moments.map(({ mean }) => mean), factors, form.constant),
    variance: weightedSum(moments.map(({ variance }) => variance), factors.map((factor, i) => factor * factor / sizes[i])),
    n,
  };
}

/** The rows of a group in the safety test. */
function rowsLater({ rows, source }: Group): number {
  return Math.round(rows.length * (source.testRows / source.rows));
}

/** Of each group the moments of its only measure, or of the sum of its terms. */
function groupMoments(groups: readonly Group[], sample: Sample): Moments[] {
  return groups.map((group) =>
    group.terms.length === 1 ? sample.moments(group.terms[0].leaf) : momentsOf(combined(group, sample))
  );
}

/** The count behind a group of one measure whose values are the ends of its range. */
function rateOf({ terms: [{ leaf, coefficient }], rows }: Group, sample: Sample, judgement: Judgement): Rate {
  const [low, high] = rangeOf(leaf, judgement);
  let k = 0;
  for (const z of sample.values(leaf).data) if (z === high) k++;
  return { coefficient: coefficient * (high - low), k, n: rows.length };
}

/** Σ coefficient · value of each row. */
function combined({ terms }: Group, sample: Sample): Tensor {
  return weightedSum(terms.map(({ leaf }) => sample.values(leaf)), terms.map(({ coefficient }) => coefficient));
}

/** Two groups that may overlap. */
function account(
  form: LinearForm,
  delta: number,
  groups: readonly Group[],
  sample: Sample,
  judgement: Judgement,
  forecast: Forecast | undefined,
): Found {
  const { rows, testRows } = groups[0].source;
  const ranges = groups.map(({ terms }) => rangeOfForm({ constant: 0, terms }, (leaf) => rangeOf(leaf, judgement)));
  if (forecast === undefined) {
    const [first, second] = groups.map((group, i) => {
      const [low, high] = ranges[i],
        member = new Uint8Array(rows),
        values = new Float64Array(rows),
        { data } = combined(group, sample);
      group.rows.forEach((row, j) => {
        member[row] = 1;
        values[row] = Math.min(1, Math.max(0, (data[j] - low) / (high - low)));
      });
      return { coefficient: high - low, member, values };
    });
    const lows = ranges.reduce((sum, [low]) => sum + low, form.constant),
      most = ranges.reduce((sum, [, high]) => sum + high, form.constant);
    // Rounding of the sums is far below what is added.
    const found = Math.min(most, lows + oneAccount.upper(first, second, delta) + 2 ** -40 * (Math.abs(lows) + Math.abs(most)));
    return { n: rows, value: Tensor.scalar(found) };
  }
  const { mean, variance } = accountMoments(form, groups, sample);
  const deviation = variance.value > 0 ? variance.sqrt() : variance.mul(0);
  // What `oneAccountUpper` says to expect.
  const normal = 1.06 * keptQuantile(Math.min(delta, 0.4), Infinity) / Math.sqrt(testRows);
  const weights = groups.reduce((sum, { rows: { length } }, i) => sum + (ranges[i][1] - ranges[i][0]) * rows / length, 0);
  const predicted = weightedSum([mean, deviation], [1, normal], 0.6 * -log(delta) * weights / testRows);
  return { n: testRows, value: inflated(predicted, mean, forecast.inflation) };
}

/**
 * The form, and the variance of a row's part in it: of Σ over groups G of 1{row in G} (z - μ_G) / P(G), by the delta method
 * Σ_G var_G / P(G) + 2 P(A and B) cov / (P(A) P(B)), cov of the rows that are in both.
 */
function accountMoments(form: LinearForm, groups: readonly Group[], sample: Sample): Moments {
  const [first, second] = groups, { rows } = first.source, moments = groupMoments(groups, sample);
  const factors = groups.map(({ terms }) => terms.length === 1 ? terms[0].coefficient : 1);
  const mean = weightedSum(moments.map(({ mean }) => mean), factors, form.constant);
  const parts = groups.map(({ rows: { length } }) => length / rows);
  const alone = moments.map(({ variance }) => variance), weights = factors.map((factor, i) => factor * factor / parts[i]);
  const [inFirst, inSecond] = sharedPlaces(first.rows, second.rows);
  if (inFirst.length === 0) return { mean, variance: weightedSum(alone, weights) };
  const [x, y] = groups.map((group, i) => {
    const values = group.terms.length === 1 ? sample.values(group.terms[0].leaf) : combined(group, sample);
    return values.take(Tensor.from(i === 0 ? inFirst : inSecond)).sub(moments[i].mean);
  });
  const both = x.mul(y).sum();
  const variance = weightedSum([...alone, both], [...weights, 2 * factors[0] * factors[1] / (parts[0] * parts[1] * rows)]);
  return { mean, variance };
}

/** The places in two rising lists of what they have in common. */
function sharedPlaces(first: Int32Array, second: Int32Array): [Int32Array, Int32Array] {
  const inFirst: number[] = [], inSecond: number[] = [];
  for (let i = 0, j = 0; i < first.length && j < second.length;) {
    if (first[i] === second[j]) {
      inFirst.push(i++);
      inSecond.push(j++);
    } else if (first[i] < second[j]) i++;
    else j++;
  }
  return [Int32Array.from(inFirst), Int32Array.from(inSecond)];
}
