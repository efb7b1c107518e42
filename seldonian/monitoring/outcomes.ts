import { noGrad, Tensor } from "../../autodiff/mod.ts";
import { checkNames, isRecord, shown } from "../../autodiff/options.ts";
import { Batch } from "../constraints/batch.ts";
import type { Condition } from "../constraints/conditions.ts";
import type { Leaf } from "../constraints/expression.ts";
import { leafError } from "../constraints/leaf_error.ts";
import type { Promised } from "../constraints/promise.ts";
import { rangeOf } from "../constraints/judgement.ts";
import { type Column, columnOf } from "../data/columns.ts";
import { deciderFor } from "../decision.ts";
import { NR, PR } from "../measures/classification.ts";
import { checkFinite } from "../outputs.ts";
import { checkOutputs } from "../problem/check_outputs.ts";
import { columnsOfShift, groupOfRows, groupsAmong, type StatedShift } from "../shift/groups.ts";
import type { Kept } from "./monitor_kinds.ts";
import type { Task } from "../tasks/task.ts";

/** One outcome of a model at work. */
export interface Outcome {
  /** What the certified model gave for a row: a number, or one for each class. */
  output: number | readonly number[];
  /** What came true; left out while it is unknown: then the outcome counts only for PR and NR, which need none. */
  label?: number | string;
  /** The row's columns, those that the promise names among them; `null` is a missing value. Further ones show drift. */
  columns?: Readonly<Record<string, number | string | boolean | null>>;
}

/** How outcomes are read. */
export interface Reading {
  promised: readonly Promised[];
  leaves: readonly Leaf[];
  task: Task;
  rates: "expected" | "decided";
  /** The labels' names: the first is class 0. */
  classes: readonly (string | number)[] | undefined;
  /** Sets of columns in which no outcome has two 1s. */
  exclusive: readonly (readonly string[])[];
  /** What a shift states of the populations that promises are for. */
  shift: StatedShift | null;
}

/** What outcomes say of each measure: by its text, one value an outcome; NaN where an outcome does not count. */
export interface Read {
  values: Map<string, Float64Array>;
  /** The number of values beyond their declared range, which count as its end. */
  beyond: number;
  /** The number of each outcome's group in a shift, and the groups' conditions. */
  groups: { of: Int32Array; conditions: readonly Condition[] } | null;
}

/**
 * The values of measures, by the kit's own measures.
 * @param kept the number of outputs of earlier outcomes, and the conditions of groups in a shift, if there were any
 * @param placeOf the place of an outcome, for messages
 * @throws {TypeError} for an outcome of another type
 * @throws {RangeError} for outputs, labels or columns that do not fit
 */
export function read(
  outcomes: readonly Outcome[],
  { promised, leaves, task, rates, classes, exclusive, shift }: Reading,
  { outputs, conditions }: Pick<Kept, "outputs" | "conditions">,
  placeOf: (i: number) => string,
): Read {
  const n = outcomes.length,
    needed = [...new Set([...leaves.flatMap((leaf) => leaf.columns), ...(shift === null ? [] : columnsOfShift(shift))])];
  const width = outputs ?? widthOf(outcomes[0], placeOf(0)), told = new Float64Array(n * width), labels = new Float64Array(n);
  if (width > 1 && classes !== undefined && classes.length !== width) {
    throw new RangeError(
      `Cannot add ${placeOf(0)}: it has ${width} outputs, and classes has ${classes.length} names; wanted one for each output`,
    );
  }
  const labelled = new Uint8Array(n), names = new Set<string>(needed);
  outcomes.forEach((outcome, i) => {
    if (widthOf(outcome, placeOf(i)) !== width) {
      throw new RangeError(
        `Cannot add ${placeOf(i)}: it has ${widthOf(outcome, placeOf(i))} outputs; wanted ${width}, as others have`,
      );
    }
    const { output, columns = {} } = outcome;
    told.set(typeof output === "number" ? [output] : output, i * width);
    for (const name of needed) {
      if (valueIn(columns, name) !== undefined) continue;
      throw new RangeError(
        `Cannot add ${placeOf(i)}: it lacks column "${name}", which the promise names; give it, or null if unknown`,
      );
    }
    for (const name of Object.keys(columns)) names.add(name);
    for (const set of exclusive) {
      const [first, second] = set.filter((name) => Number(valueIn(columns, name)) === 1);
      if (second === undefined) continue;
      throw new RangeError(
        `Cannot add ${
          placeOf(i)
        }: it is in both ${first} and ${second}, which are exclusive; mend it, or leave them out of \`exclusive\``,
      );
    }
    if (!isLabelled(outcome)) return;
    labelled[i] = 1;
    labels[i] = numberOf(outcome.label!, classes, placeOf(i));
  });
  const columns = new Map(
    [...names].map((
      name,
    ) => [name, columnOf(name, outcomes.map(({ columns = {} }) => valueIn(columns, name) ?? null) as Column, placeOf)]),
  );
  const groups = shift &&
    groupsAmong(shift, columns).map((group, d) => ({ ...group, ...(conditions && { condition: conditions[d] }) }));
  const of = groups && groupOfRows(groups, columns, n, placeOf);
  return noGrad(() => {
    const batch = new Batch(Tensor.from(told, width === 1 ? [n] : [n, width]), Tensor.from(labels), columns, {
      decide: deciderFor({ task, rates }),
      places: outcomes.map((_, i) => placeOf(i)),
    });
    checkFinite(batch.predictions, placeOf);
    checkOutputs({ promises: promised, objective: undefined, task } as Parameters<typeof checkOutputs>[0], batch, placeOf);
    const values = new Map<string, Float64Array>();
    let beyond = 0;
    for (const leaf of leaves) {
      const found = new Float64Array(n).fill(NaN),
        { data } = batch.values(leaf),
        [low, high] = rangeOf(leaf, promised[0].judgement);
      const needsLabel = needsLabelOf(leaf);
      batch.rowsOf(leaf).data.forEach((row, j) => {
        if (needsLabel && labelled[row] === 0) return;
        if (data[j] !== data[j]) throw new RangeError(`Cannot add ${placeOf(row)}: ${leaf} is NaN`);
        if (data[j] < low || data[j] > high) beyond++;
        found[row] = Math.min(high, Math.max(low, data[j]));
      });
      values.set(`${leaf}`, found);
    }
    return { values, beyond, groups: of && { of, conditions: groups!.map(({ condition }) => condition) } };
  });
}

/** The outcomes of each cluster. @throws {TypeError} unless they come in lists */
export function clustersIn(outcomes: readonly unknown[]): readonly (readonly Outcome[])[] {
  const other = outcomes.findIndex((cluster) => !Array.isArray(cluster) || cluster.length === 0);
  if (other < 0) return outcomes as readonly (readonly Outcome[])[];
  throw new TypeError(
    `Cannot add ${shown(outcomes[other])} as cluster ${
      other + 1
    }: the promise is about clusters; wanted a list of all outcomes of it`,
  );
}

/**
 * The outcomes of clusters, each as one: a measure's value is the mean over its outcomes that count.
 * @param clusters the number of outcomes of each, which follow each other
 */
export function ofClusters({ values, ...rest }: Read, clusters: readonly number[]): Read {
  const means = Array.from(values, ([leaf, all]): [string, Float64Array] => {
    let next = 0;
    const found = clusters.map((size) => {
      const own = all.subarray(next, next += size).filter((z) => !Number.isNaN(z));
      return own.reduce((sum, z) => sum + z, 0) / own.length;
    });
    return [leaf, Float64Array.from(found)];
  });
  return { values: new Map(means), ...rest };
}

/** Whether a label is known. */
export function isLabelled({ label }: Outcome): boolean {
  return label !== undefined && label !== null;
}

/** Whether a measure counts labelled outcomes only. */
export function needsLabelOf({ measure }: Leaf): boolean {
  return measure !== PR.measure && measure !== NR.measure;
}

/** A column's value; not what every object has by the name. */
function valueIn(columns: NonNullable<Outcome["columns"]>, name: string) {
  return Object.hasOwn(columns, name) ? columns[name] : undefined;
}

function widthOf(outcome: Outcome, place: string): number {
  if (!isRecord(outcome)) throw new TypeError(`Cannot add ${place}: it is ${shown(outcome)}; wanted { output, label, columns }`);
  checkNames(`add ${place}`, outcome, ["output", "label", "columns"]);
  const { output, columns = {} } = outcome;
  if (!isRecord(columns)) throw new TypeError(`Cannot add ${place}: columns is ${shown(columns)}; wanted an object`);
  if (typeof output === "number") return 1;
  if (Array.isArray(output) && output.length > 0 && output.every((one) => typeof one === "number")) return output.length;
  throw new TypeError(
    `Cannot add ${place}: output is ${shown(output)}; wanted a number, or a list of numbers, one for each class`,
  );
}

/** A label as the measures read it. */
function numberOf(label: number | string, classes: readonly (string | number)[] | undefined, place: string): number {
  if (classes === undefined) {
    if (typeof label === "number" && Number.isFinite(label)) return label;
    throw new RangeError(
      `Cannot add ${place}: its label is ${
        shown(label)
      }; wanted a finite number, or classes: ["no", "yes"] in the monitor's options`,
    );
  }
  const found = classes.indexOf(label);
  if (found >= 0) return found;
  throw new RangeError(`Cannot add ${place}: its label is ${shown(label)}; wanted one of ${classes.map(shown).join(", ")}`);
}

/** @throws {ConstraintError} for a measure that single outcomes do not have, and for values without a known range */
export function checkWatchable(leaf: Leaf, [low, high]: readonly [number, number]): void {
  const { measure: { name, perRow, sided, functional }, data } = leaf;
  if (data !== undefined) throw leafError(leaf, `it is on another data set, "${data}", and a monitor sees outcomes only`, data);
  if (perRow === false) throw leafError(leaf, `${name} is of several rows together, and outcomes come one by one`);
  if (sided !== undefined) {
    throw leafError(leaf, `${name} needs the probabilities of an older policy, which outcomes do not have`);
  }
  if (functional === undefined ? high - low < Infinity : high < Infinity && low > -Infinity) return;
  throw leafError(leaf, `its values lie in [${low}, ${high}]; declare a range to watch it, as in ranges: { ${name}: [0, 25] }`);
}
