import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import {
  abs,
  constraint,
  ConstraintError,
  DataSet,
  max,
  measures,
  min,
  safetyTest,
  type SafetyTestOptions,
  where,
} from "../../mod.ts";
import { type Condition, conditionText, mirrored, type Relation } from "../../seldonian/constraints/conditions.ts";
import { Constant, type Expression, Leaf } from "../../seldonian/constraints/expression.ts";
import { forTest, promise } from "../../seldonian/constraints/promise.ts";
import { shareDelta } from "../../seldonian/constraints/shares.ts";
import { fc } from "../deps.ts";
import { echo } from "../helpers/models.ts";
import { exactly } from "../helpers/exact.ts";

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

test("constraint() reads signs as word processors set them, and any white space", () =>
  fc.assert(
    fc.property(tree, fc.constantFrom("−", "–"), fc.constantFrom("\u00a0", "\u202f", "\u3000", "\t"), (x, minus, space) => {
      const built = x.plus(ACC).atMost(0.5), signs = /"[^"]*"|\*\*|e-|[-* ]|<=/g;
      const typed = `${built}`.replace(signs, (sign) => ({ "-": minus, "*": "×", "<=": "≤", " ": space })[sign] ?? sign);
      deepEqual(bare(constraint(typed).g), bare(built.g));
    }),
    { seed: 12, numRuns: 300 },
  ));

/** Columns whose names are words of the language, are no word, or are more than one and need no quotes in brackets. */
const column = fc.constantFrom(
  ..."age M and OR not is in between größe marital-status race-ethnicity covid-19 Personal.Male.Single X.1".split(" "),
  ...["home town", "sex (M/F)", "men’s", 'a "b"', "a – b", "„x“", "\\", "", "2nd"],
);
/** Records with the prototype of all objects, which some runtimes compare. */
const record = <T>(of: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(of, { noNullPrototype: true });
const comparison = record({
  kind: fc.constant("comparison" as const),
  column,
  relation: fc.constantFrom(...Object.keys(mirrored) as Relation[]),
  value: fc.oneof(fc.constantFrom(-3, 0, 0.5, 1e21), column, record({ name: fc.constantFrom("r", "non-binary") })),
});
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4 },
    record({ kind: fc.constant("column" as const), column }),
    comparison,
    record({ kind: fc.constant("not" as const), of: tie("condition") }),
    record({ kind: fc.constantFrom("and" as const, "or" as const), left: tie("condition"), right: tie("condition") }),
  ),
}));

const spellings: Record<Relation, string[]> = {
  "==": ["==", "==="],
  "!=": ["!=", "!==", "≠"],
  "<=": ["<=", "≤"],
  ">=": [">=", "≥"],
  "<": ["<"],
  ">": [">"],
};

type Pick = (...spellings: string[]) => string;

function quoted(text: string, pick: Pick): string {
  const [open, close] = [...pick('""', "''", "“”", "„“", "””", "‘’", "‚‘", "＂＂")];
  return open + text.replace(/["'“”„‘’‚＂\\]/g, "\\$&") + close;
}

/** A condition as somebody may type it; `pick` chooses among the spellings. */
function typed(condition: Condition, pick: Pick): string {
  const space = pick(" ", "  ", "\u00a0"), gap = pick("", " ", "\u202f");
  const name = (text: string) => {
    const word = /^[\p{ID_Start}$_][\p{ID_Continue}$]*([-.][\p{ID_Continue}$]+)*$/u.test(text);
    return word ? pick(text, quoted(text, pick)) : quoted(text, pick);
  };
  switch (condition.kind) {
    case "column":
      return name(condition.column);
    case "comparison": {
      const { column, relation, value } = condition;
      if (typeof value !== "number") {
        return name(column) + gap + pick(...spellings[relation]) + gap +
          (typeof value === "string" ? quoted(value, pick) : value.name);
      }
      const number = `${value}`.replace(/^-/, pick("-", "−", "–"));
      return pick("column first", "number first") === "column first"
        ? name(column) + gap + pick(...spellings[relation]) + gap + number
        : number + gap + pick(...spellings[mirrored[relation]]) + gap + name(column);
    }
    case "not": {
      const of = typed(condition.of, pick), sign = pick("!", "not", "NOT");
      if (sign === "!") return condition.of.kind === "comparison" ? `!(${of})` : `!${gap}${of}`;
      // `not and` would begin with a column "not", and so would `not -3`.
      return /^(and|or|[-−–])/i.test(of) ? `${sign}(${of})` : `${sign}${space}${of}`;
    }
    default: {
      const { kind, left, right } = condition, sign = kind === "and" ? pick("&&", "and", "AND") : pick("||", "or", "Or");
      return `(${typed(left, pick)}${space}${sign}${space}${typed(right, pick)})`;
    }
  }
}

test("conditions are read as they are typed, and again from how they are printed", () =>
  fc.assert(
    fc.property(condition, fc.gen(), (condition, gen) => {
      const read = where(typed(condition, (...spellings) => gen(fc.constantFrom, ...spellings))), printed = conditionText(read);
      deepEqual(read, condition);
      equal(conditionText(where(printed)), printed);
      for (const data of ["", "other"]) {
        const stated = constraint(`abs(PR | ${data}[${printed}]) <= 0.5`);
        equal(`${constraint(`${stated}`)}`, `${stated}`);
      }
    }),
    { seed: 13, numRuns: 3000 },
  ));

/** What reading a text throws. */
function errorOf(text: string): ConstraintError {
  try {
    constraint(text);
  } catch (error) {
    if (error instanceof ConstraintError) return error;
    throw error;
  }
  throw new Error(`${text} is read`);
}

/** Names that somebody may write without quotes. */
const phrase = fc.constantFrom("home town", "sex (M/F)", "2nd class", "hours per week", "x [cm]", "date of birth");
const value = fc.constantFrom(-3, 0.5, 25, "Male", "a, b]", "New York", 'a "b"');

test("the spelling that an error shows is what was meant, wherever it stands", () => {
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
          // A sign would be of a subtraction.
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

test("a name of several words is shown in quotes, with all that the comparison has", () =>
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

test("a percentage is shown as a share, and a strict relation as one that can be promised", () => {
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

test("texts of any length are read or refused at once", () => {
  const parts = "a-|a.b |a |“a”|“|not |a and |a in |a is a |a between 1 and | |\\|(|a (|! |–|5%".split("|");
  for (const part of parts) {
    for (const text of [`(PR | [${part.repeat(100_000)}]) <= 0.5`, `(PR | [${part.repeat(100_000)}`, part.repeat(100_000)]) {
      const start = performance.now();
      throws(() => constraint(text), ConstraintError);
      ok(performance.now() - start < 2000, `${part} took ${performance.now() - start} ms`);
    }
  }
});

test("any words in brackets are read, and then as they are printed, or an error of the kit", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom(..."and or not is in between a M a-b a.b 2 -1 “a” „b“".split(" ")) },
          { weight: 9, arbitrary: fc.constantFrom(..."and or && || == ≥ ≠ < = & | ! ( ) , - × . % [ ] ‘ \" ' ** \\".split(" ")) },
          { weight: 1, arbitrary: fc.string({ maxLength: 3, unit: "binary" }) },
        ),
        { maxLength: 8 },
      ),
      fc.constantFrom("", " ", "\u00a0"),
      (words, space) => {
        const text = `(PR | [${words.join(space)}]) <= 0.5`;
        let read;
        try {
          read = constraint(text);
        } catch (error) {
          ok(error instanceof ConstraintError && error.offset >= 0 && error.offset <= text.length, `${text}: ${error}`);
          return;
        }
        equal(`${constraint(`${read}`)}`, `${read}`);
      },
    ),
    { seed: 17, numRuns: 5000 },
  ));

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

test("constraint() reads what people type", () => {
  const table: [string, string][] = [
    ["ACC ≥ 0.95", "0.95 - ACC"],
    ["−PR × 2 – 3", "-PR * 2 - 3"],
    ["PR-NR-CM_[0, 1]-PR-NR", "PR - NR - CM_[0, 1] - PR - NR"],
    ["(PR | [marital-status])≤0.5", '(PR | ["marital-status"]) - 0.5'],
    ["(PR | there[Personal.Male.Single == 1, a-b.c])", 'PR | there["Personal.Male.Single" == 1, "a-b.c"]'],
    ["(PR | [sex == “Male” and not ‘home town’ == „x“])", 'PR | [sex == "Male" && !("home town" == "x")]'],
    // Straight quotes end with their own kind, and curly ones with any of theirs.
    [`(PR | [“5" pipe”, "“x”"])`, `PR | ["5\\" pipe", "“x”"]`],
    ["(PR | [not M or N AND not (age ≠ −1)])", "PR | [!M || N && !(age != -1)]"],
    // A conjunction stands between two sides, so that columns may be named as they are.
    ["(PR | [and, not, or == 1, M and and, not or not])", "PR | [and, not, or == 1, M && and, not || not]"],
    ['(PR | ["and" && "not"])', "PR | [and && not]"],
    ["(PR | [x<-1, x == -1, x-1 > 0])", 'PR | [x < -1, x == -1, "x-1" > 0]'],
  ];
  for (const [text, g] of table) equal(`${constraint(text).g}`, g);
});

test("a condition that is all of an argument needs no parentheses of its own", () => {
  const table: [string, string][] = [
    ["abs(Mean_Error|[X]) - 0.1", "abs((Mean_Error | [X])) - 0.1"],
    ["-abs(Mean_Error | [M]) - 10", "-abs((Mean_Error | [M])) - 10"],
    ["min(PR | [M], PR_[1] | there[F], 1) >= 0.2", "min((PR | [M]), (PR_[1] | there[F]), 1) >= 0.2"],
    ["max(PR | [age < 25 || M], exp(F1 | there)) <= 2", ""],
    ["log(CM_[0, 1] | [M]) <= 0.5", "log((CM_[0, 1] | [M])) <= 0.5"],
  ];
  for (const [text, printed] of table) {
    const read = constraint(text), again = constraint(`${read}`);
    if (printed !== "") equal(`${read}`, printed);
    equal(`${again}`, `${read}`);
    deepEqual(bare(again.g), bare(read.g));
  }
  // Beside another operator it is not told what | is of.
  for (
    const text of [
      "abs(PR | [M] - 0.5) <= 0.1",
      "abs(0.5 - PR | [M]) <= 0.1",
      "abs(-PR | [M]) <= 1",
      "max(2 * PR | [M], 0.5) <= 1",
      "abs(PR | [M] | [F]) <= 1",
      "FPR <= PR | [M]",
      "PR | [M]",
      "0.5 | [M] - PR",
    ]
  ) throws(() => constraint(text), /a condition needs parentheses around it/);
  throws(() => constraint("abs(PR | []) <= 1"), /a condition is a list in brackets/);
  throws(() => constraint("abs(e | [M]) - PR"), /only a measure can have a condition/);
});

test("constraints built in code are those of the text", () => {
  equal(`${ACC.atLeast(0.95)}`, "ACC >= 0.95");
  equal(`${abs(PR.given("M").minus(PR.given("F"))).atMost(0.15)}`, "abs((PR | [M]) - (PR | [F])) <= 0.15");
});

test("constraint() explains what it cannot read, with a caret under the place", () => {
  const quotes = "a column whose name is not one word stands in quotes, as in ";
  const table: [text: string, why: string, offset: number][] = [
    ["", "it is empty; wanted something like ACC >= 0.95", 0],
    ["ACC >=", "it ends too early", 6],
    ["ACC >= 0.9 0.8", 'unexpected "0"', 11],
    ["ACC @ 2", 'unexpected "@"', 4],
    ["ACCC >= 0.95", 'unknown measure "ACCC"; the nearest is "ACC"', 0],
    [
      "0.5 <= accuracy",
      'unknown measure "accuracy"; wanted one of ACC CM ER FN FNR FP FPR NR PR TN TNR TP TPR Mean_Squared_Error Mean_Error CVaR F1 FDR NPV Precision',
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
    [`ACC${"+1".repeat(1001)}`, "it has more than 1000 operators", 2003],
    ["ACC >= 0.9 😀", 'unexpected "😀"', 11],
    ["(PR | [M, 2]) <= 0.5", "a condition is a column, as in (PR | [M]), or a comparison, as in (PR | [age < 25])", 10],
    ["(PR | [M + 2]) <= 0.5", "a condition is a column, as in (PR | [M]), or a comparison, as in (PR | [age < 25])", 7],
    ["(PR | [age = 2]) <= 0.5", "unknown operator =; write [age == 2]", 11],
    ["(PR | [1 < 2]) <= 0.5", 'a comparison is of a column and a number or a text, as in [age < 25] or [race == "a"]', 7],
    ["(PR | [age < f(2)]) <= 0.5", 'a text stands in quotes, as in [age < "f(2)"]', 13],
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
    // A dot in the middle is a letter, as in "col·lecció", so it multiplies nothing.
    [
      "PR·2 <= 1",
      'unknown measure "PR·2"; wanted one of ACC CM ER FN FNR FP FPR NR PR TN TNR TP TPR Mean_Squared_Error Mean_Error CVaR F1 FDR NPV Precision',
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
    ["ACC >= 95%", "95% is no number; write 0.95", 7],
    ["ACC >= 1 - 5 % ", "5 % is no number; write 0.05", 11],
    ["(PR | [share > 5%]) <= 0.5", "5% is no number", 15],
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
    ["(PR | [race == New York]) <= 0.5", 'a text stands in quotes, as in [race == "New York"]', 15],
    ["(PR | [a - b > 0]) <= 0.5", `a condition does not calculate; ${quotes}["a - b" > 0]`, 7],
    [
      "(PR | [day > 2020-01-01]) <= 0.5",
      'a condition does not calculate; a text stands in quotes, as in [day > "2020-01-01"]',
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

test("constraint() never fails otherwise, whatever the text", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.constantFrom("ACC", "(", ")", "[", "]", "|", "PR_", "<=", ">=", "-", "**", "e", "0.5", ",", "abs", " ", "`", "=>"),
          fc.constantFrom(" and ", " or ", " not ", "%", "≥", "≤", "≠", "−", "–", "×", "·", "“", "”", "<", ">"),
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
  // Three times 0.04 is more than 0.12, as doubles are.
  const third = 0.04 - 2 ** -57;
  deepEqual(shares("max(FPR, FNR) - TPR <= 0"), [["FPR", null, third], ["FNR", null, third], ["TPR", third, null]]);
  for (const delta of [0, 1, -0.1, NaN]) throws(() => shareDelta(constraint("ACC >= 0.9"), delta), RangeError);
});

test("shares of delta never sum to more than delta, in exact arithmetic, and to hardly less", () => {
  const positive = fc.double({ min: 1e-100, max: 1, maxExcluded: true });
  const delta = fc.oneof(positive, fc.constantFrom(0.05, 0.1, 0.01, 0.2, 0.3, 1e-9, 1e-300, 1 - 2 ** -53));
  const weight = fc.oneof(fc.integer({ min: 1, max: 9 }), positive, fc.constantFrom(1e300, 1.7e308, 1e-200, 0.1, 0.7));
  const texts = [
    "A_[1] + A_[2] - A_[3] + 0.5 * A_[4] <= 2",
    "abs(A_[1] * A_[2]) + A_[3] - exp(A_[4]) <= 2",
    "min(A_[1], A_[2], A_[3] + A_[4]) <= 0.9",
    "3 * A_[1] * A_[2] + 0 * A_[3] * A_[4] <= 2",
    "A_[1] + 0 * A_[2] * A_[3] * A_[4] <= 1",
    "A_[1] * A_[1] <= A_[2] * A_[3] / A_[4]",
  ];
  const A = { ...PR.measure, name: "A" }, read = texts.map((text) => constraint(text, { measures: [A] }));
  const judgement = { rates: "expected", bound: undefined, ranges: {} } as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...read),
      delta,
      fc.array(weight, { minLength: 4, maxLength: 4 }),
      fc.constantFrom("interval" as const, "conjunctive" as const),
      fc.boolean(),
      (stated, delta, weights, analysis, equally) => {
        // So that no part is too small for all digits.
        fc.pre(delta * (equally ? 1 : Math.min(...weights) / Math.max(...weights)) > 1e-305);
        const shares = equally ? "equal" : Object.fromEntries(weights.map((weight, i) => [`A_[${i + 1}]`, weight]));
        const promised = promise(stated, delta, judgement, { analysis, shares }), ways = forTest(promised).ways;
        for (const formulas of [...promised.ways, ...ways]) {
          for (const { shares, delta: own } of formulas) {
            const parts = shares.flatMap(({ lower, upper }) => [lower ?? [], upper ?? []].flat());
            const sum = parts.reduce((sum, part) => sum + exactly(part), 0n);
            ok(sum <= exactly(own), `${parts} of ${own}`);
            ok(sum * 1000000000000n >= exactly(own) * 999999999999n, `${parts} are much less than ${own}`);
          }
        }
        const spent = ways.reduce((sum, [{ delta }]) => sum + exactly(delta), 0n);
        ok(spent <= exactly(delta), `${ways.length} ways spend more than ${delta}`);
      },
    ),
    { seed: 11, numRuns: 3000 },
  );
});

const rates = new DataSet({
  features: Array.from({ length: 60 }, (_, i) => [i % 3 === 0 ? 0.25 : 0.75]),
  labels: Array.from({ length: 60 }, (_, i) => i % 2),
  columns: { M: Array.from({ length: 60 }, (_, i) => i % 4 === 0 ? 0 : 1) },
});
const tested = (text: string, options: Partial<SafetyTestOptions>) =>
  safetyTest({ model: echo, data: rates, constraints: [{ text, delta: 0.08 }], ...options });

test("delta is shared out by weight, whatever the analysis and the formula", async () => {
  const spent = async (text: string, options: Partial<SafetyTestOptions>) =>
    Object.fromEntries(
      (await tested(text, options)).constraints[0].leaves.map(({ name, deltaLower, deltaUpper }) => [name, [
        deltaLower,
        deltaUpper,
      ]]),
    );
  const shares = { ACC: 3, "PR | [M]": 1 }, interval = { analysis: "interval", shares } as const;
  // Both bounds of a measure have half of its share each.
  deepEqual(await spent("abs(ACC - (PR | [M])) <= 0.9", interval), { ACC: [0.03, 0.03], "PR | [M]": [0.01, 0.01] });
  deepEqual(await spent("ACC - (PR | [M]) <= 0.9", interval), { ACC: [null, 0.06], "PR | [M]": [0.02, null] });
  deepEqual(await spent("ACC - (PR | [M]) <= 0.9", { shares }), { ACC: [null, 0.06], "PR | [M]": [0.02, null] });
  deepEqual(await spent("ACC * (PR | [M]) <= 0.9", { shares }), { ACC: [null, 0.06], "PR | [M]": [null, 0.02] });
  deepEqual(await spent("ACC * (PR | [M]) <= 0.9", { analysis: "interval", shares: "equal" }), {
    ACC: [0.02, 0.02],
    "PR | [M]": [0.02, 0.02],
  });
});

test("a weight of a measure that no constraint has, or that is no positive number, is an error", async () => {
  for (const analysis of ["interval", "conjunctive"] as const) {
    for (const text of ["ACC - (PR | [M]) <= 0.9", "ACC * (PR | [M]) <= 0.9"]) {
      const message = (shares: unknown) =>
        tested(text, { analysis, shares: shares as Record<string, number> }).then(() => "none", ({ message }) => message);
      const both = { ACC: 1, "PR | [M]": 1 };
      const table: [unknown, string][] = [
        [{ ...both, nonsense: 1 }, 'Cannot use a weight for "nonsense": the constraints have ACC, PR | [M]'],
        [{ ...both, PR: 1 }, 'Cannot use a weight for "PR": the constraints have ACC, PR | [M]'],
        [
          { ACC: 1 },
          'Cannot share delta out: there is no weight for "PR | [M]"; the weights given are for ACC',
        ],
        [{}, 'Cannot share delta out: there is no weight for "ACC"; the weights given are for none'],
        [null, 'Cannot test: shares is null; wanted "optimal", "equal" or a weight for each measure'],
        [
          { ACC: 1, "PR | [M]": 5e-324 },
          'Cannot share delta out: the weight 5e-324 of "PR | [M]" leaves it nothing beside the others\'; wanted a larger one',
        ],
      ];
      for (const weight of [0, -1, NaN, Infinity, "2"]) {
        table.push([
          { ...both, ACC: weight },
          `Cannot share delta out: the weight of "ACC" is ${weight}; wanted a number above 0`,
        ]);
      }
      for (const [shares, why] of table) equal(await message(shares), why);
    }
    // A measure that cancels out needs no bound, and its weight is looked at nevertheless.
    await rejects(tested("ACC - ACC + (PR | [M]) <= 0.9", { analysis, shares: { ACC: -1, "PR | [M]": 1 } }), {
      message: 'Cannot share delta out: the weight of "ACC" is -1; wanted a number above 0',
    });
  }
});

test("a family of bounds for a measure that no constraint has is an error, whichever it is", async () => {
  for (const family of ["auto", "student"] as const) {
    await rejects(tested("ACC <= 0.9", { bound: { nonsense: family } }), {
      message: 'Cannot use a bound for "nonsense": the constraints have ACC',
    });
  }
});

test("a leaf is immutable", () => {
  const conditioned = new Leaf(ACC.measure).given("M");
  equal(`${conditioned.given("F")}`, "ACC | [M, F]");
  equal(`${conditioned}`, "ACC | [M]");
});
