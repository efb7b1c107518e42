import * as nn from "../../nn/mod.ts";
import * as v from "../../deps.ts";
import { groupColumns } from "../encoding/encoding.ts";
import type { DataSet } from "../data/data_set.ts";
import type { Split } from "../data/split.ts";
import { Encoder } from "../preparation/encoder.ts";
import type { CellOptions } from "../tables/csv_options.ts";
import { storageOf, type Table } from "../tables/table.ts";
import { classCount, emptyModel } from "./assemble.ts";
import { dataSchema, modelSchema, name, reading, type Spec } from "./schema.ts";

/** With more distinct texts, a column's texts are names, not levels. */
const mostLevels = 1000;

/** A column's kind, or its texts. */
const kind = v.union([v.literal("numbers"), v.literal("texts"), v.array(v.string())]);
const { decimal, thousands, missingValues, text, replace, trim } = reading;
const { label, groups, exclusive, missing } = dataSchema.entries;
const schema = v.strictObject({
  version: v.literal(1),
  model: modelSchema,
  classes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  label: label.wrapped,
  groups,
  exclusive,
  missing,
  // How the table's cells were spelt; left out where it had values, not texts.
  cells: v.optional(v.strictObject({ decimal, thousands, missingValues, text, replace, trim })),
  compared: v.array(name),
  // In pairs: a record cannot have a column named "constructor". Some files have one nevertheless.
  columns: v.union([v.array(v.tuple([name, kind])), v.pipe(v.record(name, kind), v.transform((of) => Object.entries(of)))]),
});

type Kind = v.InferOutput<typeof kind>;

/**
 * What a run says of its model besides its numbers, so that it can be used without the data: its layers, its label and classes,
 * and the columns that the promise names, each with its kind or its texts.
 */
export type SavedModel = v.InferOutput<typeof schema>;

/** The description of a trained model. */
export function savedModel(spec: Spec, data: Split<DataSet>, { encoding }: Encoder, table: Table): SavedModel {
  const kindOf = (column: string): Kind => {
    const values = table.column(column);
    if (values instanceof Float64Array) return "numbers";
    const levels = [...new Set(values)].filter((text) => text !== "");
    return levels.length > mostLevels ? "texts" : levels.sort();
  };
  const { given } = storageOf(table).origin;
  return {
    version: 1,
    model: spec.model,
    classes: classCount({ ...spec, data: { ...spec.data, label: encoding.label as Spec["data"]["label"] } }, data),
    label: encoding.label as SavedModel["label"],
    groups: encoding.groups as SavedModel["groups"],
    exclusive: encoding.exclusive as SavedModel["exclusive"],
    missing: encoding.missing as SavedModel["missing"],
    ...(given && { cells: cellsOf(given) }),
    compared: [...encoding.columns ?? []],
    columns: groupColumns(encoding).map((column) => [column, kindOf(column)]),
  };
}

function cellsOf({ decimal, thousands, missingValues, text, replace, trim }: CellOptions): SavedModel["cells"] {
  return { decimal, thousands, missingValues, text, replace, trim } as SavedModel["cells"];
}

/**
 * The model, the encoder and their description from the files of a run.
 * @throws {RangeError} for a description that cannot be read, and for numbers of another model
 */
export function loadedModel(described: unknown, scales: unknown, bytes: Uint8Array): {
  saved: SavedModel;
  encoder: Encoder;
  model: nn.Module;
} {
  const { success, output: saved, issues } = v.safeParse(schema, described);
  if (!success) {
    const [{ path, message }] = issues;
    throw new RangeError(`Cannot read model.json: ${path?.map(({ key }) => key).join(".") ?? "it"}: ${message}`);
  }
  const { label, groups, exclusive, missing, compared } = saved;
  const encoder = new Encoder(scales, { label, groups, exclusive, missing, columns: compared });
  const model = emptyModel(saved.model, encoder.featureNames.length, saved.classes, (kind) => {
    const classes = saved.classes === 0 ? "regression" : saved.classes, shapes = nn.readSafetensors(bytes);
    const sizeAt = (of: string) => {
      const [nodes, leaves] = ["feature", "leaf"].map((part) => shapes.get(`${of}${part}`)?.shape[0] ?? 1);
      return { nodes, leaves, classes } as const;
    };
    const trees = new Set(Array.from(shapes.keys(), (key) => key.split(".").slice(0, -1).join("."))).size;
    if (kind === "tree") return new nn.DecisionTree(sizeAt(""));
    return new nn.RandomForest(Array.from({ length: trees }, (_, i) => sizeAt(`trees.${i}.`)));
  });
  return { saved, encoder, model: nn.load(model, bytes) };
}
