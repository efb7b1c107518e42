import * as nn from "../../nn/mod.ts";
import type { TrainOptions } from "../algorithm.ts";
import type { DataSet } from "../data/data_set.ts";
import { forEvery } from "../constraints/for_every.ts";
import { levelHint } from "../constraints/level_hint.ts";
import { ConstraintError } from "../constraints/constraint_error.ts";
import { constraint, where } from "../language/parse.ts";
import { columnsOf } from "../constraints/conditions.ts";
import { isProportion, type Shift } from "../shift/shift.ts";
import { DataError } from "../data/data_error.ts";
import { describe } from "../description/describe.ts";
import { Description, type Note, saysSame } from "../data/description.ts";
import { noColumn } from "../tables/no_column.ts";
import type { Encoding } from "../encoding/encoding.ts";
import { complete } from "../encoding/complete.ts";
import { Encoder } from "../preparation/encoder.ts";
import { prepare, type Prepared } from "../preparation/prepare.ts";
import type { Split } from "../data/split.ts";
import { readTable } from "../formats/read_table.ts";
import { storageOf, type Table } from "../tables/table.ts";
import { nearestTo } from "../../autodiff/nearest.ts";
import { toolkitTable } from "../preparation/toolkit.ts";
import { labelsOf } from "../constraints/measure.ts";
import { taskNamed } from "../tasks/mod.ts";
import type { LossName, Task } from "../tasks/task.ts";
import { reading, type Spec } from "./schema.ts";

/**
 * Reads, describes, splits and encodes the data of a spec.
 * @param read returns the bytes of a file in the spec
 */
export async function dataOf(
  spec: Spec,
  read: (file: string) => Promise<Uint8Array>,
): Promise<Prepared & { table: Table }> {
  // An unreadable constraint is reported before a long file is read.
  for (const { text } of spec.constraints) constraint(text);
  const given = await tableOf(spec, read);
  return { ...preparedOf(spec, given), table: given.table };
}

/** All rows of a spec's data, encoded by what all of them say. */
export async function populationOf(spec: Spec, read: (file: string) => Promise<Uint8Array>): Promise<DataSet> {
  const given = await tableOf(spec, read),
    { encoder: { encoding } } = preparedOf(spec, given),
    rows = complete(given.table, encoding);
  return new Encoder(rows, encoding).encode(rows);
}

/**
 * Rows of another file, read and encoded as those of a spec.
 * @param file its name for `read`, and in messages
 * @throws {DataError} for what cannot be read or encoded, with line and column
 */
export async function rowsOf(
  spec: Spec,
  encoder: Encoder,
  file: string,
  read: (file: string) => Promise<Uint8Array>,
): Promise<DataSet> {
  const own = spec.data.file, at = (name: string) => read(name === own ? file : name);
  const { table } = await tableOf({ ...spec, data: { ...spec.data, file: spec.data.metadata === undefined ? file : own } }, at);
  return encoder.encode(table);
}

/** Describes the data of a spec, without training. */
export async function descriptionOf(spec: Spec, read: (file: string) => Promise<Uint8Array>): Promise<Description> {
  const given = await tableOf(spec, read), { table, encoding } = given;
  try {
    return preparedOf(spec, given).description;
  } catch (error) {
    // Data that cannot be prepared can still be described, with the problem.
    if (!(error instanceof RangeError || error instanceof ConstraintError)) throw error;
    const whole = describe(table, { ...encoding, columns: knownColumns(spec, given) });
    if (whole.notes.some((note) => note.text === error.message || (note.error !== undefined && saysSame(note.error, error)))) {
      return whole;
    }
    const problem: Note = { kind: "problem", text: error.message, ...(error instanceof DataError && { error }) };
    return new Description({ ...whole, notes: [problem, ...whole.notes] });
  }
}

/** A table, and how to encode its columns. */
interface TableOfSpec {
  table: Table;
  encoding: Encoding;
}

function preparedOf(spec: Spec, { table, encoding }: TableOfSpec): Prepared {
  const { safetyFraction, seed, stratify, groupBy } = spec, columns = comparedColumns(encoding, namedColumns(spec, table));
  return prepare(table, { ...encoding, columns, safetyFraction, seed, stratify, groupBy });
}

/** The columns that constraints compare: those listed, and those that constraints name, except groups. */
function comparedColumns({ columns = [], groups = {} }: Encoding, named: readonly string[]): string[] {
  return [...new Set([...columns, ...named])].filter((name) => !Object.hasOwn(groups, name));
}

/** Those of them that exist. */
function knownColumns({ constraints }: Spec, { table, encoding }: TableOfSpec): string[] {
  const named = constraints.flatMap(({ text }) => {
    try {
      return constraint(text).leaves.flatMap(({ columns }) => columns);
    } catch {
      return [];
    }
  });
  return comparedColumns(encoding, named).filter((name) => table.names.includes(name));
}

/**
 * The table's columns that constraints name.
 * @throws {ConstraintError} for a text that cannot be read, and for a name that is neither a column nor a group
 */
function namedColumns({ constraints, data, data: { groups = {} }, shift = {} }: Spec, table: Table): string[] {
  const shifted = shiftedColumns(shift).filter((name) => table.names.includes(name));
  return constraints.flatMap(({ text, forEvery: names = {} }) => {
    const { leaves } = Object.entries(names).reduce((read, [name, values]) => forEvery(name, values, read), constraint(text));
    const asked = leaves.filter((leaf) => leaf.data === undefined).flatMap(({ columns }) => columns);
    const unknown = asked.find((name) => !table.names.includes(name) && !Object.hasOwn(groups, name));
    if (unknown === undefined) return asked.filter((name) => table.names.includes(name));
    if (table.names.length === 1) throw noColumn(unknown, table.names, data.file);
    const known = [...table.names, ...Object.keys(groups)], of = levelHint(textsOf(table), unknown);
    const hint = of ?? nearestTo(unknown, known) ?? `the table has ${table.names.join(", ")}`;
    throw new ConstraintError(`unknown column "${unknown}"; ${hint}`, text, Math.max(0, text.indexOf(unknown)));
  }).concat(shifted);
}

/** The columns that proportions of groups are of. */
function shiftedColumns(shift: Shift): string[] {
  return Object.entries(shift).flatMap(([name, parts]) => isProportion(parts) ? columnsOf(where(name)) : [name]);
}

/** Columns of text, without unclear ones. */
function textsOf(table: Table): Map<string, readonly string[]> {
  const { columns } = storageOf(table),
    texts = [...columns].filter(([, { values, doubt }]) => !doubt && !(values instanceof Float64Array));
  return new Map(texts.map(([name, { values }]) => [name, values as readonly string[]]));
}

async function tableOf(
  { data }: Spec,
  read: (file: string) => Promise<Uint8Array>,
): Promise<TableOfSpec> {
  const { file, metadata, label, ...options } = data, given: Record<string, unknown> = {}, encoding: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    Object.assign(Object.hasOwn(reading, name) ? given : encoding, { [name]: value });
  }
  if (metadata !== undefined) {
    const useless = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
    if (useless !== undefined) {
      throw new RangeError(`Cannot use ${useless} with metadata, which says how the file is read: leave it out`);
    }
    const decoded = async (name: string) => new TextDecoder().decode(await read(name));
    const toolkit = toolkitTable(await decoded(file), await decoded(metadata));
    return { table: toolkit.table, encoding: { ...toolkit.encoding, ...encoding, ...(label !== undefined && { label }) } };
  }
  if (label === undefined) throw new RangeError("Cannot use the data without data.label: name the column to predict");
  const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (asked.separator === "\\t") asked.separator = "\t";
  return { table: await readTable(await read(file), { ...asked, file }), encoding: { ...encoding, label } };
}

/** The number of classes that a spec's model predicts; 0 for numbers. */
export function classCount(
  { model, data: { label } }: Pick<Spec, "model" | "data">,
  { candidate, safety }: Split<DataSet>,
): number {
  if (labelsOf[taskOfModel(model).name] === "numbers") return 0;
  return typeof label === "object" ? label.classes.length : classesOf(label as string, [candidate, safety]);
}

/** The model of a spec for data of this shape, without trained values; trees are grown on the candidate data. */
export function modelOf(spec: Spec, data: Split<DataSet>): nn.Module {
  const { candidate } = data, [width] = candidate.rowShape as number[], rows = candidate.whole();
  const classes = classCount(spec, data), given = { features: rows.features, labels: candidate.labels };
  return emptyModel(spec.model, width, classes, (kind, options) => {
    const grown = { ...options, seed: spec.seed, classes: classes === 0 ? "regression" as const : classes };
    return kind === "tree" ? nn.DecisionTree.grow(given, grown) : nn.RandomForest.grow(given, grown);
  });
}

/**
 * The model of a spec without trained values.
 * @param width the number of features
 * @param classes 0 for numbers
 * @param trees makes a tree or a forest, whose shape depends on data
 */
export function emptyModel(
  model: Spec["model"],
  width: number,
  classes: number,
  trees: (kind: "tree" | "forest", options: Omit<TreesOfSpec, "kind" | "task">) => nn.Module,
): nn.Module {
  switch (model.kind) {
    case "logistic":
      return new nn.LogisticRegression(width, classes);
    case "linear":
      return new nn.LinearRegression(width);
    case "bounded-linear":
      return new nn.BoundedLinearRegression(width, model.range);
    case "mlp": {
      const widths = [width, ...model.hidden];
      const hidden = model.hidden.flatMap((to, i) => [new nn.Linear(widths[i], to), new nn.ReLU()]),
        last = widths[widths.length - 1];
      return new nn.Sequential(
        ...hidden,
        classes === 0 ? new nn.LinearRegression(last) : new nn.LogisticRegression(last, classes),
      );
    }
    case "tree":
    case "forest": {
      const { kind, task: _, ...options } = model;
      return trees(kind, options);
    }
  }
}

type TreesOfSpec = Extract<Spec["model"], { kind: "tree" | "forest" }>;

// The classes belong to the question, as if the spec named them: labels of both parts, without any figure that goes into the
// model.

/** A class in a smaller fraction of the rows may be a wrong label. */
const rare = 0.005;

/**
 * @throws {DataError} for labels that are not 0, 1, …, and for a class that few rows have among many classes: it may not be one
 */
function classesOf(column: string, parts: readonly DataSet[]): number {
  const counts = new Map<number, number>();
  for (const { labels } of parts) for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = [...counts.keys()].sort((a, b) => a - b), rows = parts.reduce((sum, { size }) => sum + size, 0);
  const odd = labels.find((label) => !Number.isInteger(label) || label < 0 || label >= Math.max(2, labels.length)) ??
    (labels.length > 2 ? labels.find((label) => counts.get(label)! < Math.max(2, rare * rows)) : undefined);
  if (odd === undefined) return Math.max(2, labels.length);
  const of = parts.find((part) => part.labels.includes(odd))!, some = labels.slice(0, 20);
  throw new DataError(
    `Cannot use the label ${odd} in ${of.place(of.labels.indexOf(odd))}, column "${column}", which ${
      counts.get(odd) === 1 ? "1 row has" : `${counts.get(odd)!.toLocaleString("en")} rows have`
    }: ${Number.isInteger(odd) && odd >= 0 && odd < labels.length ? "other classes have many more" : "wanted classes 0, 1, …"}${
      labels.length > 20 ? "; for numbers use a model of the kind linear" : ""
    }`,
    labels.length > 20 ? [] : [
      { when: "if these are the classes", option: "label", value: { column, classes: some } },
      ...(counts.get(odd)! > 0.2 * rows
        ? []
        : [{ when: "if it means a missing label", option: "missingValues", value: { [column]: [`${odd}`] } }]),
    ],
  );
}

/** The options of `train()`, without data and model. */
export function optionsOf(spec: Spec): Omit<TrainOptions<nn.Module>, "data" | "model"> {
  const { $schema: _, data: __, model, objective, safetyFraction: ___, stratify: ____, groupBy: _____, ...options } = spec;
  const [usual] = Object.keys(taskOfModel(model).losses) as LossName[];
  return { ...options, objective: objective ?? usual };
}

/** The task of a kind of model, from its `task` or its kind. */
export function taskOfModel(model: Spec["model"]): Task {
  const isLinear = model.kind === "linear" || model.kind === "bounded-linear";
  return taskNamed(("task" in model ? model.task : undefined) ?? (isLinear ? "regression" : "classification"));
}
