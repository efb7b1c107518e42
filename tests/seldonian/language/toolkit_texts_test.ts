import { equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { constraint, ConstraintError, DataSet, measures, safetyTest } from "../../../mod.ts";
import type { Expression } from "../../../seldonian/constraints/expression.ts";
import { standardMeasures } from "../../../seldonian/tasks/mod.ts";
import { echo } from "../../helpers/models.ts";
import { valid } from "./toolkit_texts.ts";

/*
 * Every constraint text of the Python toolkit (seldonian-engine 0.8.11): from its tests, examples, tutorials and experiments, and
 * from the reference figures. The trees are those of its ParseTree, in another notation.
 */

/** Measures in the toolkit's texts that the kit lacks: of reinforcement learning, and of the programs with these texts. */
const named = ["J_pi_new_IS", "J_pi_new_PDIS", "J_pi_new_WIS", "J_pi_new_US", "CPR", "CUST_LOSS", "CVaRSQE", "MED_MF"].map((
  name,
): measures.Measure => ({ ...measures.PR.measure, name, task: "regression" }));
const read = (text: string) => constraint(text, { measures: [...standardMeasures, ...named] });

const names: Record<string, string> = { "+": "add", "-": "sub", "*": "mult", "/": "div", "**": "pow" };

/** The toolkit's tree of a formula; the toolkit writes -x as -1 * x. */
function treeOf(x: Expression): string {
  if (x.kind === "constant") return `${x.value}`;
  if (x.kind === "leaf") return `${x}`;
  const operands = x.operands.map(treeOf);
  if (x.operator === "negate") operands.unshift("-1");
  return `${x.operator === "negate" ? "mult" : names[x.operator] ?? x.operator}(${operands.join(", ")})`;
}

test("every text that is valid in the toolkit is read with the same tree, and so is its printed form", () => {
  for (const [text, tree] of valid) {
    const stated = read(text), again = read(`${stated}`);
    // The toolkit leaves out the 0 of "x <= 0".
    equal(treeOf(stated.g).replace(/^sub\((.*), 0\)$/, "$1"), tree, text);
    equal(treeOf(again.g), treeOf(stated.g), text);
    equal(`${again}`, `${stated}`, text);
  }
});

const parentheses = "a condition needs parentheses around it, as in (PR | [M]) <= 0.5, because | binds less than all else";
const unknown = (name: string) => new RegExp(`^unknown measure "${name}"; `),
  index = "a class is a whole number from 0, as in PR_[1]";

/** Texts that the toolkit refuses, and the kit's reason. */
const invalid: [text: string, why: string | RegExp][] = [
  // Invalid conditions.
  ["Mean_Error | M ", parentheses],
  ["abs(Mean_Error | [M] - Mean_Error | [F]) - 0.1", parentheses],
  ["(Mean_Error | M,F)", 'unexpected ","'],
  ["abs((Mean_Error | [M]) - (Mean_Error | F,L)) - 0.1", 'unexpected ","'],
  ["abs((Mean_Error | A,B) - (Mean_Error | [F])) - 0.1", 'unexpected ","'],
  // Unknown names; earlier versions had J_pi_new.
  ["X - 2.0", unknown("X")],
  ["(X | [A]) - 2.0", unknown("X")],
  ["XYZ <= 0", unknown("XYZ")],
  ["Bad_Base_Node", unknown("Bad_Base_Node")],
  ["Bad_Base_Node - 10.0", unknown("Bad_Base_Node")],
  ["J_pi_new >= -0.25", unknown("J_pi_new")],
  // Operators and relations.
  ["FPR & FNR", "unknown operator &; wanted one of + - * / **"],
  ["FPR^4", "unknown operator ^; wanted one of + - * / **"],
  ["FPR//4", 'unexpected "/"'],
  ["FPR<4", "unknown relation <; wanted <= or >="],
  ["FPR>4", "unknown relation >; wanted <= or >="],
  // An index that is not a whole number.
  ["J_pi_new_IS_[1.1] - 0.5", index],
  ["J_pi_new_IS_[N] - 0.5", index],
  ["J_pi_new_PDIS_[5.9] - 0.5", index],
  ["J_pi_new_PDIS_[M] - 0.5", index],
  ["J_pi_new_WIS_[5.9] - 0.5", index],
  ["J_pi_new_WIS_[M] - 0.5", index],
  // Arguments.
  ["abs()", "abs takes 1 argument, found 0"],
  ["abs((PR | [X]), (PR | [Y]))", "abs takes 1 argument, found 2"],
  ["exp((PR | [X]), (PR | [Y]))", "exp takes 1 argument, found 2"],
  ["log((PR | [X]), (PR | [Y]))", "log takes 1 argument, found 2"],
  ["max((PR | [X]))", "max takes 2 arguments or more, found 1"],
  ["min((PR | [X]))", "min takes 2 arguments or more, found 1"],
];

test("texts that the toolkit refuses are refused by the kit, with a reason", () => {
  for (const [text, why] of invalid) {
    throws(() => read(text), (error) => {
      ok(error instanceof ConstraintError && error.text === text, `${text}: ${error}`);
      ok(typeof why === "string" ? error.why === why : why.test(error.why), `${text}: ${error.why}`);
      return true;
    });
  }
});

test("measures of reinforcement learning, which the kit lacks, are unknown by default", () => {
  for (const [text] of valid.filter(([text]) => text.includes("J_pi_new"))) {
    throws(() => constraint(text), /unknown measure "J_pi/);
  }
});

test("texts that only the toolkit refuses extend the language, or are refused with the data", async () => {
  equal(`${read("min((PR | [X]), (PR | [Y]), (PR | [Z]))")}`, "min((PR | [X]), (PR | [Y]), (PR | [Z]))");
  equal(`${read("+Mean_Error")}`, "Mean_Error");
  const data = new DataSet({ features: [[1], [2]], columns: { M: [0, 1], F: [1, 0] } });
  const tested = (text: string) => safetyTest({ model: echo, data, constraints: [{ text, delta: 0.05 }] });
  await rejects(tested("(Mean_Error | [G])"), /unknown column "G"; the data has M, F/);
  // A name without brackets names another data set.
  const noSuchData = /there is no data set "[MF]" in others; for the rows where a column is 1 write \(Mean_Error \| \[[MF]\]\)/;
  for (
    const text of [
      "(Mean_Error | M)",
      "abs((Mean_Error | M) - (Mean_Error | F)) - 0.1",
      "abs((Mean_Error | M) - (Mean_Error | [F])) - 0.1",
      "abs((Mean_Error | [M]) - (Mean_Error | F)) - 0.1",
    ]
  ) await rejects(tested(text), noSuchData);
});
