import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { bounds, constraint, Tensor } from "../../../mod.ts";
import { Batch } from "../../../seldonian/constraints/batch.ts";
import type { Judgement } from "../../../seldonian/constraints/judgement.ts";
import { evaluatePromise, promise, type Promised } from "../../../seldonian/constraints/promise.ts";
import { planned } from "../../../seldonian/constraints/plan.ts";
import { fc } from "../../deps.ts";
import { rate } from "../../helpers/arbitraries.ts";

/** Probabilities, labels and two groups. */
const data = fc.array(fc.tuple(rate, fc.nat(1), fc.nat(1)), { minLength: 30, maxLength: 60 }).map((rows) => {
  const M = Uint8Array.from(rows, ([, , m]) => m);
  return new Batch(
    Tensor.from(Float64Array.from(rows, ([p]) => p)),
    Tensor.from(Float64Array.from(rows, ([, y]) => y)),
    new Map([["M", M], ["F", M.map((m) => 1 - m)]]),
    { testRows: 100 },
  );
});

/** Separate bounds with equal shares, so that both sides of the comparison have the same bounds. */
function apart(promised: Promised): Promised {
  return { ...promised, ways: promised.ways.map((way) => way.map((conjunct) => ({ ...conjunct, asOne: false }))) };
}

test("a constraint that passes interval analysis with equal shares passes conjunctive analysis", () => {
  const texts = [
    "ACC >= 0.3",
    "abs((PR | [M]) - (PR | [F])) <= 0.6",
    "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.3",
    "max(ACC, PR) <= 0.8",
    "(PR | [M]) * (PR | [F]) <= 0.6",
    "exp(ACC) + abs(PR - 0.5) <= 2.4",
    "ACC - ACC * 0.5 <= 0.4",
    "2 * ACC - (PR | [M]) / 2 <= 1.1",
  ];
  let passed = 0;
  fc.assert(
    fc.property(data, fc.constantFrom(...texts), fc.constantFrom("hoeffding", "student", "anderson"), (batch, text, name) => {
      const judgement: Judgement = {
        rates: "expected",
        bound: bounds.families.find((family) => family.name === name),
        ranges: {},
      };
      const of = (analysis: "interval" | "conjunctive") =>
        evaluatePromise(apart(promise(constraint(text), 0.2, judgement, { analysis, shares: "equal" })), batch).interval.upper
          .value;
      if (of("interval") > 0) return;
      passed++;
      ok(of("conjunctive") <= 1e-12, `${text}: ${of("interval")} and ${of("conjunctive")}`);
    }),
    { seed: 13, numRuns: 600 },
  );
  ok(passed > 50, `${passed} passed`);
});

test("a plan never predicts a higher bound than the stated shares, and spends delta exactly", () => {
  const judgement: Judgement = { rates: "expected", bound: bounds.hoeffding, ranges: {} };
  fc.assert(
    fc.property(
      data,
      fc.constantFrom("PR - 2 * (PR | [M]) <= 0.9", "abs((PR | [M]) - (PR | [F])) <= 0.5", "min(ACC, PR) <= 0.5"),
      (batch, text) => {
        const stated = promise(constraint(text), 0.1, judgement, { analysis: "conjunctive", shares: "optimal" });
        const plan = planned(stated, batch),
          predicted = (promised: Promised) => evaluatePromise(promised, batch, { inflation: 1 }).interval.upper.value;
        ok(predicted(plan) <= predicted(stated) + 1e-12);
        equal(plan.ways.length, 1);
        for (const { shares } of plan.ways[0]) {
          const spent = shares.reduce((sum, { lower = 0, upper = 0 }) => sum + lower + upper, 0);
          ok(Math.abs(spent - 0.1) < 1e-12, `${spent}`);
        }
      },
    ),
    { seed: 14, numRuns: 100 },
  );
});
