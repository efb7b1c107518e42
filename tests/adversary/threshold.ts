/** Thresholds that a formula barely breaks. */
import { type Custom, type Leaf, leavesIn, type Node } from "./formula.ts";
import { type Law, withTypes } from "./law.ts";
import { type Estimand, shareOf, type Truth, valueOf } from "./oracle.ts";
import { outputScale } from "./populations.ts";
import type { Other } from "./question.ts";

/** The amount by which a promise is broken. */
const hair = 1e-6;

/** The laws and options for judging a formula. */
export interface Judged {
  laws: readonly Law[];
  others: readonly Other[];
  rates: "expected" | "decided";
  custom: readonly Custom[];
  estimands: readonly Estimand[];
  tested: number;
}

/** The number that the formula barely misses, under each law and in each sense; `null` if no such promise is worth a test. */
export function thresholdOf(
  formula: Node,
  relation: "<=" | ">=",
  { laws, others, rates, custom, estimands, tested }: Judged,
): number | null {
  const truths = laws.flatMap((law) =>
    estimands.map((estimand): Truth => ({
      laws: { "": law, ...Object.fromEntries(others.map(({ name, law }) => [name, law])) },
      rates,
      custom,
      estimand,
    }))
  );
  const [first] = truths, leaves = leavesIn(formula);
  if (leaves.some((leaf) => shareOf(leaf, first) * tested < 1)) return null;
  if (truths.some((truth) => !Number.isFinite(valueOf(formula, truth))) && !hasNaN(laws)) return null;
  const values = truths.map((truth) => hasNaN(laws) ? valueOf(formula, withoutNaN(truth)) : valueOf(formula, truth));
  if (!values.every(Number.isFinite)) return null;
  if (denominators(formula).some((node) => truths.some((truth) => Math.abs(valueOf(node, truth)) < 0.02))) return null;
  const sign = relation === "<=" ? 1 : -1;
  const threshold = sign === 1 ? Math.min(...values) - hair : Math.max(...values) + hair, rounded = Number(threshold.toFixed(9));
  // Some values of the measures must keep the promise: at least one corner of their ranges does.
  const corners = cornersOf(formula, leaves, custom);
  return corners.some((value) => sign * (value - rounded) < -1e-3) ? rounded : null;
}

function hasNaN(laws: readonly Law[]): boolean {
  return laws.some(({ types }) => types.some(({ outputs }) => outputs.some(Number.isNaN)));
}

/** The truth with NaN counted as 0, so that the rest allows a promise. */
function withoutNaN(truth: Truth): Truth {
  const laws = Object.fromEntries(
    Object.entries(truth.laws).map((
      [name, law],
    ) => [name, withTypes(law, ({ outputs }) => ({ outputs: outputs.map((p) => Number.isNaN(p) ? 0 : p) }))]),
  );
  return { ...truth, laws };
}

function denominators(node: Node): Node[] {
  if (node.kind !== "operation") return [];
  return [...(node.operator === "/" ? [node.of[1]] : []), ...node.of.flatMap(denominators)];
}

/** The values of the formula with every measure at an end of its range. */
function cornersOf(formula: Node, leaves: readonly Leaf[], custom: readonly Custom[]): number[] {
  const names = [...new Set(leaves.map((leaf) => JSON.stringify(leaf)))], corners: number[] = [];
  for (let corner = 0; corner < 2 ** names.length; corner++) {
    const at = (leaf: Leaf) => {
      const [low, high] = rangeOf(leaf.measure, custom), end = corner >> names.indexOf(JSON.stringify(leaf)) & 1;
      return end === 0 ? low + 1e-9 : high;
    };
    const replaced = (node: Node): Node =>
      node.kind === "leaf"
        ? { kind: "number", value: at(node.leaf) }
        : node.kind === "operation"
        ? { ...node, of: node.of.map(replaced) }
        : node;
    corners.push(valueOf(replaced(formula), { laws: {}, rates: "expected", custom: [], estimand: "rows" }));
  }
  return corners;
}

/** The range of a measure. */
export function rangeOf(measure: string, custom: readonly Custom[]): readonly [number, number] {
  const own = custom.find(({ name }) => name === measure);
  if (own !== undefined) return own.range;
  if (measure === "Mean_Error") return [-outputScale, outputScale];
  return measure === "Mean_Squared_Error" || measure === "CVaR" ? [0, outputScale ** 2] : [0, 1];
}
