import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { constraint, ConstraintError, DataSet, type nn, safetyTest, Tensor } from "../../../mod.ts";
import { Batch } from "../../../seldonian/constraints/batch.ts";
import { valueOf } from "../../../seldonian/constraints/evaluate.ts";
import { type Expression, leavesIn } from "../../../seldonian/constraints/expression.ts";
import { fc } from "../../deps.ts";

/** The value of a formula on decisions and labels. */
function valueOn(x: Expression, decisions: number[], labels: number[], columns = new Map<string, Uint8Array>()): number {
  const batch = new Batch(Tensor.from(Float64Array.from(decisions)), Tensor.from(Float64Array.from(labels)), columns);
  return valueOf(x, new Map(leavesIn(x).map((leaf) => [`${leaf}`, batch.estimate(leaf).value])));
}

/** The left side of `text >= 0`. */
const formula = (text: string) => constraint(`${text} >= 0`).left;

test("ratios of rates equal ratios of counts", () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1)), { minLength: 8, maxLength: 40 }), (rows) => {
      const [decisions, labels, group] = [0, 1, 2].map((i) => rows.map((row) => row[i])),
        columns = new Map([["M", Uint8Array.from(group)]]);
      for (const [condition, chosen] of [["", rows], [" | [M]", rows.filter((row) => row[2] === 1)]] as const) {
        const count = (decided: number, label: number) => chosen.filter((row) => row[0] === decided && row[1] === label).length;
        const tp = count(1, 1), fp = count(1, 0), tn = count(0, 0), fn = count(0, 1);
        const wanted = { Precision: tp / (tp + fp), FDR: fp / (tp + fp), NPV: tn / (tn + fn), F1: 2 * tp / (2 * tp + fp + fn) };
        for (const [name, value] of Object.entries(wanted)) {
          const found = valueOn(formula(`(${name}${condition})`.replace(/^\((\w+)\)$/, "$1")), decisions, labels, columns);
          ok(Object.is(found, value) || Math.abs(found - value) < 1e-12, `${name}${condition} is ${found}, wanted ${value}`);
        }
      }
    }),
    { seed: 1 },
  ));

test("a limit on a ratio is one statistic of all rows, at the whole delta", async () => {
  const n = 300, labels = Array.from({ length: n }, (_, i) => i % 2), features = labels.map((y, i) => [i % 10 === 0 ? 1 - y : y]);
  /** Returns its input. */
  class Echo implements nn.Module {
    forward(x: Tensor): Tensor {
      return x;
    }
  }
  const report = (text: string, columns: Record<string, number[]> = {}) =>
    safetyTest({
      model: new Echo(),
      data: new DataSet({ features, labels, columns }),
      constraints: [{ text, delta: 0.05 }],
      rates: "decided",
    });
  const { passed, constraints: [{ conjuncts: [one, ...others] }] } = await report("Precision >= 0.7");
  ok(passed && others.length === 0);
  equal(one.statistic!.n, n);
  equal(one.statistic!.delta, 0.05);
  match(one.text, /^0\.7 \* FP - 0\.3\d* \* TP <= 0$/);
  const grouped = await report("(F1 | [M]) >= 0.6", { M: labels.map((_, i) => i % 3 === 0 ? 1 : 0) });
  ok(grouped.passed && grouped.constraints[0].conjuncts[0].statistic!.n === 100);
  // Two ratios have two divisors, so their measures have separate bounds.
  const { constraints: [{ value, upper, conjuncts: apart }] } = await report("abs(Precision - NPV) <= 0.3");
  ok(apart[0].statistic === undefined && Math.abs(value - (1 / 6 - 0.3)) < 1e-9 && upper < 1, `${value} ${upper}`);
});

test("ratios are read with classes and conditions, and printed as formulas", () => {
  equal(`${constraint("Precision >= 0.8")}`, "TP / (TP + FP) >= 0.8");
  equal(`${constraint("(F1_[2] | [M]) >= 0.8")}`, constraint(`${constraint("(F1_[2] | [M]) >= 0.8")}`).toString());
  deepEqual(constraint("Precision_[2] >= 0.8").leaves.map(String), ["TP_[2]", "FP_[2]"]);
  const wrong: [string, RegExp][] = [
    ["Precison >= 0.8", /unknown measure "Precison"; the nearest is "Precision"/],
    ["F1_[1, 2] >= 0.8", /F1 takes one class, found 2/],
    ["((PR + NR) | [M]) >= 0.8", /only a measure can have a condition/],
    ["((PR | [A]) | [M]) >= 0.8", /only a measure can have a condition/],
  ];
  for (const [text, message] of wrong) {
    throws(() => constraint(text), (error: Error) => error instanceof ConstraintError && message.test(error.message));
  }
});
