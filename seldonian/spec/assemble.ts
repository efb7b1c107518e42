import * as nn from "../../nn/mod.ts";
import type { TrainOptions } from "../algorithm.ts";
import type { DataSet } from "../data/data_set.ts";
import { Encoder, type Encoding } from "../data/encoder.ts";
import { readParquet } from "../data/parquet.ts";
import { type Split, split } from "../data/split.ts";
import { csv, type Table } from "../data/table.ts";
import { toolkitTable } from "../data/toolkit.ts";
import type { Spec } from "./schema.ts";

/** A spec's data, read, split and encoded. */
export interface SpecData {
  data: Split<DataSet>;
  encoder: Encoder;
}

/**
 * Reads, splits and encodes the data of a spec.
 * @param read the bytes of a file that the spec names
 */
export async function dataOf(spec: Spec, read: (file: string) => Promise<Uint8Array>): Promise<SpecData> {
  const { table, encoding } = await tableOf(spec, read), { safetyFraction, seed, stratify, groupBy } = spec;
  const values = (column: string | undefined) => column === undefined ? undefined : table.column(column);
  const { candidate, safety } = split(table, { safetyFraction, seed, stratify: values(stratify), groups: values(groupBy) });
  const encoder = new Encoder(candidate, encoding);
  return { data: { candidate: encoder.encode(candidate), safety: encoder.encode(safety) }, encoder };
}

async function tableOf(
  { data: { file, metadata, separator, missing, text, label, ...encoding } }: Spec,
  read: (file: string) => Promise<Uint8Array>,
): Promise<{ table: Table; encoding: Encoding }> {
  const decoded = async (name: string) => new TextDecoder().decode(await read(name));
  if (metadata !== undefined) {
    const toolkit = toolkitTable(await decoded(file), await decoded(metadata));
    return { table: toolkit.table, encoding: { ...toolkit.encoding, ...encoding, ...(label !== undefined && { label }) } };
  }
  if (label === undefined) throw new RangeError("Cannot use the data without data.label: say which column is to be predicted");
  const table = /\.parquet$/.test(file)
    ? await readParquet(await read(file))
    : csv(await decoded(file), { separator, missing, text });
  return { table, encoding: { ...encoding, label } };
}

/** The model of a spec for data of this kind, as yet without values; trees are grown on the candidate data. */
export function modelOf({ model, data: { label }, seed }: Spec, candidate: DataSet): nn.Module {
  const [width] = candidate.rowShape as number[], rows = candidate.whole();
  const classes = typeof label === "object" ? label.classes.length : new Set(candidate.labels).size;
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
        model.task === "regression" ? new nn.LinearRegression(last) : new nn.LogisticRegression(last, classes),
      );
    }
    case "tree":
    case "forest": {
      const { kind, task, ...options } = model, given = { features: rows.features, labels: candidate.labels };
      const grown = { ...options, seed, classes: task === "regression" ? "regression" as const : classes };
      return kind === "tree" ? nn.DecisionTree.grow(given, grown) : nn.RandomForest.grow(given, grown);
    }
  }
}

/** What `train()` is given, but for data and model. */
export function optionsOf(spec: Spec): Omit<TrainOptions<nn.Module>, "data" | "model"> {
  const { $schema: _, data: __, model, objective, safetyFraction: ___, stratify: ____, groupBy: _____, ...options } = spec;
  const regression = model.kind === "linear" || model.kind === "bounded-linear" ||
    ("task" in model && model.task === "regression");
  return { ...options, objective: nn[objective ?? (regression ? "meanSquaredError" : "logLoss")] } as Omit<
    TrainOptions<nn.Module>,
    "data" | "model"
  >;
}
