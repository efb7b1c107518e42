import { conditionText } from "../constraints/conditions.ts";
import type { Constraint, Expression, Leaf } from "../constraints/expression.ts";
import type { Operator } from "../constraints/operations.ts";
import { standardMeasures } from "../tasks/mod.ts";

/** A promise in words, such as "how often the true class is decided is at least 0.95". */
export function promiseWords({ left, relation, right }: Constraint, classes: readonly string[] = []): string {
  const side = (x: Expression) => wordsOf(x, classes);
  return `${side(left)} is at ${relation === ">=" ? "least" : "most"} ${right === undefined ? "0" : side(right)}`;
}

/** What a measure is, in words; a measure without words here is "the mean of" its name. */
export function measureWords({ measure, index, conditions, data }: Leaf, classes: readonly string[] = []): string {
  const named = (k: number) => classes[k] === undefined ? `class ${k}` : `class ${k} (${classes[k]})`;
  // A custom measure may have the name of one of the kit's.
  const [k = 1, other = 0] = index, known = standardMeasures.includes(measure) ? phrases[measure.name] : undefined;
  const [what, rows = "rows"] = known?.(named(k), named(other)) ??
    [`the mean of ${measure.name}${index.length === 0 ? "" : ` of ${index.join(", ")}`}`];
  const met = conditions.map((one) => conditionText(one)).join(" and ");
  const from = data === undefined ? "" : ` of the data "${data}"`;
  return rows === "rows" && met === "" && from === "" ? what : `${what} among ${rows}${from}${met === "" ? "" : ` with ${met}`}`;
}

/** A measure of class k, or of the pair of classes (i, j): what is counted, and among which rows. */
const phrases: Record<string, (k: string, j: string) => [what: string, rows?: string]> = {
  ACC: () => ["how often the true class is decided"],
  ER: () => ["how often a wrong class is decided"],
  PR: (k) => [`how often ${k} is decided`],
  NR: (k) => [`how often ${k} is not decided`],
  TPR: (k) => [`how often ${k} is decided`, `rows of ${k}`],
  FNR: (k) => [`how often ${k} is not decided`, `rows of ${k}`],
  FPR: (k) => [`how often ${k} is decided`, `rows not of ${k}`],
  TNR: (k) => [`how often ${k} is not decided`, `rows not of ${k}`],
  TP: (k) => [`how often a row is of ${k} and ${k} is decided`],
  FN: (k) => [`how often a row is of ${k} and ${k} is not decided`],
  FP: (k) => [`how often a row is not of ${k} and ${k} is decided`],
  TN: (k) => [`how often a row is not of ${k} and ${k} is not decided`],
  CM: (i, j) => [`how often ${j} is decided`, `rows of ${i}`],
  Mean_Squared_Error: () => ["the mean squared error"],
  Mean_Error: () => ["the mean error (the prediction less the label)"],
};

const infix: Partial<Record<Operator, string>> = {
  "+": "plus",
  "-": "less",
  "*": "times",
  "/": "divided by",
  "**": "to the power of",
};

function wordsOf(x: Expression, classes: readonly string[]): string {
  if (x.kind === "constant") return x.name;
  if (x.kind === "leaf") return measureWords(x, classes);
  const { operator, operands } = x, said = operands.map((one) => wordsOf(one, classes));
  const [first] = operands, word = infix[operator];
  if (operator === "abs" && first.kind === "compound" && first.operator === "-") {
    const [a, b] = first.operands.map((one) => wordsOf(one, classes));
    return `the difference between ${a} and ${b}`;
  }
  // What several operands belong to is clear in brackets only.
  const inner = operands.map((one, i) => one.kind === "compound" ? `[${said[i]}]` : said[i]);
  if (word !== undefined) return inner.join(` ${word} `);
  if (operator === "negate") return `minus ${inner[0]}`;
  if (operator === "abs") return `the size of ${inner[0]}`;
  if (operator === "max" || operator === "min") return `the ${operator === "max" ? "greatest" : "least"} of ${inner.join(", ")}`;
  return `${operator} of ${inner[0]}`;
}
