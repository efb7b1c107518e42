import { Encoder, nn, split, type Table, type TrainOptions } from "../../mod.ts";

/** What the page asks the worker to do. */
export interface Problem {
  csv: string;
  label: string;
  /** The label's text that is class 1; of numbers 0 and 1 it is "1". */
  positive: string;
  features: string[];
  text: string;
  delta: number;
  decided: boolean;
}

/** Texts of a column, or its numbers as texts. */
export function valuesOf(table: Table, name: string): string[] {
  return [...new Set(Array.from<string | number>(table.column(name)).map(String))].sort();
}

/** What `train()` is given, but for what shows its course. */
export function optionsFor(table: Table, { label, positive, features, text, delta, decided }: Problem): {
  options: TrainOptions<nn.Module>;
  encoder: Encoder;
} {
  const { candidate, safety } = split(table, { safetyFraction: 0.5 }), found = valuesOf(table, label);
  const numbers = table.column(label) instanceof Float64Array,
    classes = [...found.filter((value) => value !== positive), positive];
  const encoder = new Encoder(candidate, {
    label: { column: label, classes: numbers ? classes.map(Number) : classes },
    features,
    columns: table.names.filter((name) => name !== label),
  });
  return {
    encoder,
    options: {
      data: { candidate: encoder.encode(candidate), safety: encoder.encode(safety) },
      model: new nn.LogisticRegression(encoder.featureNames.length, classes.length),
      objective: nn.logLoss,
      constraints: [{ text, delta }],
      rates: decided ? "decided" : "expected",
      optimizer: { thetaRate: 0.01, lambdaRate: 0.1, regularization: 0.01, inflation: 3, epochs: 1500 },
    },
  };
}
