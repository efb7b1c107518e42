import { loadJsonSchema } from "../../deps.ts";
import * as v from "../../deps.ts";
import { type BoundName, families } from "../bounds/mod.ts";
import { tasks } from "../tasks/mod.ts";
import type { LossName } from "../tasks/task.ts";
import { optimizerSchema } from "../options.ts";

export const name = v.pipe(v.string(), v.nonEmpty());
export const count = v.pipe(v.number(), v.integer(), v.minValue(1));
export const seed = v.pipe(v.number(), v.integer(), v.minValue(0));
export const probability = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));
const interval = v.tuple([v.number(), v.number()]);
const notNegative = v.pipe(v.number(), v.minValue(0));
/** A field with a description, which editors show. */
export const said = <S extends v.GenericSchema>(schema: S, text: string) => v.pipe(schema, v.description(text));

const cell = v.union([v.string(), v.number()]);

const texts = v.array(v.string());

/** How to read a file; each field is an option of `csv()` or a similar function. */
export const reading = {
  separator: said(
    v.optional(v.union([v.pipe(v.string(), v.length(1)), v.literal("\\t")])),
    "The separator of a CSV's fields; default: a comma, semicolon, tab or bar, as in the first lines",
  ),
  header: said(v.optional(v.array(name)), "The names of the columns, if the file has no head line"),
  skipLines: said(v.optional(v.array(count)), "Lines to skip, counted from 1, such as a line of units below the names"),
  encoding: said(
    v.optional(name),
    'The character encoding, such as "windows-1252"; default: UTF-8, or UTF-16 if the file shows it',
  ),
  decimal: said(v.optional(v.picklist([".", ","])), 'The sign before decimals; default "."'),
  thousands: said(v.optional(v.string()), "The sign between groups of three digits; default: none"),
  missingValues: said(
    v.optional(v.union([texts, v.record(name, texts)])),
    'Spellings of missing values, for all columns, or by column besides the default; default "", "NA", "N/A", "NaN", "null", "?" …',
  ),
  text: said(v.optional(v.array(name)), "Text columns, taken as they are, even if every value is a number"),
  replace: said(
    v.optional(v.record(name, v.record(v.string(), v.string()))),
    'Replacements for cells, by column, such as { "sex": { "female": "Female" } }',
  ),
  trim: said(v.optional(v.boolean()), "Whether to remove white space around cells; default true"),
  limits: said(
    v.optional(v.strictObject({ contents: v.optional(count), columns: v.optional(count) })),
    "What reading may cost: the most bytes of unpacked contents, and the most columns; default 100,000",
  ),
};

const imputation = v.union([v.picklist(["mean", "median", "mode"]), v.strictObject({ value: cell })]);

/** The data of a problem. */
export const dataSchema = v.strictObject({
  file: said(name, "A file of CSV, JSON lines, Parquet or Arrow, plain or gzipped, in the spec's folder"),
  metadata: said(v.optional(name), "The Python toolkit's meta-data, if the CSV has no head line"),
  ...reading,
  label: said(
    v.optional(
      v.union([
        name,
        v.strictObject({
          column: name,
          classes: v.pipe(v.array(v.union([v.string(), v.number(), v.boolean()])), v.minLength(2)),
        }),
      ]),
    ),
    "The column to predict; for texts with its classes, which become 0, 1, …",
  ),
  features: said(
    v.optional(v.array(name)),
    "The columns that the model sees; default: all except the label and the columns in constraints",
  ),
  exclude: said(v.optional(v.array(name)), "Columns that the model does not see, if features are not listed"),
  missing: said(
    v.optional(v.union([
      v.picklist(["error", "drop"]),
      v.strictObject({ impute: v.union([imputation, v.record(name, imputation)]), label: v.optional(v.literal("drop")) }),
    ])),
    "How to treat rows with a missing value: an error (default), drop them, or fill in features from candidate data",
  ),
  maxLevels: said(
    v.optional(count),
    "The most distinct texts of a feature; default: a tenth of the rows, from 20 to 1,000",
  ),
  groups: said(
    v.optional(v.record(
      name,
      v.union([name, v.strictObject({ column: name, is: v.union([cell, v.pipe(v.array(cell), v.minLength(1))]) })]),
    )),
    'Groups for constraints: a column of 0 and 1, or the rows with some values of a column, such as { "column": "sex", "is": "Male" }',
  ),
  exclusive: said(
    v.optional(v.array(v.pipe(v.array(name), v.minLength(2)))),
    "Sets of groups in which no row belongs to two; groups of different values of one column are known to be exclusive",
  ),
  columns: said(
    v.optional(v.array(name)),
    "Columns that constraints compare, as in [age < 25]; those that constraints name need not be listed",
  ),
  standardise: said(v.optional(v.boolean()), "Whether to scale numbers to mean 0 and deviation 1; default true"),
});

/** The kinds of models. */
export const modelSchema = v.variant("kind", [
  v.strictObject({ kind: v.picklist(["logistic", "linear"]) }),
  v.strictObject({
    kind: v.literal("bounded-linear"),
    range: said(interval, "The least and the greatest number that the model may predict"),
  }),
  v.strictObject({
    kind: v.literal("mlp"),
    hidden: said(v.pipe(v.array(count), v.minLength(1)), "Widths of the hidden layers"),
    task: said(v.optional(v.picklist(["classification", "regression"])), 'Default "classification"'),
  }),
  v.strictObject({
    kind: v.picklist(["tree", "forest"]),
    task: said(v.optional(v.picklist(["classification", "regression"])), 'Default "classification"'),
    trees: v.optional(count),
    maxDepth: v.optional(count),
    minLeaf: v.optional(count),
  }),
]);

const proportion = v.union([v.number(), interval]);

const bound = v.picklist(["auto", ...families.map(({ name }) => name as BoundName)]);

/** A problem as a JSON file: the options of `train()`, with the data as a file and the model by its kind. */
export const specSchema = v.strictObject({
  $schema: v.optional(v.string()),
  data: dataSchema,
  model: modelSchema,
  objective: said(
    v.optional(v.picklist(tasks.flatMap(({ losses }) => Object.keys(losses) as LossName[]))),
    "The objective to minimise; default: logLoss for classes, meanSquaredError for numbers",
  ),
  constraints: v.pipe(
    v.array(v.strictObject({
      text: said(name, "Such as ACC >= 0.95 or abs((PR | [M]) - (PR | [F])) <= 0.15"),
      delta: said(probability, "The probability that the promise may be broken"),
      forEvery: v.optional(v.record(name, v.array(v.union([v.string(), v.number()])))),
      bound: said(v.optional(v.union([bound, v.record(name, bound)])), "The family of its bounds, instead of the one for all"),
      inflation: said(v.optional(notNegative), "Factor on its predicted bounds in training, instead of the optimizer's"),
      lambda: said(v.optional(notNegative), "Where its multiplier starts, instead of where the optimizer says"),
    })),
    v.minLength(1),
  ),
  safetyFraction: said(v.optional(probability), "The fraction of rows kept for the safety test; default 0.5"),
  stratify: said(v.optional(name), "A column whose values both parts have in equal proportion"),
  groupBy: said(
    v.optional(name),
    "A column whose equal values, such as one patient's, are one observation: they stay in one part, and bounds are on their means",
  ),
  seed: said(v.optional(seed), "The seed of all random numbers; default 0"),
  rates: v.optional(v.picklist(["expected", "decided"])),
  bound: v.optional(v.union([bound, v.record(name, bound)])),
  analysis: v.optional(v.picklist(["conjunctive", "interval"])),
  shares: v.optional(v.union([
    v.picklist(["optimal", "equal"]),
    v.record(name, v.union([v.number(), v.strictObject({ lower: v.optional(v.number()), upper: v.optional(v.number()) })])),
  ])),
  candidates: v.optional(count),
  ranges: v.optional(v.record(name, interval)),
  shift: said(
    v.optional(v.record(name, v.union([proportion, v.record(name, proportion)]))),
    'The populations that promises must hold for, by proportions of groups, such as { "race": { "a": [0.2, 0.4], "b": [0.6, 0.8] } }',
  ),
  optimizer: v.optional(optimizerSchema),
  device: said(v.optional(v.picklist(["cpu", "gpu", "auto"])), 'The device that trains the model; default "cpu"'),
  tune: v.optional(v.strictObject({
    space: v.record(
      name,
      v.union([
        v.pipe(v.array(v.union([v.number(), v.string(), v.boolean()])), v.minLength(1)),
        v.strictObject({
          from: v.number(),
          to: v.number(),
          scale: v.optional(v.picklist(["linear", "log"])),
          whole: v.optional(v.boolean()),
        }),
      ]),
    ),
    search: v.optional(v.picklist(["grid", "random", "cma-es"])),
    samples: v.optional(count),
    folds: v.optional(count),
    draws: v.optional(count),
    power: v.optional(probability),
  })),
});

/** A parsed problem. */
export type Spec = v.InferOutput<typeof specSchema>;

/**
 * A schema as JSON Schema, for editors. Only the kit checks conditions that it cannot express, such as that a number is finite.
 */
export async function jsonSchema(title: string, schema: v.GenericSchema): Promise<Record<string, unknown>> {
  const toJsonSchema = await loadJsonSchema();
  return { title, ...toJsonSchema(schema, { errorMode: "ignore", target: "draft-2020-12" }) };
}
