import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { constraint, ConstraintError, where } from "../../../mod.ts";
import { type Condition, conditionText, mirrored, type Relation } from "../../../seldonian/constraints/conditions.ts";
import { fc } from "../../deps.ts";
import { bare, type Pick, quoted } from "./expressions.ts";

/** Column names: words of the language, names of several words, and names that need quotes. */
const column = fc.constantFrom(
  ..."age M and OR not is in between größe marital-status race-ethnicity covid-19 Personal.Male.Single X.1".split(" "),
  ...["home town", "sex (M/F)", "men’s", 'a "b"', "a – b", "„x“", "\\", "", "2nd"],
);
/** Records with the usual prototype, because some runtimes compare it. */
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

/** A condition as a user may type it; `pick` chooses the spelling. */
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
      // `not and` and `not -3` would start with a column named "not".
      return /^(and|or|[-−–])/i.test(of) ? `${sign}(${of})` : `${sign}${space}${of}`;
    }
    default: {
      const { kind, left, right } = condition, sign = kind === "and" ? pick("&&", "and", "AND") : pick("||", "or", "Or");
      return `(${typed(left, pick)}${space}${sign}${space}${typed(right, pick)})`;
    }
  }
}

test("conditions are read in every spelling, and again from their printed form", () =>
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

test("any words in brackets are read, also from their printed form, or are an error of the kit", () =>
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

test("a condition that is a whole argument needs no parentheses", () => {
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
  // Next to another operator, the scope of | is unclear.
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
