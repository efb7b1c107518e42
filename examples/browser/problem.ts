import { constraint, type Encoding, nn, prepare, type Prepared, type Table, type TrainOptions } from "../../mod.ts";
import type { TableParts } from "../../seldonian/tables/rows_reader.ts";
import { storageOf, tableOf } from "../../seldonian/tables/table.ts";

/** The worker's task. */
export interface Problem {
  /** The parsed table, so that the worker need not parse it again. */
  table: TableParts;
  encoding: Encoding & { label: { column: string; classes: readonly (string | number)[] } };
  safetyFraction: number;
  groupBy?: string;
  texts: readonly string[];
  delta: number;
  decided: boolean;
}

/** A table that can be sent to a worker. */
export function sent(table: Table): TableParts {
  const { columns, size, origin } = storageOf(table);
  return { columns, size, origin };
}

/** The columns of the table that constraints compare. */
export function comparedColumns(texts: readonly string[], names: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => constraint(text).leaves.flatMap((leaf) => leaf.columns)))]
    .filter((name) => names.includes(name));
}

/** The options of `train()`, except callbacks, and the prepared data. */
export function optionsFor({ table: parts, encoding, safetyFraction, groupBy, texts, delta, decided }: Problem):
  & Omit<Prepared, "data">
  & { options: TrainOptions<nn.Module> } {
  const table = tableOf(parts), columns = comparedColumns(texts, table.names);
  const { data, encoder, description } = prepare(table, { ...encoding, columns, safetyFraction, groupBy });
  return {
    encoder,
    description,
    options: {
      data,
      model: new nn.LogisticRegression(encoder.featureNames.length, encoding.label.classes.length),
      objective: nn.logLoss,
      constraints: texts.map((text) => ({ text, delta })),
      rates: decided ? "decided" : "expected",
      optimizer: { thetaRate: 0.01, lambdaRate: 0.1, regularization: 0.01, inflation: 3, epochs: 1500 },
    },
  };
}
