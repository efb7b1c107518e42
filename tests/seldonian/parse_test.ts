import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { abs, constraint, ConstraintError, max, measures, min } from "../../mod.ts";
import { Constant, type Expression, Leaf } from "../../seldonian/constraints/expression.ts";
import { shareDelta } from "../../seldonian/constraints/shares.ts";
import { fc } from "../deps.ts";

const { ACC, CM, PR, FPR } = measures;

const leaf: fc.Arbitrary<Expression> = fc.constantFrom(
  ACC,
  PR.given("M"),
  FPR.of(2),
  CM.of(0, 1),
  PR.of(1).given("M", "F"),
  PR.given("age < 25"),
);
const number: fc.Arbitrary<Expression> = fc.constantFrom(0, 0.5, 3, 1e-7, 1e21, -2).map((value) => new Constant(value));
const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    number,
    fc.tuple(fc.constantFrom("plus", "minus", "times", "over", "toThe"), tie("tree"), tie("tree")).map(([name, x, y]) =>
      // deno-lint-ignore no-explicit-any
      (x as any)[name](y)
    ),
    tie("tree").filter((x) => x.kind !== "constant").map((x) => x.negated()),
    tie("tree").map((x) => abs(x)),
    fc.tuple(tie("tree"), tie("tree")).map(([x, y]) => min(x, y)),
    fc.tuple(tie("tree"), tie("tree"), tie("tree")).map(([x, y, z]) => max(x, y, z)),
  ),
}));

test("constraint() reads back what toString() prints", () =>
  fc.assert(
    fc.property(tree, tree, fc.constantFrom("atMost", "atLeast"), (x, y, relation) => {
      const built = x.plus(ACC)[relation as "atMost"](y), read = constraint(`${built}`);
      equal(`${read}`, `${built}`);
      deepEqual(bare(read.g), bare(built.g));
    }),
    { seed: 3, numRuns: 500 },
  ));

/** A tree without the places that its parts were read from. */
function bare(x: Expression): unknown {
  if (x.kind === "constant") return x.value;
  if (x.kind === "leaf") return `${x}`;
  return [x.operator, ...x.operands.map(bare)];
}

test("constraint() reads the toolkit's language", () => {
  const table: [string, string][] = [
    ["ACC >= 0.95", "0.95 - ACC"],
    ["PR<=0.7", "PR - 0.7"],
    ["NR - 0.5", "NR - 0.5"],
    ["abs((PR | [M]) - (PR | [F])) <= 0.15", "abs((PR | [M]) - (PR | [F])) - 0.15"],
    ["(ACC >= e)", "e - ACC"],
    ["CM_[0,1] + FPR_[ 2 ] <= 1 - 2", "CM_[0, 1] + FPR_[2] - (1 - 2)"],
    ["ACC - (PR - NR) - (FPR*2)**2/3", "ACC - (PR - NR) - (FPR * 2) ** 2 / 3"],
    ["-ACC + 0.55", "-ACC + 0.55"],
  ];
  for (const [text, g] of table) equal(`${constraint(text).g}`, g);
});

test("constraints built in code are those of the text", () => {
  equal(`${ACC.atLeast(0.95)}`, "ACC >= 0.95");
  equal(`${abs(PR.given("M").minus(PR.given("F"))).atMost(0.15)}`, "abs((PR | [M]) - (PR | [F])) <= 0.15");
});

test("constraint() explains what it cannot read, with a caret under the place", () => {
  const table: [text: string, why: string, offset: number][] = [
    ["", "it is empty; wanted something like ACC >= 0.95", 0],
    ["ACC >=", "it ends too early", 6],
    ["ACC >= 0.9 0.8", 'unexpected "0"', 11],
    ["ACC @ 2", 'unexpected "@"', 4],
    ["ACCC >= 0.95", 'unknown measure "ACCC"; the nearest is "ACC"', 0],
    [
      "0.5 <= accuracy",
      'unknown measure "accuracy"; wanted one of ACC ER PR NR FPR TNR TPR FNR TP FP TN FN CM Mean_Squared_Error Mean_Error CVaR Precision NPV FDR F1',
      7,
    ],
    ["ACC >= 0.9 <= 1", "it has two relations; make it two constraints", 11],
    ["0.5 <= (ACC <= 1)", "it has two relations; make it two constraints", 12],
    ["abs(ACC >= 0.5)", "a relation inside of a formula", 8],
    ["ACC > 0.9", "unknown relation >; wanted <= or >=", 4],
    ["ACC = 0.9", "unknown relation =; wanted <= or >=", 4],
    ["2*ACC = 0.9", "unknown relation =; wanted <= or >=", 6],
    ["ACC == 0.9", "unknown relation ==; wanted <= or >=", 4],
    [
      "PR | [M] <= 0.5",
      "a condition needs parentheses around it, as in (PR | [M]) <= 0.5, because | binds less than all else",
      3,
    ],
    ["(PR | M + 1) <= 0.5", "a condition is a list in brackets, as in (PR | [M, A]) or (PR | [age < 25])", 6],
    ["(PR | []) <= 0.5", "a condition is a list in brackets, as in (PR | [M, A]) or (PR | [age < 25])", 6],
    ["(PR | [M,, A]) <= 0.5", "nothing follows this comma", 8],
    ["max(ACC, ) <= 0.5", "nothing follows this comma", 7],
    ["(PR | [M, A) <= 0.5", 'unexpected ")"', 11],
    ["(PR | [M) <= 0.5", 'unexpected ")"', 8],
    [`(PR | [race == "a]) <= 0.5`, `unexpected "\\""`, 15],
    ["2PR <= 1", 'unexpected "P"', 1],
    ["ACC ^ 2 <= 1", "unknown operator ^; wanted one of + - * / **", 4],
    ["ACC => 0.9", "unknown relation =>; wanted <= or >=", 4],
    [`${"(".repeat(600)}ACC`, "it is nested more than 500 deep", 500],
    [`${"-".repeat(600)}ACC`, "it is nested more than 500 deep", 500],
    [`ACC${"+1".repeat(1001)}`, "it has more than 1000 operators", 2003],
    ["ACC >= 0.9 😀", 'unexpected "😀"', 11],
    ["(PR | [M, 2]) <= 0.5", "a condition is a column, as in (PR | [M]), or a comparison, as in (PR | [age < 25])", 10],
    ["(PR | [M + 2]) <= 0.5", "a condition is a column, as in (PR | [M]), or a comparison, as in (PR | [age < 25])", 7],
    ["(PR | [age = 2]) <= 0.5", "one = sets a value; wanted == to compare", 11],
    ["(PR | [1 < 2]) <= 0.5", 'a comparison is of a column and a number or a text, as in [age < 25] or [race == "a"]', 7],
    ["(PR | [age < f(2)]) <= 0.5", 'a comparison is of a column and a number or a text, as in [age < 25] or [race == "a"]', 7],
    ["(PR + ACC | [M]) <= 0.5", "only a measure can have a condition, as in (PR | [M])", 1],
    ["abs(ACC, PR) <= 1", "abs takes 1 argument, found 2", 0],
    ["max(ACC) <= 1", "max takes 2 arguments or more, found 1", 0],
    ["sqrt(ACC) <= 1", 'unknown function "sqrt"; wanted one of abs exp log min max', 0],
    ["abss(ACC) <= 1", 'unknown function "abss"; the nearest is "abs"', 0],
    ["abs <= 1", "abs is a function, as in abs(…)", 0],
    ["PR_[0, 1] <= 1", "PR takes one class, found 2", 0],
    ["ACC_[1] <= 1", "ACC takes no class, found 1", 0],
    ["CM <= 1", "CM needs two classes, as in CM_[0, 1]", 0],
    ["PR_[x] <= 1", "a class is a whole number from 0, as in PR_[1]", 4],
    ["PR[1] <= 1", "brackets belong after a measure and an underscore, as in PR_[1]", 2],
    ["ACC % 2 <= 1", "unknown operator %; wanted one of + - * / **", 4],
    ["-ACC ** 2 <= 1", "a minus sign before ** is ambiguous; write -(x ** 2) or (-x) ** 2", 5],
    ["'ACC' <= 1", "unexpected 'ACC'; wanted a number", 0],
    ["0.5 <= 1", "it has no measure, so no model can change it", 0],
    ["ACC, PR", 'unexpected ","', 3],
    ["ACC >= 1e999", "1e999 is not a finite number", 7],
  ];
  for (const [text, why, offset] of table) {
    throws(() => constraint(text), (error) => {
      ok(error instanceof ConstraintError, `${text}: ${error}`);
      equal(error.message, `Cannot read constraint: ${why}\n  ${text}\n  ${" ".repeat(offset)}^`);
      return true;
    });
  }
});

test("constraint() never fails otherwise, whatever the text", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.constantFrom("ACC", "(", ")", "[", "]", "|", "PR_", "<=", ">=", "-", "**", "e", "0.5", ",", "abs", " ", "`", "=>"),
          fc.string(),
        ),
        { maxLength: 8 },
      ),
      (parts) => {
        try {
          constraint(parts.join(""));
        } catch (error) {
          ok(error instanceof ConstraintError, `${parts.join("")}: ${error}`);
        }
      },
    ),
    { seed: 4, numRuns: 2000 },
  ));

test("shareDelta() splits delta over distinct measures, then over the bounds that they need, in union", () => {
  const shares = (text: string) =>
    shareDelta(constraint(text), 0.12).map(({ leaf, lower, upper }) => [`${leaf}`, lower ?? null, upper ?? null]);
  deepEqual(shares("ACC >= 0.9"), [["ACC", 0.12, null]]);
  deepEqual(shares("abs((PR | [M]) - (PR | [F])) <= 0.1"), [["PR | [M]", 0.03, 0.03], ["PR | [F]", 0.03, 0.03]]);
  // The toolkit keeps the first occurrence's needs here, and ends at an infinite bound.
  deepEqual(shares("ACC - ACC*0.5 + exp(0-ACC) <= 1"), [["ACC", 0.06, 0.06]]);
  deepEqual(shares("max(FPR, FNR) - TPR <= 0"), [["FPR", null, 0.04], ["FNR", null, 0.04], ["TPR", 0.04, null]]);
  for (const delta of [0, 1, -0.1, NaN]) throws(() => shareDelta(constraint("ACC >= 0.9"), delta), RangeError);
});

test("a leaf is immutable", () => {
  const conditioned = new Leaf(ACC.measure).given("M");
  equal(`${conditioned.given("F")}`, "ACC | [M, F]");
  equal(`${conditioned}`, "ACC | [M]");
});
