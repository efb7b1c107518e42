/**
 * The truth: every measure's expectation under a law, from its definition and by sums over the types of rows. Nothing here is
 * from the kit, so an error in the kit's measures shows.
 */
import type { Custom, Leaf, Node } from "./formula.ts";
import type { Law, RowType } from "./law.ts";

/** What a measure is a mean of: rows, or clusters that count once each. */
export type Estimand = "rows" | "clusters";

/** The laws and options for judging a model. */
export interface Truth {
  /** The laws of the data sets, the main one under "". */
  laws: Readonly<Record<string, Law>>;
  rates: "expected" | "decided";
  custom: readonly Custom[];
  estimand: Estimand;
}

/** A formula's value. */
export function valueOf(node: Node, truth: Truth): number {
  if (node.kind === "number") return node.value;
  if (node.kind === "leaf") return leafValue(node.leaf, truth);
  const [a, b] = node.of.map((operand) => valueOf(operand, truth));
  switch (node.operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "**":
      return a ** b;
    case "abs":
      return Math.abs(a);
    case "exp":
      return Math.exp(a);
    case "log":
      return Math.log(a);
    case "min":
      return Math.min(a, b);
    case "max":
      return Math.max(a, b);
  }
}

/** A measure's value. */
export function leafValue(leaf: Leaf, truth: Truth): number {
  const { measure } = leaf, part = (name: string) => leafValue({ ...leaf, measure: name }, truth);
  switch (measure) {
    case "Precision":
      return part("TP") / (part("TP") + part("FP"));
    case "FDR":
      return part("FP") / (part("TP") + part("FP"));
    case "NPV":
      return part("TN") / (part("TN") + part("FN"));
    case "F1":
      return 2 * part("TP") / (2 * part("TP") + part("FP") + part("FN"));
    case "CVaR":
      return worstPart(truth.laws[leaf.data ?? ""].types.filter((type) => counts(leaf, type, truth)), leaf.index[0]);
    default:
      return mean(leaf, truth);
  }
}

function mean(leaf: Leaf, truth: Truth): number {
  const { types, clusters } = truth.laws[leaf.data ?? ""];
  const counting = types.map((type) => counts(leaf, type, truth) ? 1 : 0);
  const values = types.map((type, i) => counting[i] === 0 ? 0 : valueOfRow(leaf, type, truth));
  if (clusters === null) {
    return ratioOfSums(types.map(({ weight }, i) => [weight * counting[i] * values[i], weight * counting[i]]));
  }
  return ratioOfSums(clusters.map(({ weight, size, types: within, alike }) => {
    const total = within.reduce((sum, w) => sum + w, 0), p = within.map((w) => w / total);
    const share = p.reduce((sum, p, i) => sum + p * counting[i], 0);
    const part = p.reduce((sum, p, i) => sum + p * counting[i] * values[i], 0);
    if (share === 0) return [0, 0];
    // If a cluster has rows that count, their mean has the expectation of one of them. It has some with this probability.
    const some = truth.estimand === "rows" ? size * share : alike ? share : 1 - (1 - share) ** size;
    return [weight * some * (part / share), weight * some];
  }));
}

function ratioOfSums(parts: readonly (readonly [number, number])[]): number {
  const [top, bottom] = parts.reduce(([top, bottom], [a, b]) => [top + a, bottom + b], [0, 0]);
  return top / bottom;
}

/** The mean of the worst squared errors, a share `level` of all. */
function worstPart(types: readonly RowType[], level: number): number {
  const total = types.reduce((sum, { weight }) => sum + weight, 0);
  const losses = types.map(({ outputs: [p], label, weight }) => ({ loss: (p - label) ** 2, p: weight / total }))
    .sort((a, b) => b.loss - a.loss);
  let left = level, sum = 0;
  for (const { loss, p } of losses) {
    const taken = Math.min(left, p);
    sum += taken * loss;
    left -= taken;
  }
  return sum / level;
}

/** The probability that a row of the law counts for a leaf. */
export function shareOf(leaf: Leaf, truth: Truth): number {
  const { types } = truth.laws[leaf.data ?? ""];
  return ratioOfSums(types.map((type) => [counts(leaf, type, truth) ? type.weight : 0, type.weight]));
}

/** Whether rows of a type count for a leaf. */
export function counts(leaf: Leaf, type: RowType, { custom }: Pick<Truth, "custom">): boolean {
  const { measure, index: [k = 1], condition } = leaf, { label, columns } = type;
  if (condition !== null && !condition.holds(columns)) return false;
  const own = custom.find(({ name }) => name === measure);
  if (own !== undefined) return own.ofClass === null || label === own.ofClass;
  if (measure === "FPR" || measure === "TNR") return label !== k;
  if (measure === "TPR" || measure === "FNR" || measure === "CM") return label === k;
  return true;
}

function valueOfRow({ measure, index }: Leaf, type: RowType, { rates, custom }: Truth): number {
  const { label, outputs: [output] } = type;
  const own = custom.find(({ name }) => name === measure);
  if (own !== undefined) return own.byKind !== null ? own.byKind[type.columns.kind as number] : costOf(own, type, rates);
  if (measure === "Mean_Squared_Error") return (output - label) ** 2;
  if (measure === "Mean_Error") return output - label;
  const judged = judgedOutputs(type, rates), [k = 1] = index;
  const yes = probabilityOf(measure === "CM" ? index[1] : k, judged), is = label === k ? 1 : 0;
  const right = probabilityOf(label, judged);
  switch (measure) {
    case "ACC":
      return right;
    case "ER":
      return 1 - right;
    case "NR":
    case "TNR":
    case "FNR":
      return 1 - yes;
    case "PR":
    case "FPR":
    case "TPR":
    case "CM":
      return yes;
    case "TP":
      return yes * is;
    case "FP":
      return yes * (1 - is);
    case "TN":
      return (1 - yes) * (1 - is);
    case "FN":
      return (1 - yes) * is;
  }
  throw new Error(`The oracle does not know ${measure}`);
}

/** A cost that rises with the distance of output and label, from one end of its range to the other. */
function costOf({ range: [low, high], task }: Custom, type: RowType, rates: Truth["rates"]): number {
  const [p] = task === "regression" ? type.outputs : judgedOutputs(type, rates);
  return low + (high - low) * Math.min(1, Math.abs(p - type.label));
}

/** The probabilities, or for decided rates 1 for the decision and 0 for the rest. */
function judgedOutputs({ outputs }: RowType, rates: Truth["rates"]): readonly number[] {
  if (rates === "expected") return outputs;
  if (outputs.length === 1) return [outputs[0] >= 0.5 ? 1 : 0];
  const best = outputs.indexOf(Math.max(...outputs));
  return outputs.map((_, k) => k === best ? 1 : 0);
}

function probabilityOf(k: number, judged: readonly number[]): number {
  return judged.length > 1 ? judged[k] : k === 1 ? judged[0] : 1 - judged[0];
}
