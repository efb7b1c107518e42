import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { abs, constraint, max, measures, min } from "../../../mod.ts";
import { conjuncts } from "../../../seldonian/constraints/conjuncts.ts";
import { valueOf } from "../../../seldonian/constraints/evaluate.ts";
import type { Judgement } from "../../../seldonian/constraints/judgement.ts";
import { Constant, type Expression } from "../../../seldonian/constraints/expression.ts";
import { expressionOf, linearForm, valueOfForm } from "../../../seldonian/constraints/linear.ts";
import { promise } from "../../../seldonian/constraints/promise.ts";
import { fc } from "../../deps.ts";
import { rate } from "../../helpers/arbitraries.ts";

const { PR, ACC } = measures, PM = PR.given("M"), PF = PR.given("F");
const leaves = [PM, PF, ACC];
const runs = { seed: 12, numRuns: 400 };

const number = fc.constantFrom(-1, 0.5, 0.9, 2).map((value) => new Constant(value));
const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Expression>(...leaves),
    number,
    fc.tuple(tie("tree"), tie("tree")).map(([x, y]) => x.plus(y)),
    fc.tuple(tie("tree"), tie("tree")).map(([x, y]) => x.minus(y)),
    fc.tuple(number, tie("tree")).map(([x, y]) => x.times(y)),
    tie("tree").map((x) => x.over(0.8)),
    tie("tree").map((x) => x.negated()),
    tie("tree").map((x) => abs(x)),
    fc.tuple(tie("tree"), tie("tree")).map(([x, y]) => min(x, y)),
    fc.tuple(tie("tree"), tie("tree")).map(([x, y]) => max(x, y)),
  ),
}));
const point = fc.tuple(rate, rate, rate).map((rates) => new Map(leaves.map((leaf, i) => [`${leaf}`, rates[i]])));

test("a formula is the minimum over its ways of the greatest conjunct, for formulas of + - max min abs and numbers", () => {
  let compared = 0;
  fc.assert(
    fc.property(tree, point, (g, at) => {
      let ways: Expression[][];
      try {
        ways = conjuncts(g);
      } catch (error) {
        ok(error instanceof RangeError && error.message.includes("write it as several constraints"), `${error}`);
        return;
      }
      const found = Math.min(...ways.map((way) => Math.max(...way.map((x) => valueOf(x, at)))));
      compared++;
      ok(Math.abs(found - valueOf(g, at)) < 1e-9 * Math.max(1, Math.abs(found)), `${g}: ${found}, not ${valueOf(g, at)}`);
    }),
    runs,
  );
  ok(compared > 350, `${compared}`);
});

test("conjuncts have the form that a reader would write", () => {
  const shown = (text: string) => {
    const judgement: Judgement = { rates: "expected", bound: undefined, ranges: {} };
    return promise(constraint(text), 0.05, judgement, { analysis: "conjunctive", shares: "equal" }).ways.map((way) =>
      way.map((
        { g, form, shares },
      ) => [form ? `${expressionOf(form)}` : `${g}`, ...shares.map(({ lower, upper }) => lower ?? upper)])
    );
  };
  deepEqual(shown("abs((PR | [M]) - (PR | [F])) <= 0.15"), [[
    ["(PR | [M]) - (PR | [F]) - 0.15", 0.025, 0.025],
    ["(PR | [F]) - (PR | [M]) - 0.15", 0.025, 0.025],
  ]]);
  deepEqual(shown("min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.9"), [[
    ["0.9 * (PR | [F]) - (PR | [M])", 0.025, 0.025],
    ["0.9 * (PR | [M]) - (PR | [F])", 0.025, 0.025],
  ]]);
  // A product stays whole. Both factors are at least 0, so it needs one bound of each.
  deepEqual(shown("ACC * PR >= 0.5"), [[["0.5 - ACC * PR", 0.025, 0.025]]]);
  // A difference may have either sign, so the other factor needs both bounds.
  deepEqual(shown("ACC * (PR - 0.5) <= 0.2"), [[["ACC * (PR - 0.5) - 0.2", 0.0125, 0.025]]]);
  deepEqual(shown("log(ACC) >= -0.2"), [[["-0.2 - log(ACC)", 0.05]]]);
});

test("a linear form has the sign of its formula where divisors are positive", () =>
  fc.assert(
    fc.property(point, fc.constantFrom(0.5, 0.8, 1.25), fc.constantFrom(1, -1), (at, c, sign) => {
      const formulas = [
        new Constant(c).minus(PM.over(PF)),
        PM.over(PF).minus(c),
        PM.plus(ACC).over(PF.plus(1)).times(sign).minus(sign * c),
        PM.times(c).minus(PF.over(2)).negated(),
      ];
      for (const g of formulas) {
        const form = linearForm(g, () => [0, 1]), value = valueOf(g, at);
        ok(
          form !== null &&
            (Math.sign(valueOfForm(form, (leaf) => () => at.get(`${leaf}`)!)()) === Math.sign(value) || Math.abs(value) < 1e-12),
          `${g}`,
        );
      }
      // A divisor that may have either sign cannot be multiplied out.
      equal(linearForm(PM.over(PF.minus(0.5)), () => [0, 1]), null);
    }),
    runs,
  ));
