import { Tensor } from "../autodiff/mod.ts";
import { showShape, withoutPairs } from "../autodiff/shape.ts";
import type { Bound } from "./bounds/bound.ts";
import { type BoundName, familyNamed } from "./bounds/mod.ts";
import { shown } from "../autodiff/options.ts";
import { logLoss, type Loss } from "../nn/losses.ts";
import { ConstraintError } from "./constraints/constraint_error.ts";
import { type Batch, type Relations, rowTest } from "./constraints/batch.ts";
import { comparisonsOf, ConditionError } from "./constraints/conditions.ts";
import { levelHint } from "./constraints/level_hint.ts";
import { Constraint, forEvery, Leaf } from "./constraints/expression.ts";
import { familyOf, rangeOf } from "./constraints/judgement.ts";
import { intervalOf } from "./constraints/evaluate.ts";
import { DomainError } from "./constraints/interval.ts";
import { constraint } from "./constraints/parse.ts";
import { type Analysis, promise, type Promised, type SharesOption } from "./constraints/promise.ts";
import type { Columns } from "./data/columns.ts";
import { DataError } from "./data/data_error.ts";
import { chunkSize, DataSet, type Source } from "./data/data_set.ts";
import { checkSource } from "./data/given_kinds.ts";
import { commonRows } from "./data/common_rows.ts";
import type { Measure } from "./measures/measure.ts";
import { checkProbabilities } from "./outputs.ts";
import { nearestName, nearestTo } from "../autodiff/nearest.ts";
import { checkMeasureParts, checkStated } from "./promise_kinds.ts";
import { severalOutputs } from "./measures/regression.ts";
import { standardMeasures } from "./measures/standard.ts";

/** A constraint as a user states it: a text or one built in code, and the probability that the promise may be broken. */
export interface StatedConstraint {
  /** As in `"ACC >= 0.95"`, or built in code. */
  text: string | Constraint;
  /**
   * Columns that a name in the text stands for, one after the other: `{ text: "(PR | [g]) >= 0.3", forEvery: { g: ["young", "old"] } }`
   * is kept if it is kept for each of them; so is `{ text: "(PR | [race == r]) >= 0.3", forEvery: { r: ["a", "b"] } }` for values.
   * Each is tested at the whole delta.
   */
  forEvery?: Readonly<Record<string, readonly (string | number)[]>>;
  /** Between 0 and 1, such as 0.05. */
  delta: number;
}

/** What is minimised: a loss, or the mean of a measure such as `measures.ER`. */
export type Objective = Loss | Leaf;

/** A family of bounds by name, or one of one's own. */
export type BoundChoice = BoundName | Bound;

/** How promises are judged and tested; the same for candidate selection and safety test. */
export interface PromiseOptions {
  /** What must hold. */
  constraints: readonly StatedConstraint[];
  /** Measures of one's own that the texts may name, besides the kit's. */
  measures?: readonly Measure[];
  /** Default "conjunctive". */
  analysis?: Analysis;
  /**
   * The family of the confidence bounds, by name or a Bound; default "auto": Clopper and Pearson's for decisions, betting for other
   * values of a finite range, both proven at every number of rows; Student's, which rests on normality, for the rest. Or one for
   * each of some measures: `{ PR: "hoeffding", Mean_Error: "student" }`, "auto" for the others.
   */
  bound?: BoundChoice | Readonly<Record<string, BoundChoice>>;
  /**
   * What measures judge: "expected" (default), the model's probabilities, as for a classifier that draws its label from them; or
   * "decided", its decisions: the most probable class, or class 1 from a probability of 0.5 on.
   */
  rates?: "expected" | "decided";
  /** Default "optimal". */
  shares?: SharesOption;
  /** Ranges that values are known to lie in, by measure: `{ Mean_Squared_Error: [0, 25] }`. Default: the measures' own. */
  ranges?: Readonly<Record<string, readonly [number, number]>>;
  /**
   * Names of `others` whose rows are drawn independently of the main data's, and of each other's, so that a formula of both is bounded
   * as one statistic. No data can tell that; without it such measures are bounded apart.
   */
  independent?: readonly string[];
  /** Names of `others` whose i-th row belongs to the i-th row of the main data, as the same person asked again. */
  paired?: readonly string[];
}

/** @throws {ConstraintError} for a text that cannot be read @throws {RangeError} for an option that cannot be */
export function promises(
  {
    constraints,
    measures = [],
    analysis = "conjunctive",
    bound = "auto",
    rates = "expected",
    shares = "optimal",
    ranges = {},
  }: PromiseOptions,
): Promised[] {
  if (constraints.length === 0) {
    throw new RangeError('Cannot promise nothing: wanted constraints, such as [{ text: "ACC >= 0.95", delta: 0.05 }]');
  }
  measures.forEach(checkMeasureParts);
  const judgement = { rates, ...familiesOf(bound), ranges };
  const known = [...standardMeasures.filter(({ name }) => !measures.some((own) => own.name === name)), ...measures];
  constraints.forEach(checkStated);
  const promised = constraints.map(({ text, delta, forEvery: groups = {} }) => {
    if (delta > 0.5 && delta < 1) {
      throw new RangeError(
        `Cannot promise "${text}" with delta ${delta}: its test might err more often than not; ` +
          `delta is the probability of an error, so did you mean ${Number((1 - delta).toPrecision(12))}?`,
      );
    }
    const stated = text instanceof Constraint ? text : constraint(text, { measures: known });
    const read = Object.entries(groups).reduce((read, [name, columns]) => forEvery(name, columns, read), stated);
    return promise(read, delta, judgement, { analysis, shares });
  });
  checkMeasures(promised);
  const leaves = promised.flatMap(({ constraint }) => constraint.leaves), measured = leaves.map(({ measure }) => measure.name);
  const checkNamed = (what: string, named: object, known: readonly string[]) => {
    const unknown = Object.keys(named).find((name) => !known.includes(name));
    if (unknown === undefined) return;
    throw new RangeError(`Cannot use a ${what} for "${unknown}": the constraints have ${[...new Set(known)].join(", ")}`);
  };
  checkNamed("range", ranges, measured);
  checkNamed("bound", typeof bound === "string" || isBound(bound) ? {} : bound, measured);
  if (typeof shares === "object") checkNamed("weight", shares, leaves.map(String));
  for (const [name, range] of Object.entries(ranges)) {
    if (Array.isArray(range) && range[0] < range[1]) continue;
    const found = Array.isArray(range) ? `[${range}]` : shown(range);
    throw new RangeError(`Cannot use the range ${found} for "${name}": wanted a least and a greater greatest value`);
  }
  promised.forEach(checkPossible);
  for (const leaf of leaves) {
    const { name, values } = familyOf(leaf, judgement), [low, high] = rangeOf(leaf, judgement);
    if (values === "any" || leaf.measure.functional !== undefined || high - low < Infinity) continue;
    throw new RangeError(
      `Cannot bound ${leaf} by "${name}", which needs a finite range, and its values lie in [${low}, ${high}]: ` +
        `declare one, as in ranges: { ${leaf.measure.name}: [0, 25] }, or use "student"`,
    );
  }
  return promised;
}

/**
 * What is said of other data sets, compared with them.
 * @throws {RangeError} for a name that there is not, rows that cannot be paired, and for one and the same data as independent
 */
export async function relationsOf(
  { independent = [], paired = [] }: Pick<PromiseOptions, "independent" | "paired">,
  main: Source,
  others: Readonly<Record<string, Source>>,
): Promise<Relations> {
  for (const [what, names] of Object.entries({ independent, paired })) {
    const unknown = names.find((name) => !Object.hasOwn(others, name));
    if (unknown === undefined) continue;
    const known = Object.keys(others).map((name) => `"${name}"`).join(", ") || "none";
    throw new RangeError(`Cannot take "${unknown}" as ${what}: there is no such data set in others; there are ${known}`);
  }
  const both = independent.find((name) => paired.includes(name));
  if (both !== undefined) throw new RangeError(`Cannot take "${both}" as both independent and paired: choose one`);
  for (const name of paired) {
    const { size, hasClusters } = others[name];
    if (size !== main.size) {
      throw new RangeError(`Cannot pair the rows of "${name}" with those of the data: there are ${size} and ${main.size}`);
    }
    if (!hasClusters && !main.hasClusters) continue;
    throw new RangeError(
      `Cannot pair the rows of "${name}" with those of the data: one of them has clusters, which are not paired`,
    );
  }
  const drawn = [["the data", main] as const, ...independent.map((name) => [`"${name}"`, others[name]] as const)];
  for (const [i, [first, a]] of drawn.entries()) {
    for (const [second, b] of drawn.slice(i + 1)) {
      const count = await commonRows(a, b);
      if (count === 0) continue;
      throw new RangeError(
        `Cannot take ${second} as independent of ${first}: they have ${count} of ${b.size} rows in common; leave it out of \`independent\`, ` +
          "or name it in `paired`, if the rows of both belong together one by one",
      );
    }
  }
  return { independent, paired };
}

/** @throws {RangeError} for two measures of one name, and for one that is not of decisions where those are judged */
function checkMeasures(promised: readonly Promised[], objective?: Objective): void {
  const known = new Map<string, Measure>(), { rates } = promised[0].judgement;
  for (const { measure } of leavesOf(promised, objective)) {
    const { name } = measure;
    if ((known.get(name) ?? measure) !== measure) {
      throw new RangeError(
        `Cannot tell two measures apart that are both named "${name}": a result would show one for the other; give one another name`,
      );
    }
    known.set(name, measure);
  }
  for (const { measure: { name, task } } of promised.flatMap(({ constraint }) => constraint.leaves)) {
    if (rates !== "decided" || task === "classification") continue;
    throw new RangeError(
      `Cannot judge decisions by ${name}, which is of a model's output: leave out rates: "decided", or test ${name} by itself`,
    );
  }
}

/** @throws {ConstraintError} for a constraint that no model can keep, whatever the data */
function checkPossible({ constraint, judgement }: Promised): void {
  const ranges = new Map(constraint.leaves.map((leaf) => {
    const [low, high] = rangeOf(leaf, judgement);
    return [`${leaf}`, { lower: Tensor.scalar(low), upper: Tensor.scalar(high) }];
  }));
  let least: number;
  try {
    least = intervalOf(constraint.g, ranges).lower.value;
  } catch (error) {
    if (error instanceof DomainError) return;
    throw error;
  }
  if (!(least > 0) || least === Infinity) return;
  const percent = constraint.leaves.every((leaf) => rangeOf(leaf, judgement)[1] === 1) && least > 1;
  const [{ place }] = constraint.leaves, lies = constraint.leaves.map((leaf) => `${leaf} lies in [${rangeOf(leaf, judgement)}]`);
  throw new ConstraintError(
    `no model can keep it: ${lies.join(", ")}, so that ${constraint.g} is at least ${least}, and must be at most 0` +
      (percent ? "; rates are parts of 1, so write 0.95 for 95 %" : ""),
    place?.text ?? `${constraint}`,
    0,
  );
}

function familiesOf(bound: NonNullable<PromiseOptions["bound"]>): { bound: Bound | undefined; bounds: Record<string, Bound> } {
  if (typeof bound === "string" || isBound(bound)) return { bound: familyNamed(bound), bounds: {} };
  const named = Object.entries(bound).flatMap(([name, choice]) => {
    const family = familyNamed(choice);
    return family === undefined ? [] : [[name, family] as const];
  });
  return { bound: undefined, bounds: Object.fromEntries(named) };
}

function isBound(bound: Bound | Readonly<Record<string, BoundChoice>>): bound is Bound {
  return typeof bound.upper === "function";
}

/** The objective of a batch, shape [] float64. */
export function objectiveOf(objective: Objective, predictions: Tensor, batch: Batch): Tensor {
  const value = objective instanceof Leaf
    ? batch.values(objective).mean()
    : withoutPairs(batch.rows, () => objective(predictions, batch.labels));
  return oneNumber("minimise an objective", value).cast("float64");
}

/** What a user's function gave, shape []. @throws {TypeError} for what is no tensor of one number */
export function oneNumber(action: string, value: unknown): Tensor {
  if (value instanceof Tensor && value.size === 1 && value.dtype !== "int32") return value.reshape();
  const found = value instanceof Tensor ? `a tensor of shape ${showShape(value.shape)}, ${value.dtype}` : shown(value);
  throw new TypeError(`Cannot ${action} that is ${found}: wanted a tensor of one number, float32 or float64, as by .mean()`);
}

/**
 * Compares what constraints and objective ask for with what the data has, before anything is computed. Columns are looked at
 * when training starts, classes when the model's first output tells their number.
 * @throws {ConstraintError} for an unknown data set or column
 * @throws {TypeError} for what is no data
 */
export function checkColumns(
  promised: readonly Promised[],
  objective: Objective | undefined,
  data: Source,
  others: Readonly<Record<string, Source>>,
): void {
  checkSource(data);
  for (const [name, other] of Object.entries(others)) checkSource(other, name);
  checkMeasures(promised, objective);
  for (const leaf of leavesOf(promised, objective)) {
    const { measure, conditions, columns } = leaf,
      rows = leaf.data === undefined ? data : Object.hasOwn(others, leaf.data) ? others[leaf.data] : undefined;
    if (rows === undefined) {
      throw leafError(
        leaf,
        `there is no data set "${leaf.data}" in others; for the rows where a column is 1 write (${measure.name} | [${leaf.data}])`,
        leaf.data,
      );
    }
    if (measure.perRow === false && conditions.length > 0) {
      throw leafError(leaf, `${measure.name} has no value for each row, so it takes no condition`);
    }
    if (measure.perRow === false && rows.hasClusters) {
      throw leafError(
        leaf,
        `${measure.name} has no value for each row, so that rows of one cluster cannot be told; give data without clusters`,
      );
    }
    if (measure.functional !== undefined && rows.hasClusters) {
      throw leafError(leaf, `${measure.name} of means of clusters would hide the worst rows of each; give data without clusters`);
    }
    const { columnNames } = rows;
    for (const name of columns) {
      if (columnNames.includes(name)) continue;
      const known = columnNames.length === 0 ? "the data has no columns" : `the data has ${columnNames.join(", ")}`;
      const hint = (rows instanceof DataSet ? levelHint(rows.columns, name) : undefined) ?? nearestTo(name, columnNames) ?? known;
      throw leafError(leaf, `unknown column "${name}"; ${hint}`, name);
    }
  }
}

/**
 * @param sets the data of each name, "" for the main one, in all its parts
 * @throws {ConstraintError} for a measure of rows that there are none of, as for a class or a level that is written otherwise in the data
 */
export async function checkSomeRows(
  promised: readonly Promised[],
  sets: Readonly<Record<string, readonly Source[]>>,
): Promise<void> {
  const missing = new Map(
    leavesOf(promised, undefined).filter(({ measure, conditions }) => conditions.length > 0 || measure.counts !== undefined)
      .map((leaf) => [`${leaf}`, leaf]),
  );
  const look = (name: string, labels: ArrayLike<number>, columns: Columns, placeOf: (row: number) => string) => {
    for (const [key, leaf] of missing) {
      if ((leaf.data ?? "") !== name) continue;
      try {
        const counts = rowTest(leaf, labels, columns);
        for (let row = 0; row < labels.length && missing.has(key); row++) if (counts(row)) missing.delete(key);
      } catch (error) {
        if (!(error instanceof ConditionError)) throw error;
        throw leafError(
          leaf,
          error.row === null ? error.why : `it cannot be told whether ${placeOf(error.row)} counts: ${error.why}`,
        );
      }
    }
  };
  for (const [name, parts] of Object.entries(sets)) {
    for (const part of parts) {
      if (missing.size === 0) return;
      if (part instanceof DataSet) look(name, part.labels, part.columns, (row) => part.place(row));
      else {
        let start = 0;
        for await (const { labels, columns } of part.chunks(chunkSize)) {
          const before = start;
          look(name, labels.data, columns, (row) => `row ${before + row}`);
          start += labels.size;
        }
      }
    }
  }
  for (const leaf of missing.values()) {
    const values = leaf.columns.map((column) => `"${column}" is ${valuesOf(sets[leaf.data ?? ""], column)}`);
    throw leafError(
      leaf,
      `no row of the data counts for ${leaf}${leaf.measure.counts ? ", by its label and conditions" : ""}` +
        (nearestValue(leaf, sets[leaf.data ?? ""]) ?? (values.length === 0 ? "" : `; in the data ${values.join(", ")}`)),
    );
  }
}

/** A value of the data that is nearly the one that a condition asks for. */
function nearestValue({ conditions }: Leaf, parts: readonly Source[]): string | undefined {
  for (const { column, value } of conditions.flatMap(comparisonsOf)) {
    if (typeof value !== "string") continue;
    const levels = new Set(
      parts.flatMap((part) =>
        part instanceof DataSet ? Array.from<string | number>(part.columns.get(column) ?? []).map(String) : []
      ),
    );
    if (levels.has(value)) continue;
    const nearest = nearestName(value, [...levels]);
    if (nearest !== undefined) {
      return `; "${column}" is never ${JSON.stringify(value)}, and the nearest is ${JSON.stringify(nearest)}`;
    }
  }
}

/** Some of the values that a column has, for a message. */
function valuesOf(parts: readonly Source[], column: string): string {
  const found = new Set(
    parts.flatMap((part) => part instanceof DataSet ? Array.from<string | number>(part.columns.get(column)!) : []),
  );
  const some = [...found].slice(0, 8).map((value) => JSON.stringify(value));
  return some.length === 0 ? "never met" : `${some.join(" or ")}${found.size > some.length ? " or others" : ""}`;
}

/**
 * @param placeOf where a row stands, for messages
 * @param labels those of more rows than these, if they are known
 * @throws {ConstraintError} for a class that the model does not have
 * @throws {RangeError} for labels outside of the classes, with the row, and for outputs that are no probabilities
 */
export function checkOutputs(
  promised: readonly Promised[],
  objective: Objective | undefined,
  { predictions, labels: { data: found } }: Batch,
  placeOf: (row: number) => string,
  labels: ArrayLike<number> = found,
): void {
  const { shape } = predictions, [rows, classes = 1] = shape, leaves = leavesOf(promised, objective);
  if (shape.length === 0 || shape.length > 2) {
    throw new RangeError(`Cannot judge outputs of shape ${showShape(shape)}: wanted [rows], [rows, 1] or [rows, classes]`);
  }
  if (rows !== found.length) {
    throw new RangeError(`Cannot judge outputs of shape ${showShape(shape)}: wanted one for each of ${found.length} rows`);
  }
  for (const leaf of leaves) checkClasses(leaf, classes);
  const judged = leaves.map(({ measure }) => measure).filter(({ task }) => task === "classification");
  if (objective !== logLoss && judged.length === 0) return;
  const count = Math.max(2, classes),
    bad = Array.prototype.findIndex.call(
      labels,
      (label) => !(Number.isInteger(label) && label >= 0 && label < count),
    );
  if (bad >= 0) {
    const distinct = [...new Set(Array.from(labels))];
    throw new DataError(
      `Cannot use label ${labels[bad]} in ${placeOf(bad)}: wanted a class, a whole number from 0 to ${count - 1}`,
      distinct.length > 20 ? [] : [{
        when: "if these are the classes",
        option: "label",
        value: { column: "…", classes: distinct.sort((a, b) => a - b) },
      }],
    );
  }
  const own = objective !== logLoss && !judged.some((measure) => standardMeasures.includes(measure));
  checkProbabilities(
    predictions,
    placeOf,
    own ? `; or, if ${judged[0].name} is of outputs of another kind, say so by task: "regression"` : "",
  );
}

function checkClasses(leaf: Leaf, outputs: number): void {
  const { measure, index } = leaf, { name, task, indices, functional } = measure;
  // A custom measure says itself what it makes of several outputs.
  if (task === "regression" && outputs > 1 && standardMeasures.includes(measure)) {
    throw leafError(leaf, `${name} needs one output a row, and the model has ${outputs}; ${severalOutputs}`);
  }
  if (functional !== undefined) return;
  const classes = task === "classification" ? Math.max(2, outputs) : outputs;
  if (classes === 1 && index.length > 0) {
    throw leafError(leaf, `the model has one output a row, so ${name} takes no class; write ${name}`);
  }
  if (outputs > 1 && indices === 1 && index.length === 0) {
    throw leafError(
      leaf,
      `${name} needs a class, because the model has ${classes}: write ${name}_[k], k from 0 to ${classes - 1}`,
    );
  }
  for (const k of index) {
    if (k < 0 || k >= classes) {
      throw leafError(leaf, `class ${k} of ${name} is out of range: the model has classes 0 to ${classes - 1}`);
    }
  }
}

function leavesOf(promised: readonly Promised[], objective: Objective | undefined): Leaf[] {
  return [...promised.flatMap(({ constraint }) => constraint.leaves), ...(objective instanceof Leaf ? [objective] : [])];
}

function leafError(leaf: Leaf, why: string, word?: string): ConstraintError {
  const text = leaf.place?.text ?? `${leaf}`, offset = leaf.place?.offset ?? 0;
  return new ConstraintError(why, text, word === undefined ? offset : Math.max(offset, text.indexOf(word, offset)));
}
