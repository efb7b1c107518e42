/** Random formulas: measures, conditions, and their combinations. */
import type { Choices } from "./choices.ts";
import type { Condition, Custom, Leaf, Node, Operator } from "./formula.ts";
import type { Task } from "./populations.ts";

/** Kinds of formulas, by the combination of measures. */
export type Shape =
  | "single"
  | "sum"
  | "weighted sum"
  | "mean"
  | "difference"
  | "gap"
  | "ratio"
  | "least or greatest"
  | "product"
  | "exp or log"
  | "difference of differences"
  | "greatest of gaps"
  | "sum of gaps"
  | "four fifths";

const leafCount: Record<Shape, readonly number[]> = {
  "single": [1],
  "sum": [2, 2, 3],
  "weighted sum": [2, 2, 3, 4],
  "mean": [2, 2, 3, 4],
  "difference": [2],
  "gap": [2],
  "ratio": [2],
  "least or greatest": [2, 3],
  "product": [2, 3],
  "exp or log": [1, 2],
  "difference of differences": [4],
  "greatest of gaps": [4],
  "sum of gaps": [4],
  "four fifths": [2],
};

const number = (value: number): Node => ({ kind: "number", value });
const operation = (operator: Operator, ...of: Node[]): Node => ({ kind: "operation", operator, of });

/** A formula of this shape; `leaf(i)` returns its i-th measure. */
export function formulaOf(choices: Choices, shape: Shape, leaf: (i: number) => Leaf): Node {
  const count = choices.pick(leafCount[shape]);
  const [a, b, c, d] = Array.from({ length: count }, (_, i): Node => ({ kind: "leaf", leaf: leaf(i) }));
  const all = [a, b, c, d].slice(0, count), factor = () => number(choices.pick([0.5, 2, 0.3, 1.25]));
  const sum = (nodes: Node[]) => nodes.reduce((x, y) => operation("+", x, y)),
    gap = (x: Node, y: Node) => operation("abs", operation("-", x, y));
  switch (shape) {
    case "single":
      return a;
    case "sum":
      return sum(all);
    case "weighted sum":
      return all.map((node) => operation("*", factor(), node)).reduce((x, y) =>
        operation(choices.pick(["+", "-"] as const), x, y)
      );
    case "mean":
      return operation("/", sum(all), number(count));
    case "difference":
      return operation("-", a, b);
    case "gap":
      return gap(a, b);
    case "ratio":
      return operation("/", a, b);
    case "least or greatest": {
      const operator = choices.pick(["min", "max"] as const);
      return all.reduce((x, y) => operation(operator, x, y));
    }
    case "product":
      return count === 2 ? operation("*", a, b) : operation("+", operation("*", a, b), c);
    case "exp or log":
      return count === 1
        ? choices.pick([operation("log", operation("+", a, number(0.2))), operation("exp", a), operation("**", a, number(2))])
        : operation("exp", operation("-", a, b));
    case "difference of differences":
      return operation("-", operation("-", a, b), operation("-", c, d));
    case "greatest of gaps":
      return operation("max", gap(a, b), gap(c, d));
    case "sum of gaps":
      return operation("+", gap(a, b), gap(c, d));
    case "four fifths":
      return operation("/", operation("min", a, b), operation("max", a, b));
  }
}

type Columns = Readonly<Record<string, number | string>>;
const is = (column: string): Condition => ({ text: column, holds: (columns: Columns) => columns[column] === 1 });
const A = is("A"), B = is("B"), M = is("M"), F = is("F");
const not = ({ text, holds }: Condition): Condition => ({ text: `!${text}`, holds: (columns) => !holds(columns) });
const and = (x: Condition, y: Condition): Condition => ({
  text: `${x.text} && ${y.text}`,
  holds: (columns) => x.holds(columns) && y.holds(columns),
});
const or = (x: Condition, y: Condition): Condition => ({
  text: `${x.text} || ${y.text}`,
  holds: (columns) => x.holds(columns) || y.holds(columns),
});
const race = (value: string): Condition => ({ text: `race == "${value}"`, holds: (columns) => columns.race === value });
const otherRace = (value: string): Condition => ({ text: `race != "${value}"`, holds: (columns) => columns.race !== value });
const younger: Condition = { text: "age < 30", holds: ({ age }) => (age as number) < 30 };
const older: Condition = { text: "age >= 30", holds: ({ age }) => (age as number) >= 30 };
const adult: Condition = { text: "age >= 25", holds: ({ age }) => (age as number) >= 25 };

/** Conditions for the measures of a formula, in turn; with A and B they are exclusive, overlapping, nested or equal. */
const pairs: readonly (readonly [number, readonly (Condition | null)[]])[] = [
  [6, [A, B]],
  [4, [M, F]],
  [2, [race("a"), race("b")]],
  [2, [younger, older]],
  [1, [A, not(A)]],
  [2, [A, null]],
  [2, [null, B]],
  [2, [and(M, A), and(F, A)]],
  [2, [A, M]],
  [1, [A, and(A, M)]],
  [1, [race("a"), otherRace("a")]],
  [1, [younger, adult]],
  [1, [or(A, B), B]],
  [1, [race("a"), race("b"), race("c")]],
  [1, [and(M, younger), and(M, older), and(F, younger), and(F, older)]],
];

/** Pairs that are exclusive by their columns alone. */
const apartPairs: typeof pairs = pairs.filter(([, [x, y]]) =>
  [[M, F], [younger, older]].some(([a, b]) => x === a && y === b) || x?.text === 'race == "a"'
);

/** A condition for each measure of a formula. */
export function conditionsOf(choices: Choices, which: "any" | "A and B" | "apart" | "none"): (i: number) => Condition | null {
  if (which === "none") return () => null;
  const conditions = which === "A and B" ? [A, B] : choices.weighted(which === "apart" ? apartPairs : pairs);
  const order = choices.chance(0.5) ? conditions : [...conditions].reverse();
  return (i) => order[i % order.length];
}

const binaryMeasures = [
  "PR",
  "NR",
  "FPR",
  "TPR",
  "FNR",
  "TNR",
  "TP",
  "FP",
  "TN",
  "FN",
  "ACC",
  "ACC",
  "ER",
  "ER",
  "Precision",
  "F1",
  "NPV",
  "FDR",
];
const classMeasures = ["PR", "NR", "FPR", "TPR", "FNR", "TNR", "TP", "FP", "TN", "FN", "CM", "ACC", "ER", "Precision"];
const withoutIndex = ["ACC", "ER"];

/** A measure with its index. */
export function measureOf(
  choices: Choices,
  task: Task,
  custom: readonly Custom[],
  simple: boolean,
): Pick<Leaf, "measure" | "index"> {
  if (custom.length > 0 && choices.chance(0.9)) return { measure: choices.pick(custom).name, index: [] };
  if (task === "regression") {
    const measure = choices.pick(["Mean_Squared_Error", "Mean_Error", ...(simple ? [] : ["CVaR"])]);
    return { measure, index: measure === "CVaR" ? [choices.pick([0.1, 0.3, 0.5])] : [] };
  }
  const ratios = ["Precision", "F1", "NPV", "FDR"];
  const measure = choices.pick(
    (task === "binary" ? binaryMeasures : classMeasures).filter((name) => !simple || !ratios.includes(name)),
  );
  if (task === "binary" || withoutIndex.includes(measure)) return { measure, index: [] };
  return { measure, index: Array.from({ length: measure === "CM" ? 2 : 1 }, () => choices.whole(0, 2)) };
}
