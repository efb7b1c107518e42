import type { Conjunct, Evaluation } from "../constraints/evaluate.ts";
import type { Expression } from "../constraints/expression.ts";
import type { Forecast, Judgement } from "../constraints/judgement.ts";
import type { Sample } from "../constraints/sample.ts";

/** A group's part of a population: known, or from low to high. */
export type Proportion = number | readonly [low: number, high: number];

/**
 * The populations that a promise must hold for, by the proportions of groups, which each row belongs to one of. Of a column by its
 * values, `{ race: { a: [0.2, 0.4], b: [0.6, 0.8] } }`; or of conditions, `{ "age < 25": 0.3, "age >= 25": 0.7 }`.
 */
export type Shift = Readonly<Record<string, Proportion | Readonly<Record<string, Proportion>>>>;

/** Populations other than the one that the data is from. */
export interface Populations {
  /** Bounds a formula for all of them. */
  evaluate(conjunct: Conjunct, sample: Sample, judgement: Judgement, forecast?: Forecast): Evaluation;
  /** The greatest value of a formula that is found over them, if the rows are all that there are. */
  value(g: Expression, sample: Sample, judgement: Judgement): number;
}

/** The populations in words: "race is a 0.2 to 0.4, b 0.6 to 0.8". */
export function shiftText(shift: Shift): string {
  return Object.entries(shift).map(([name, parts]) =>
    isProportion(parts)
      ? partText(name, parts)
      : `${name} is ${Object.entries(parts).map(([value, part]) => partText(value, part)).join(", ")}`
  ).join(", ");
}

/** Whether it is a proportion, not several of a column's values. */
export function isProportion(parts: Shift[string]): parts is Proportion {
  return typeof parts !== "object" || parts === null || Array.isArray(parts);
}

function partText(name: string, part: Proportion): string {
  const [low, high] = typeof part === "number" ? [part, part] : part;
  return `${name} ${low === high ? low : `${low} to ${high}`}`;
}
