import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { constraint, ConstraintError, measures, where } from "../../../mod.ts";
import { type Condition, mirrored, type Relation } from "../../../seldonian/constraints/conditions.ts";
import { fc } from "../../deps.ts";
import { type Pick, quoted, tree } from "./expressions.ts";

const { ACC } = measures;

/** The error of reading a text. */
function errorOf(text: string): ConstraintError {
  try {
    constraint(text);
  } catch (error) {
    if (error instanceof ConstraintError) return error;
    throw error;
  }
  throw new Error(`${text} is read`);
}

/** Names that a user may write without quotes. */
const phrase = fc.constantFrom("home town", "sex (M/F)", "2nd class", "hours per week", "x [cm]", "date of birth");
const value = fc.constantFrom(-3, 0.5, 25, "Male", "a, b]", "New York", 'a "b"');

test("the spelling that an error suggests has the intended meaning, in every position", () => {
  const compared = (column: string, relation: Relation, value: string | number): Condition => ({
    kind: "comparison",
    column,
    relation,
    value,
  });
  const join = (kind: "and" | "or", parts: Condition[]) => parts.reduce((left, right) => ({ kind, left, right }));
  fc.assert(
    fc.property(
      fc.oneof(phrase, fc.constantFrom("age", "marital-status", "in", "X.1")),
      fc.array(value, { minLength: 1, maxLength: 3 }),
      fc.nat(60),
      fc.nat(60),
      fc.boolean(),
      fc.gen(),
      (column, values, low, high, negative, gen) => {
        const pick: Pick = (...spellings) => gen(fc.constantFrom, ...spellings);
        const text = (value: string | number) =>
          typeof value === "number" ? `${value}` : value === "New York" ? pick(value, quoted(value, pick)) : quoted(value, pick);
        const [one] = values,
          relation = negative ? "!=" : "==",
          list = values.map(text).join(", "),
          word = pick("is", "Is", "IS");
        const named: Condition = { kind: "column", column }, A: Condition = { kind: "column", column: "A" };
        const table: [string, Condition][] = [
          [`${column} = ${text(one)}`, compared(column, "==", one)],
          // A minus sign would be read as a subtraction.
          ...typeof one === "number" && one < 0 ? [] : [
            [`${column} ${word}${negative ? " not" : ""} ${text(one)}`, compared(column, relation, one)] as [string, Condition],
          ],
          [
            `${column} ${negative ? pick("not in", "is not in") : pick("in", "is in", "IN")} ${pick(`(${list})`, `[${list}]`)}`,
            join(negative ? "and" : "or", values.map((value) => compared(column, relation, value))),
          ],
          [
            `${column} ${pick("between", "BETWEEN")} ${low} ${pick("and", "&&", "AND")} ${high}`,
            join("and", [compared(column, ">=", low), compared(column, "<=", high)]),
          ],
          [
            `${low} ${pick("<=", "≤")} ${column} < ${high}`,
            join("and", [compared(column, ">=", low), compared(column, "<", high)]),
          ],
        ];
        for (const [typed, meant] of table) {
          const places: [before: string, after: string, all: Condition][] = [
            ["", "", meant],
            ["A and ", "", join("and", [A, meant])],
            ["A or ", " and A", join("or", [A, join("and", [meant, A])])],
            ["not ", "", { kind: "not", of: meant }],
          ];
          for (const [before, after, all] of places) {
            const { cure } = errorOf(`(PR | [${before}${typed}${after}]) <= 0.5`);
            ok(cure?.startsWith("[") && cure.endsWith("]"), `${before}${typed}${after}: ${cure}`);
            deepEqual(where(before + cure!.slice(1, -1) + after), all);
          }
        }
        const { cure } = errorOf(`(PR | [${column} ${negative ? "&" : "|"} A]) <= 0.5`);
        deepEqual(where(cure!.slice(1, -1)), join(negative ? "and" : "or", [named, A]));
      },
    ),
    { seed: 14, numRuns: 300 },
  );
});

test("an error shows a name of several words in quotes, with the whole comparison", () =>
  fc.assert(
    fc.property(
      phrase,
      fc.constantFrom(...Object.keys(mirrored) as Relation[]),
      fc.constantFrom(25, "New York"),
      (column, relation, value) => {
        const shown = (text: string) => where(/as in \[(.*)\]$/.exec(errorOf(`(PR | [${text}]) <= 0.5`).why)![1]);
        deepEqual(shown(column), { kind: "column", column });
        deepEqual(shown(`${column} ${relation} ${value}`), { kind: "comparison", column, relation, value });
        deepEqual(shown(`25 ${mirrored[relation]} ${column}`), { kind: "comparison", column, relation, value: 25 });
        deepEqual(shown(`age ${relation} New York`), { kind: "comparison", column: "age", relation, value: "New York" });
      },
    ),
    { seed: 15 },
  ));

test("errors rewrite a percentage as a share, and a strict relation as a valid one", () => {
  for (let tenths = 0; tenths <= 1000; tenths++) {
    const { cure } = errorOf(`ACC >= ${tenths / 10}%`);
    equal(Number(cure), Number(`${tenths}e-3`));
  }
  fc.assert(
    fc.property(tree, tree, fc.boolean(), (x, y, less) => {
      const built = less ? x.plus(ACC).atMost(y) : x.plus(ACC).atLeast(y);
      const { cure } = errorOf(`${built}`.replace(less ? "<=" : ">=", less ? "<" : ">"));
      equal(cure, `${built}`);
    }),
    { seed: 16, numRuns: 200 },
  );
});

test("constraint() explains each error, with a caret below its position", () => {
  const quotes = "a column name that is not one word goes in quotes, as in ";
  const table: [text: string, why: string, offset: number][] = [
    ["", "it is empty; wanted something like ACC >= 0.95", 0],
    ["ACC >=", "it ends too early", 6],
    ["ACC >= 0.9 0.8", 'unexpected "0"', 11],
    ["ACC @ 2", 'unexpected "@"', 4],
    ["ACCC >= 0.95", 'unknown measure "ACCC"; the nearest is "ACC"', 0],
    [
      "0.5 <= accuracy",
      'unknown measure "accuracy"; wanted one of ACC CM ER FN FNR FP FPR NR PR TN TNR TP TPR CVaR Mean_Error Mean_Squared_Error F1 FDR NPV Precision',
      7,
    ],
    ["ACC >= 0.9 <= 1", "it has two relations; make it two constraints", 11],
    ["0.5 <= (ACC <= 1)", "it has two relations; make it two constraints", 12],
    ["abs(ACC >= 0.5)", "a relation inside of a formula", 8],
    ["ACC > 0.9", "unknown relation >; wanted <= or >=; write ACC >= 0.9", 4],
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
    [`ACC${"+1".repeat(1001)}`, "it has more than 1000 operators and arguments", 2003],
    [`max(${"1,".repeat(1001)}ACC)`, "it has more than 1000 operators and arguments", 2005],
    [`(PR | [${"A,".repeat(1001)}A])`, "it has more than 1000 operators and arguments", 2006],
    [`(PR | [${"A ".repeat(1002)}])`, "it has more than 1000 operators and arguments", 2007],
    [`PR${"(1)".repeat(1002)}`, "it has more than 1000 operators and arguments", 3005],
    ["ACC >= 0.9 😀", 'unexpected "😀"', 11],
    ["(PR | [M, 2]) <= 0.5", "a condition is a column, as in (PR | [M]), or a comparison, as in (PR | [age < 25])", 10],
    ["(PR | [M + 2]) <= 0.5", "a condition is a column, as in (PR | [M]), or a comparison, as in (PR | [age < 25])", 7],
    ["(PR | [age = 2]) <= 0.5", "unknown operator =; write [age == 2]", 11],
    ["(PR | [1 < 2]) <= 0.5", 'a comparison is of a column and a number or a text, as in [age < 25] or [race == "a"]', 7],
    ["(PR | [age < f(2)]) <= 0.5", 'a text goes in quotes, as in [age < "f(2)"]', 13],
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
    ["acc >= 0.9", 'unknown measure "acc"; the nearest is "ACC"', 0],
    ["Acc >= 0.9", 'unknown measure "Acc"; the nearest is "ACC"', 0],
    ["1 − precision_[1] ≤ 0.9", 'unknown measure "precision"; the nearest is "Precision"', 4],
    ["MAX(ACC, PR) ≥ 0.9", 'unknown function "MAX"; the nearest is "max"', 0],
    // The middle dot is a letter, as in "col·lecció", so it does not multiply.
    [
      "PR·2 <= 1",
      'unknown measure "PR·2"; wanted one of ACC CM ER FN FNR FP FPR NR PR TN TNR TP TPR CVaR Mean_Error Mean_Squared_Error F1 FDR NPV Precision',
      0,
    ],
    ["2·PR <= 1", 'unexpected "·"', 1],
    ["PR ≥ 0.5 @", 'unexpected "@"', 9],
    ["PR ≠ 0.5", "unknown relation !=; wanted <= or >=", 3],
    ["(PR | [sex == “Male]) <= 0.5", 'unexpected "“"', 14],
    ['(PR | [sex == “Male"]) <= 0.5', 'unexpected "“"', 14],
    ["(PR | [sex == “Male” && age ≥ 3 +]) <= 0.5", 'unexpected "]"', 33],
    ["abs(PR - NR)<0.1", "unknown relation <; wanted <= or >=; write abs(PR - NR) <= 0.1", 12],
    ["abs(ACC > 0.5)", "a relation inside of a formula", 8],
    ["ACC > 0.9 > 0.5", "it has two relations; make it two constraints", 10],
    ["ACC >= 0.9 and PR <= 0.5", 'a constraint has no "and"; make it two constraints', 11],
    ["ACC >= 0.9 && PR <= 0.5", 'a constraint has no "and"; make it two constraints', 11],
    ["ACC >= 0.9 or PR <= 0.5", 'a constraint has no "or"; f <= 0 or g <= 0 is min(f, g) <= 0', 11],
    ["ACC >= 95%", "95% is not a number; write 0.95", 7],
    ["ACC >= 1 - 5 % ", "5 % is not a number; write 0.05", 11],
    ["(PR | [share > 5%]) <= 0.5", "5% is not a number", 15],
    ['(PR | [sex = "Male"]) <= 0.5', 'unknown operator =; write [sex == "Male"]', 11],
    ['(PR | [M && home town = "x" && y]) <= 0.5', 'unknown operator =; write ["home town" == "x"]', 22],
    ['(PR | [sex is "Male"]) <= 0.5', 'unknown operator is; write [sex == "Male"]', 11],
    ["(PR | [home town is not New York]) <= 0.5", 'unknown operator is; write ["home town" != "New York"]', 17],
    ["(PR | [age between 18 and 25]) <= 0.5", "unknown operator between; write [age >= 18 && age <= 25]", 11],
    ["(PR | [M or age between 18 and 25]) <= 0.5", "unknown operator between; write [(age >= 18 && age <= 25)]", 16],
    ['(PR | [sex in ("a","b")]) <= 0.5', 'unknown operator in; write [sex == "a" || sex == "b"]', 11],
    ['(PR | [M, sex not in ["a", "b"]]) <= 0.5', 'unknown operator not; write [sex != "a" && sex != "b"]', 14],
    ["(PR | [18 <= age < 25]) <= 0.5", "it has two relations; write [18 <= age && age < 25]", 17],
    ["(PR | [a > 1 & b < 2]) <= 0.5", "unknown operator &; write [a > 1 && b < 2]", 13],
    ["(PR | [A | B && C]) <= 0.5", "unknown operator |; write [(A || B)]", 9],
    ['(PR | [sex (M/F) == "Male"]) <= 0.5', `${quotes}["sex (M/F)" == "Male"]`, 7],
    ["(PR | [M, 25 > home age]) <= 0.5", `${quotes}[25 > "home age"]`, 15],
    ["(PR | there[income in USD]) <= 0.5", `${quotes}["income in USD"]`, 12],
    ["(PR | [sex is]) <= 0.5", `${quotes}["sex is"]`, 7],
    ["(PR | [sex in ()]) <= 0.5", `${quotes}["sex in ()"]`, 7],
    ["(PR | [age between 18 years and 25]) <= 0.5", `${quotes}["age between 18 years"]`, 7],
    ["(PR | [age % 2 == 0]) <= 0.5", `a condition does not calculate; ${quotes}["age % 2" == 0]`, 7],
    ["(PR | [race == New York]) <= 0.5", 'a text goes in quotes, as in [race == "New York"]', 15],
    ["(PR | [a - b > 0]) <= 0.5", `a condition does not calculate; ${quotes}["a - b" > 0]`, 7],
    [
      "(PR | [day > 2020-01-01]) <= 0.5",
      'a condition does not calculate; a text goes in quotes, as in [day > "2020-01-01"]',
      13,
    ],
    ["(PR | [kg/m² > 25]) <= 0.5", `unexpected "²"; ${quotes}["home town"]`, 11],
    ["(PR | [!M == 1]) <= 0.5", 'a comparison is of a column and a number or a text, as in [age < 25] or [race == "a"]', 7],
    ["PR_[1 2] <= 1", "a class is a whole number from 0, as in PR_[1]", 4],
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
