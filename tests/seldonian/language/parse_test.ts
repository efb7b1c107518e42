import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { abs, constraint, ConstraintError, explainConstraint, measures } from "../../../mod.ts";
import { Leaf } from "../../../seldonian/constraints/expression.ts";
import { fc } from "../../deps.ts";
import { bare, tree } from "./expressions.ts";

const { ACC, PR } = measures;

test("constraint() reads back what toString() prints", () =>
  fc.assert(
    fc.property(tree, tree, fc.constantFrom("atMost", "atLeast"), (x, y, relation) => {
      const built = x.plus(ACC)[relation as "atMost"](y), read = constraint(`${built}`);
      equal(`${read}`, `${built}`);
      deepEqual(bare(read.g), bare(built.g));
    }),
    { seed: 3, numRuns: 500 },
  ));

test("constraint() reads the signs of word processors and any white space", () =>
  fc.assert(
    fc.property(tree, fc.constantFrom("−", "–"), fc.constantFrom("\u00a0", "\u202f", "\u3000", "\t"), (x, minus, space) => {
      const built = x.plus(ACC).atMost(0.5), signs = /"[^"]*"|\*\*|e-|[-* ]|<=/g;
      const typed = `${built}`.replace(signs, (sign) => ({ "-": minus, "*": "×", "<=": "≤", " ": space })[sign] ?? sign);
      deepEqual(bare(constraint(typed).g), bare(built.g));
    }),
    { seed: 12, numRuns: 300 },
  ));

test("long texts are refused within two seconds", () => {
  const parts = "a-|a.b |a |“a”|“|not |a and |a in |a is a |a between 1 and | |\\|(|a (|! |–|5%".split("|");
  for (const part of parts) {
    for (const text of [`(PR | [${part.repeat(100_000)}]) <= 0.5`, `(PR | [${part.repeat(100_000)}`, part.repeat(100_000)]) {
      const start = performance.now();
      throws(() => constraint(text), ConstraintError);
      ok(performance.now() - start < 2000, `${part} took ${performance.now() - start} ms`);
    }
  }
});

test("the longest texts are explained, or refused, within two seconds", () => {
  const many = (count: number, part: string, sign: string) => new Array<string>(count).fill(part).join(sign);
  const texts = [
    ...["*", "/", "+", "-"].map((sign) => many(990, "ACC", sign)),
    ...[
      many(490, "ACC", "**"),
      many(490, "(ACC - PR)", "*"),
      `max(${many(50_000, "ACC", ",")})`,
      `min(${many(990, "ACC", ",")})`,
    ],
    ...["exp", "log", "abs", "-"].map((name) => `${`${name}(`.repeat(490)}ACC${")".repeat(490)}`),
    ...[many(6, `abs(${many(150, "PR", "*")})`, "+"), many(6, `max(${many(60, "PR", "*")}, ACC)`, "+")],
    ...[`(PR | [${many(990, "A", "&&")}])`, "A".repeat(1_000_000), `${" ".repeat(1_000_000)}ACC`],
  ];
  for (const text of texts) {
    const start = performance.now(), what = text.slice(0, 20);
    try {
      explainConstraint(`${text} <= 2`, 0.05);
    } catch (error) {
      ok(error instanceof ConstraintError || error instanceof RangeError, `${what}: ${error}`);
    }
    ok(performance.now() - start < 2000, `${what} took ${performance.now() - start} ms`);
  }
});

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

test("constraint() reads the signs, quotes and words that people type", () => {
  const table: [string, string][] = [
    ["ACC ≥ 0.95", "0.95 - ACC"],
    ["−PR × 2 – 3", "-PR * 2 - 3"],
    ["PR-NR-CM_[0, 1]-PR-NR", "PR - NR - CM_[0, 1] - PR - NR"],
    ["(PR | [marital-status])≤0.5", '(PR | ["marital-status"]) - 0.5'],
    ["(PR | there[Personal.Male.Single == 1, a-b.c])", 'PR | there["Personal.Male.Single" == 1, "a-b.c"]'],
    ["(PR | [sex == “Male” and not ‘home town’ == „x“])", 'PR | [sex == "Male" && !("home town" == "x")]'],
    // Straight quotes end with the same quote, and curly ones with any closing curly quote.
    [`(PR | [“5" pipe”, "“x”"])`, `PR | ["5\\" pipe", "“x”"]`],
    ["(PR | [not M or N AND not (age ≠ −1)])", "PR | [!M || N && !(age != -1)]"],
    // A conjunction stands between two sides, so columns may have the names of conjunctions.
    ["(PR | [and, not, or == 1, M and and, not or not])", "PR | [and, not, or == 1, M && and, not || not]"],
    ['(PR | ["and" && "not"])', "PR | [and && not]"],
    ["(PR | [x<-1, x == -1, x-1 > 0])", 'PR | [x < -1, x == -1, "x-1" > 0]'],
  ];
  for (const [text, g] of table) equal(`${constraint(text).g}`, g);
});

test("constraints built in code print as the text", () => {
  equal(`${ACC.atLeast(0.95)}`, "ACC >= 0.95");
  equal(`${abs(PR.given("M").minus(PR.given("F"))).atMost(0.15)}`, "abs((PR | [M]) - (PR | [F])) <= 0.15");
});

test("constraint() throws only ConstraintError, whatever the text", () =>
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

test("a leaf is immutable", () => {
  const conditioned = new Leaf(ACC.measure).given("M");
  equal(`${conditioned.given("F")}`, "ACC | [M, F]");
  equal(`${conditioned}`, "ACC | [M]");
});
