import { type Tensor, weightedSum } from "../../autodiff/mod.ts";
import { type Moments, momentsOf } from "../bounds/bound.ts";
import type { Sample, Units } from "./sample.ts";
import type { Leaf } from "./expression.ts";
import { type Forecast, type Judgement, rangeOf } from "./judgement.ts";
import { type LinearForm, rangeOfForm } from "./linear.ts";
import { type Kinship, kinshipOf } from "./membership.ts";
import type { Measure } from "./measure.ts";

/** Measures of a form on the same rows. */
export interface Group {
  terms: LinearForm["terms"];
  /** Their numbers, int32. */
  rows: Tensor;
  /** The data set of the rows. */
  source: Units;
}

/** How to join the groups of a form: exclusive or independent ones in blocks, two that may overlap by one account. */
export interface Joint {
  by: "blocks" | "account";
  groups: readonly Group[];
}

/** A form over joined groups, to be bounded with the whole delta. */
export interface JoinedForm {
  form: LinearForm;
  groups: readonly Group[];
  delta: number;
  sample: Sample;
  judgement: Judgement;
  /** How to predict the bound of the safety test; `undefined`: the rows are the test's. */
  forecast: Forecast | undefined;
}

/** The groups of a form; `null` if nothing joins them, or one has no rows. */
export function jointOf(form: LinearForm, sample: Sample): Joint | null {
  if (sample.key === null) return foundJoint(form, sample);
  let known = joints.get(sample.key);
  if (known === undefined) joints.set(sample.key, known = new Map());
  let joint = known.get(form);
  if (joint === undefined) known.set(form, joint = foundJoint(form, sample));
  return joint;
}

/** Joints by sample key: a sample of all rows comes again at every step. */
const joints = new WeakMap<object, Map<LinearForm, Joint | null>>();

function foundJoint({ terms }: LinearForm, sample: Sample): Joint | null {
  const groups: (Omit<Group, "terms"> & { terms: LinearForm["terms"][number][] })[] = [];
  for (const term of terms) {
    if (term.leaf.measure.perRow === false) return null;
    const group = groups.find(({ terms: [{ leaf }] }) => kinship(leaf, term.leaf, sample) === "same");
    if (group !== undefined) group.terms.push(term);
    else {
      const rows = sample.rowsOf(term.leaf);
      if (rows.size === 0) return null;
      groups.push({ terms: [term], rows, source: sample.source(term.leaf) });
    }
  }
  const pairs = groups.flatMap((a, i) => groups.slice(i + 1).map((b) => kinship(a.terms[0].leaf, b.terms[0].leaf, sample)));
  if (pairs.every((kin) => kin === "exclusive")) return { by: "blocks", groups };
  return pairs.length === 1 && pairs[0] === "unknown" ? { by: "account", groups } : null;
}

/** How two measures' rows relate; "unrelated" for two data sets of unknown relation. */
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
      // A cluster may have rows of both groups.
      return known === "exclusive" && first.clustered ? "unknown" : known;
    }
  }
}

function remembered(a: Leaf, b: Leaf, { exclusive, classes }: Units): Kinship {
  let of = kinships.get(exclusive);
  if (of === undefined) kinships.set(exclusive, of = new Map());
  const key = `${numberOf(a.measure)} ${a}\n${numberOf(b.measure)} ${b}\n${classes}`;
  let found = of.get(key);
  if (found === undefined) of.set(key, found = kinshipOf(a, b, { exclusive, classes }));
  return found;
}

/** A measure is identified by its function, not by its name. */
function numberOf(measure: Measure): number {
  let number = numbers.get(measure);
  if (number === undefined) numbers.set(measure, number = ++measures);
  return number;
}

let measures = 0;
const numbers = new WeakMap<Measure, number>();

/** Conditions are compared once a data set. */
const kinships = new WeakMap<object, Map<string, Kinship>>();

/** The number of rows of a group in the safety test. */
export function rowsLater({ rows, source }: Group): number {
  return Math.round(rows.size * (source.testRows / source.rows));
}

/** A group's part in the form: `factor` times the values of its only measure, or 1 times the sum of its terms. */
export interface GroupPart {
  factor: number;
  moments: Moments;
  /** One value for each row of the group. */
  values(): Tensor;
}

/** The groups' parts in the form. */
export function partsOf(groups: readonly Group[], sample: Sample): GroupPart[] {
  return groups.map((group) => {
    if (group.terms.length === 1) {
      const [{ leaf, coefficient }] = group.terms;
      return { factor: coefficient, moments: sample.moments(leaf), values: () => sample.values(leaf) };
    }
    const sums = combined(group, sample);
    return { factor: 1, moments: momentsOf(sums), values: () => sums };
  });
}

/** Σ coefficient · value of each row. */
export function combined({ terms }: Group, sample: Sample): Tensor {
  return weightedSum(terms.map(({ leaf }) => sample.values(leaf)), terms.map(({ coefficient }) => coefficient));
}

/** Which rows are in a group, and their sums of terms as parts of the way from `low` to `high`; 0 for other rows. */
export function unitValues(
  group: Group,
  sample: Sample,
  [low, high]: readonly [number, number],
): { member: Uint8Array<ArrayBuffer>; values: Float64Array<ArrayBuffer> } {
  const { rows } = group.source,
    member = new Uint8Array(rows),
    values = new Float64Array(rows),
    { data } = combined(group, sample);
  group.rows.data.forEach((row, j) => {
    member[row] = 1;
    values[row] = Math.min(1, Math.max(0, (data[j] - low) / (high - low)));
  });
  return { member, values };
}

/** The range of a group's sums of terms. */
export function rangeOfGroup({ terms }: Group, judgement: Judgement): [number, number] {
  return rangeOfForm({ constant: 0, terms }, (leaf) => rangeOf(leaf, judgement));
}

/** A bound and the number of values behind it. */
export interface Found {
  value: Tensor;
  n: number;
}
