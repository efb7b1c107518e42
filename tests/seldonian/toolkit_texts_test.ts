import { equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { constraint, ConstraintError, DataSet, measures, safetyTest } from "../../mod.ts";
import type { Expression } from "../../seldonian/constraints/expression.ts";
import { standardMeasures } from "../../seldonian/tasks/mod.ts";
import { echo } from "../helpers/models.ts";

/*
 * Every constraint text of the Python toolkit (seldonian-engine 0.8.11): of its tests, examples, tutorials and experiments, and of
 * the reference figures. Trees are those that its own ParseTree makes of them, but for how they are written here.
 */

/** Measures that its texts name and the kit does not have: of reinforcement learning, and of the programs that the texts are from. */
const named = ["J_pi_new_IS", "J_pi_new_PDIS", "J_pi_new_WIS", "J_pi_new_US", "CPR", "CUST_LOSS", "CVaRSQE", "MED_MF"].map((
  name,
): measures.Measure => ({ ...measures.PR.measure, name, task: "regression" }));
const read = (text: string) => constraint(text, { measures: [...standardMeasures, ...named] });

const names: Record<string, string> = { "+": "add", "-": "sub", "*": "mult", "/": "div", "**": "pow" };

/** The toolkit's tree of a formula: it writes -x as -1 * x. */
function treeOf(x: Expression): string {
  if (x.kind === "constant") return `${x.value}`;
  if (x.kind === "leaf") return `${x}`;
  const operands = x.operands.map(treeOf);
  if (x.operator === "negate") operands.unshift("-1");
  return `${x.operator === "negate" ? "mult" : names[x.operator] ?? x.operator}(${operands.join(", ")})`;
}

const valid: [text: string, tree: string][] = [
  ["(ACC | [A]) >= 0.5", "sub(0.5, ACC | [A])"],
  ["(CM_[2,3] | [A,B]) - 0.5", "sub(CM_[2, 3] | [A, B], 0.5)"],
  ["(FPR * FNR) - 0.25", "sub(mult(FPR, FNR), 0.25)"],
  ["(FPR + FNR) - 0.25", "sub(add(FPR, FNR), 0.25)"],
  ["(FPR + FNR) - 0.5", "sub(add(FPR, FNR), 0.5)"],
  ["(FPR | [M]) - 0.2", "sub(FPR | [M], 0.2)"],
  ["(FPR|[A,B]) - 2.0", "sub(FPR | [A, B], 2)"],
  ["(J_pi_new_IS | [M]) >= -0.25", "sub(-0.25, J_pi_new_IS | [M])"],
  ["(J_pi_new_IS_[2] | [A,B]) - 0.5", "sub(J_pi_new_IS_[2] | [A, B], 0.5)"],
  ["(Mean_Error | [M]) - 0.1", "sub(Mean_Error | [M], 0.1)"],
  ["(Mean_Error|[M]) - 2.0", "sub(Mean_Error | [M], 2)"],
  ["(PR + NR + FPR + FNR + TPR + TNR) - 10.0", "sub(add(add(add(add(add(PR, NR), FPR), FNR), TPR), TNR), 10)"],
  ["(TPR - FPR) - 0.25", "sub(sub(TPR, FPR), 0.25)"],
  [
    "(abs(PR) + exp(NR*2) + FPR/4.0 + max(FNR,TPR) + min(TNR,0.5)) - 10.0",
    "sub(add(add(add(add(abs(PR), exp(mult(NR, 2))), div(FPR, 4)), max(FNR, TPR)), min(TNR, 0.5)), 10)",
  ],
  ["-0.25 - J_pi_new_IS", "sub(-0.25, J_pi_new_IS)"],
  ["-0.25 - J_pi_new_IS_[1]", "sub(-0.25, J_pi_new_IS_[1])"],
  ["-0.25 - J_pi_new_PDIS_[1]", "sub(-0.25, J_pi_new_PDIS_[1])"],
  ["-10+abs(Mean_Error)", "add(-10, abs(Mean_Error))"],
  ["-10.0 - J_pi_new_IS", "sub(-10, J_pi_new_IS)"],
  ["-10.0 - J_pi_new_WIS", "sub(-10, J_pi_new_WIS)"],
  ["-MED_MF", "mult(-1, MED_MF)"],
  ["-abs(Mean_Error | [M]) - 10", "sub(mult(-1, abs(Mean_Error | [M])), 10)"],
  ["-abs(Mean_Error) - 10", "sub(mult(-1, abs(Mean_Error)), 10)"],
  ["0 >= FPR - (0.5 + (PR | [M]))", "sub(FPR, add(0.5, PR | [M]))"],
  ["0.5 + (PR | [M]) >= FPR", "sub(FPR, add(0.5, PR | [M]))"],
  ["0.8 - min((PR | [M])/(PR | [F]),(PR | [F])/(PR | [M]))", "sub(0.8, min(div(PR | [M], PR | [F]), div(PR | [F], PR | [M])))"],
  ["1.0 - Mean_Squared_Error", "sub(1, Mean_Squared_Error)"],
  ["2.0 - Mean_Squared_Error", "sub(2, Mean_Squared_Error)"],
  ["ACC >= 0.5", "sub(0.5, ACC)"],
  ["ACC >= 0.9", "sub(0.9, ACC)"],
  ["ACC >= 0.95", "sub(0.95, ACC)"],
  ["CM_[0,0] - 0.5", "sub(CM_[0, 0], 0.5)"],
  ["CM_[0,0] >= 0.25", "sub(0.25, CM_[0, 0])"],
  ["CM_[0,1] - 0.5", "sub(CM_[0, 1], 0.5)"],
  ["CUST_LOSS <= 20.0", "sub(CUST_LOSS, 20)"],
  ["CUST_LOSS <= 30.0", "sub(CUST_LOSS, 30)"],
  ["CVaRSQE - 1.0", "sub(CVaRSQE, 1)"],
  ["CVaRSQE <= 10.0", "sub(CVaRSQE, 10)"],
  ["CVaRSQE <= 50.0", "sub(CVaRSQE, 50)"],
  ["CVaRSQE >= 5.0", "sub(5, CVaRSQE)"],
  ["FPR", "FPR"],
  ["FPR + 4/FPR - 2.0", "sub(add(FPR, div(4, FPR)), 2)"],
  ["FPR - (0.5 + (PR | [M]))", "sub(FPR, add(0.5, PR | [M]))"],
  ["FPR - (0.5 + (PR | [M])) <= 0", "sub(FPR, add(0.5, PR | [M]))"],
  ["FPR - (FNR + PR)*4", "sub(FPR, mult(add(FNR, PR), 4))"],
  ["FPR - 0.2", "sub(FPR, 0.2)"],
  ["FPR - 0.5", "sub(FPR, 0.5)"],
  ["FPR - FNR", "sub(FPR, FNR)"],
  ["FPR <= 0.1", "sub(FPR, 0.1)"],
  ["FPR <= 0.5 + (PR | [M])", "sub(FPR, add(0.5, PR | [M]))"],
  ["FPR <= e*0.05", "sub(FPR, mult(2.718281828459045, 0.05))"],
  ["J_pi_new_IS - 0.5", "sub(J_pi_new_IS, 0.5)"],
  ["J_pi_new_IS >= -0.25", "sub(-0.25, J_pi_new_IS)"],
  ["J_pi_new_IS >= -500", "sub(-500, J_pi_new_IS)"],
  ["J_pi_new_IS_[1] - 0.5", "sub(J_pi_new_IS_[1], 0.5)"],
  ["J_pi_new_IS_[1] >= -0.25", "sub(-0.25, J_pi_new_IS_[1])"],
  ["J_pi_new_PDIS_[1] - 0.5", "sub(J_pi_new_PDIS_[1], 0.5)"],
  ["J_pi_new_PDIS_[1] >= -0.25", "sub(-0.25, J_pi_new_PDIS_[1])"],
  ["J_pi_new_WIS_[1] - 0.5", "sub(J_pi_new_WIS_[1], 0.5)"],
  ["MED_MF - 0.1", "sub(MED_MF, 0.1)"],
  ["MED_MF - 0.2", "sub(MED_MF, 0.2)"],
  ["Mean_Squared_Error + 2.0", "add(Mean_Squared_Error, 2)"],
  ["Mean_Squared_Error - 2.0", "sub(Mean_Squared_Error, 2)"],
  ["Mean_Squared_Error - 5.0", "sub(Mean_Squared_Error, 5)"],
  ["Mean_Squared_Error <= 2.0", "sub(Mean_Squared_Error, 2)"],
  ["Mean_Squared_Error >= 1.25", "sub(1.25, Mean_Squared_Error)"],
  ["PR >= 0.9", "sub(0.9, PR)"],
  ["abs((ACC | [M]) - (ACC | [F])) <= 0.1", "sub(abs(sub(ACC | [M], ACC | [F])), 0.1)"],
  [
    "abs((FNR | [M]) - (FNR | [F])) + abs((FPR | [M]) - (FPR | [F])) <= 0.35",
    "sub(add(abs(sub(FNR | [M], FNR | [F])), abs(sub(FPR | [M], FPR | [F]))), 0.35)",
  ],
  ["abs((FNR | [M]) - (FNR | [F])) <= 0.2", "sub(abs(sub(FNR | [M], FNR | [F])), 0.2)"],
  ["abs((FPR | [M]) - (FPR | [F])) <= 0.2", "sub(abs(sub(FPR | [M], FPR | [F])), 0.2)"],
  [
    "abs((FPR|[M])-(FPR|[F]))+abs((FNR|[M])-(FNR|[F]))<=0.2",
    "sub(add(abs(sub(FPR | [M], FPR | [F])), abs(sub(FNR | [M], FNR | [F]))), 0.2)",
  ],
  ["abs((Mean_Error | [M]) - (Mean_Error | [F])) - 0.1", "sub(abs(sub(Mean_Error | [M], Mean_Error | [F])), 0.1)"],
  ["abs((Mean_Error|[M]) - (Mean_Error|[F])) - 0.1", "sub(abs(sub(Mean_Error | [M], Mean_Error | [F])), 0.1)"],
  [
    "abs((Mean_Squared_Error | [zipcode_zip1]) - (Mean_Squared_Error | [zipcode_zip2])) - 0.2",
    "sub(abs(sub(Mean_Squared_Error | [zipcode_zip1], Mean_Squared_Error | [zipcode_zip2])), 0.2)",
  ],
  ["abs((PR | [M]) - (PR | [F])) - 0.1", "sub(abs(sub(PR | [M], PR | [F])), 0.1)"],
  ["abs((PR | [M]) - (PR | [F])) - 0.15", "sub(abs(sub(PR | [M], PR | [F])), 0.15)"],
  ["abs((PR | [M]) - (PR | [F])) - 0.2", "sub(abs(sub(PR | [M], PR | [F])), 0.2)"],
  ["abs((PR | [M]) - (PR | [F])) <= 0.2", "sub(abs(sub(PR | [M], PR | [F])), 0.2)"],
  ["abs(Mean_Error|[M]) - 0.1", "sub(abs(Mean_Error | [M]), 0.1)"],
  ["abs(Mean_Error|[X,Y,Z]) - 0.1", "sub(abs(Mean_Error | [X, Y, Z]), 0.1)"],
  ["abs(Mean_Error|[X]) - 0.1", "sub(abs(Mean_Error | [X]), 0.1)"],
  ["abs(Mean_Squared_Error) - 2.0", "sub(abs(Mean_Squared_Error), 2)"],
  ["exp(FPR - 0.5)", "exp(sub(FPR, 0.5))"],
  [
    "min((ACC | [M])/(ACC | [F]),(ACC | [F])/(ACC | [M])) >= 0.8",
    "sub(0.8, min(div(ACC | [M], ACC | [F]), div(ACC | [F], ACC | [M])))",
  ],
  ["min((PR | [M])/(PR | [F]),(PR | [F])/(PR | [M])) >= 0.8", "sub(0.8, min(div(PR | [M], PR | [F]), div(PR | [F], PR | [M])))"],
  ["min((PR | [M])/(PR),(PR)/(PR | [M])) >= 0.9", "sub(0.9, min(div(PR | [M], PR), div(PR, PR | [M])))"],
  ["min((PR | [X]), (PR | [Y]))", "min(PR | [X], PR | [Y])"],
  ["PR_[0]-0.5", "sub(PR_[0], 0.5)"],
  ["(PR_[1] | [A,B]) - 0.5", "sub(PR_[1] | [A, B], 0.5)"],
  ["NR_[0]-0.5", "sub(NR_[0], 0.5)"],
  ["(NR_[1] | [A,B]) - 0.5", "sub(NR_[1] | [A, B], 0.5)"],
  ["FPR_[0]-0.5", "sub(FPR_[0], 0.5)"],
  ["(FPR_[1] | [A,B]) - 0.5", "sub(FPR_[1] | [A, B], 0.5)"],
  ["TNR_[0]-0.5", "sub(TNR_[0], 0.5)"],
  ["(TNR_[1] | [A,B]) - 0.5", "sub(TNR_[1] | [A, B], 0.5)"],
  ["TPR_[0]-0.5", "sub(TPR_[0], 0.5)"],
  ["(TPR_[1] | [A,B]) - 0.5", "sub(TPR_[1] | [A, B], 0.5)"],
  ["FNR_[0]-0.5", "sub(FNR_[0], 0.5)"],
  ["(FNR_[1] | [A,B]) - 0.5", "sub(FNR_[1] | [A, B], 0.5)"],
  [
    "min((CPR | [M])/(CPR | [F]),(CPR | [F])/(CPR | [M])) >= 0.9",
    "sub(0.9, min(div(CPR | [M], CPR | [F]), div(CPR | [F], CPR | [M])))",
  ],
  ["min((PR | [M])/(PR | [F]),(PR | [F])/(PR | [M])) >= 0.9", "sub(0.9, min(div(PR | [M], PR | [F]), div(PR | [F], PR | [M])))"],
  ["Mean_Squared_Error + Mean_Error  - 15.0", "sub(add(Mean_Squared_Error, Mean_Error), 15)"],
  ["max(Mean_Squared_Error,Mean_Error)  - 2.0", "sub(max(Mean_Squared_Error, Mean_Error), 2)"],
  ["Mean_Squared_Error + Mean_Error  - 5.0", "sub(add(Mean_Squared_Error, Mean_Error), 5)"],
  ["ACC >= 0.6", "sub(0.6, ACC)"],
  ["PR <= 0.7", "sub(PR, 0.7)"],
  ["NR - 0.5", "sub(NR, 0.5)"],
  ["FPR <= 0.4", "sub(FPR, 0.4)"],
  ["TPR >= 0.5", "sub(0.5, TPR)"],
  ["FNR <= 0.5", "sub(FNR, 0.5)"],
  ["TNR >= 0.3", "sub(0.3, TNR)"],
  ["abs((PR | [M]) - (PR | [F])) <= 0.15", "sub(abs(sub(PR | [M], PR | [F])), 0.15)"],
  [
    "abs((FPR | [M]) - (FPR | [F])) + abs((FNR | [M]) - (FNR | [F])) <= 0.35",
    "sub(add(abs(sub(FPR | [M], FPR | [F])), abs(sub(FNR | [M], FNR | [F]))), 0.35)",
  ],
  ["0.8 - min((ACC | [M]),(ACC | [F]))", "sub(0.8, min(ACC | [M], ACC | [F]))"],
  ["(PR | [M, A]) <= 0.9", "sub(PR | [M, A], 0.9)"],
  ["max((FPR | [M]),(FPR | [F])) <= 0.5", "sub(max(FPR | [M], FPR | [F]), 0.5)"],
  ["exp(FPR) - 2.0 <= 0.1", "sub(sub(exp(FPR), 2), 0.1)"],
  ["log(ACC) >= 0.0 - 1.0", "sub(sub(0, 1), log(ACC))"],
  ["ACC**2 >= 0.2", "sub(0.2, pow(ACC, 2))"],
  ["-ACC + 0.55", "add(mult(-1, ACC), 0.55)"],
  ["(PR | [M]) - 2*(NR | [F]) + 0.1 <= e", "sub(add(sub(PR | [M], mult(2, NR | [F])), 0.1), 2.718281828459045)"],
  ["Mean_Squared_Error - 0.1", "sub(Mean_Squared_Error, 0.1)"],
  ["abs((Mean_Error | [M]) - (Mean_Error | [F])) <= 0.3", "sub(abs(sub(Mean_Error | [M], Mean_Error | [F])), 0.3)"],
  ["Mean_Error <= 0.5", "sub(Mean_Error, 0.5)"],
  [
    "(Mean_Squared_Error | [A]) / (Mean_Squared_Error | [M]) <= 1.5",
    "sub(div(Mean_Squared_Error | [A], Mean_Squared_Error | [M]), 1.5)",
  ],
  ["ACC >= 0.4", "sub(0.4, ACC)"],
  ["(ACC | [M]) >= 0.4", "sub(0.4, ACC | [M])"],
  ["abs((ACC | [M]) - (ACC | [F])) <= 0.2", "sub(abs(sub(ACC | [M], ACC | [F])), 0.2)"],
  ["J_pi_new_US_[1] >= -5.4", "sub(-5.4, J_pi_new_US_[1])"],
  ["(FPR | [F,R1]) <= 0.2", "sub(FPR | [F, R1], 0.2)"],
  ["0.88 <= TPR", "sub(0.88, TPR)"],
  ["0.9 - min((PR | [M])/(PR),(PR)/(PR | [M]))", "sub(0.9, min(div(PR | [M], PR), div(PR, PR | [M])))"],
  ["4.0 >= Mean_Squared_Error", "sub(Mean_Squared_Error, 4)"],
  ["FPR <= 0.5 + 0.3*(PR | [M])", "sub(FPR, add(0.5, mult(0.3, PR | [M])))"],
  ["J_pi_new_IS >= - 0.25", "sub(-0.25, J_pi_new_IS)"],
  ["Mean_Squared_Error - 3.0", "sub(Mean_Squared_Error, 3)"],
  ["Mean_Squared_Error - 4.0 <= 0", "sub(Mean_Squared_Error, 4)"],
  ["Mean_Squared_Error <= 4.0", "sub(Mean_Squared_Error, 4)"],
  ["abs((CM_[0,0] | [M]) - (CM_[0,0] | [F])) <= 0.1", "sub(abs(sub(CM_[0, 0] | [M], CM_[0, 0] | [F])), 0.1)"],
  [
    "abs((FNR | [M]) - (FNR | [F])) + abs((FPR | [M]) - (FPR | [F])) - 0.35",
    "sub(add(abs(sub(FNR | [M], FNR | [F])), abs(sub(FPR | [M], FPR | [F]))), 0.35)",
  ],
  ["abs((FNR | [M]) - (FNR | [F])) - 0.2", "sub(abs(sub(FNR | [M], FNR | [F])), 0.2)"],
  ["abs((FPR | [M]) - (FPR | [F])) - 0.2", "sub(abs(sub(FPR | [M], FPR | [F])), 0.2)"],
  ["abs((FPR | [M]) - FPR) - 0.1", "sub(abs(sub(FPR | [M], FPR)), 0.1)"],
  ["abs((PR | [M]) - PR) - 0.1", "sub(abs(sub(PR | [M], PR)), 0.1)"],
  ["max(FPR/TPR,FNR/TNR) <= 0.5", "sub(max(div(FPR, TPR), div(FNR, TNR)), 0.5)"],
  [
    "min((ACC | [democrat])/(ACC | [republican]),(ACC | [republican])/(ACC | [democrat])) >= 0.8",
    "sub(0.8, min(div(ACC | [democrat], ACC | [republican]), div(ACC | [republican], ACC | [democrat])))",
  ],
];

test("every text that is valid in the toolkit is read, with the same tree, and its printed form is read as the same", () => {
  for (const [text, tree] of valid) {
    const stated = read(text), again = read(`${stated}`);
    // Of "x <= 0" the toolkit leaves out the 0.
    equal(treeOf(stated.g).replace(/^sub\((.*), 0\)$/, "$1"), tree, text);
    equal(treeOf(again.g), treeOf(stated.g), text);
    equal(`${again}`, `${stated}`, text);
  }
});

const parentheses = "a condition needs parentheses around it, as in (PR | [M]) <= 0.5, because | binds less than all else";
const unknown = (name: string) => new RegExp(`^unknown measure "${name}"; `),
  index = "a class is a whole number from 0, as in PR_[1]";

/** What the toolkit refuses, and why the kit does. */
const invalid: [text: string, why: string | RegExp][] = [
  // Conditions that are none.
  ["Mean_Error | M ", parentheses],
  ["abs(Mean_Error | [M] - Mean_Error | [F]) - 0.1", parentheses],
  ["(Mean_Error | M,F)", 'unexpected ","'],
  ["abs((Mean_Error | [M]) - (Mean_Error | F,L)) - 0.1", 'unexpected ","'],
  ["abs((Mean_Error | A,B) - (Mean_Error | [F])) - 0.1", 'unexpected ","'],
  // Unknown names; J_pi_new is one that earlier versions had.
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
  // An index that is no whole number.
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

test("every text that the toolkit refuses for what it says is refused here, with a reason", () => {
  for (const [text, why] of invalid) {
    throws(() => read(text), (error) => {
      ok(error instanceof ConstraintError && error.text === text, `${text}: ${error}`);
      ok(typeof why === "string" ? error.why === why : why.test(error.why), `${text}: ${error.why}`);
      return true;
    });
  }
});

test("measures of reinforcement learning, which the kit does not have, are unknown until they are given", () => {
  for (const [text] of valid.filter(([text]) => text.includes("J_pi_new"))) {
    throws(() => constraint(text), /unknown measure "J_pi/);
  }
});

test("texts that the toolkit refuses and the kit reads are more of the language, or are refused where there is data", async () => {
  equal(`${read("min((PR | [X]), (PR | [Y]), (PR | [Z]))")}`, "min((PR | [X]), (PR | [Y]), (PR | [Z]))");
  equal(`${read("+Mean_Error")}`, "Mean_Error");
  const data = new DataSet({ features: [[1], [2]], columns: { M: [0, 1], F: [1, 0] } });
  const tested = (text: string) => safetyTest({ model: echo, data, constraints: [{ text, delta: 0.05 }] });
  await rejects(tested("(Mean_Error | [G])"), /unknown column "G"; the data has M, F/);
  // A name without brackets is another data set.
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
