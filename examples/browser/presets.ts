import { condition, type Group, groupName } from "./groups.ts";

/** Promises that need no formula. */
export type Preset = "parity" | "opportunity" | "odds" | "error" | "accuracy";

/** A chosen promise. */
export interface Wanted {
  preset: Preset;
  /** The groups to compare. */
  pairs: readonly (readonly [Group, Group])[];
  /** The greatest difference or the least rate, in percent. */
  percent: number;
}

/** The prediction: rates are for this value of the label. */
export interface Predicted {
  label: string;
  positive: string;
  /** Its class number, if there are more than two classes. */
  index?: number;
}

/** Measures to equalise between groups; `classes`: whether they apply to one class. */
const compared: Record<Exclude<Preset, "accuracy">, { measures: string[]; classes: boolean }> = {
  parity: { measures: ["PR"], classes: true },
  opportunity: { measures: ["TPR"], classes: true },
  odds: { measures: ["TPR", "FPR"], classes: true },
  error: { measures: ["ER"], classes: false },
};

/** The constraint's text. */
export function textOf({ preset, pairs, percent }: Wanted, { index }: Predicted): string {
  if (preset === "accuracy") return `ACC >= ${percent / 100}`;
  const { measures, classes } = compared[preset], of = classes && index !== undefined ? `_[${index}]` : "";
  const differences = measures.flatMap((measure) =>
    pairs.map(([a, b]) => `abs((${measure}${of} | [${condition(a)}]) - (${measure}${of} | [${condition(b)}]))`)
  );
  return `${differences.length === 1 ? differences[0] : `max(${differences.join(", ")})`} <= ${percent / 100}`;
}

/** The constraint in words. @param delta the probability that it may be wrong */
export function sentenceOf({ preset, pairs, percent }: Wanted, { label, positive }: Predicted, delta: number): string {
  const wrong = `wrong with probability at most ${Number((100 * delta).toPrecision(4))} %.`;
  if (preset === "accuracy") return `The model is right about at least ${percent} % of all rows, ${wrong}`;
  const [[a, b]] = pairs,
    who = pairs.length === 1 ? `${groupName(a)} and ${groupName(b)}` : `each level of ${a.column} and all other rows`;
  const given = `${label} “${positive}”`;
  const says = {
    parity: `${who} are given ${given} equally often`,
    opportunity: `among those whose true ${label} is “${positive}”, ${who} are given it equally often`,
    odds: `among those whose true ${label} is “${positive}”, and among those whose is not, ${who} are given it equally often`,
    error: `the model is wrong equally often about ${who}`,
  }[preset];
  const points = `${percent} percentage point${percent === 1 ? "" : "s"}`;
  return `${says[0].toUpperCase()}${says.slice(1)}: the difference is at most ${points}, ${wrong}`;
}
