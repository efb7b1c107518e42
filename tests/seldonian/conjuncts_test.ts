import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import {
  abs,
  bounds,
  constraint,
  DataSet,
  max,
  measures,
  min,
  safetyTest,
  type SafetyTestOptions,
  Tensor,
  tensor,
} from "../../mod.ts";
import { Batch } from "../../seldonian/constraints/batch.ts";
import { conjuncts } from "../../seldonian/constraints/conjuncts.ts";
import { valueOf } from "../../seldonian/constraints/evaluate.ts";
import type { Judgement } from "../../seldonian/constraints/judgement.ts";
import { Constant, type Expression } from "../../seldonian/constraints/expression.ts";
import { expressionOf, linearForm, valueOfForm } from "../../seldonian/constraints/linear.ts";
import { evaluatePromise, promise, type Promised } from "../../seldonian/constraints/promise.ts";
import { planned } from "../../seldonian/constraints/plan.ts";
import { uniformFloat64 } from "../../deps.ts";
import { randomStream } from "../../seldonian/random.ts";
import { fc } from "../deps.ts";
import { echo } from "../helpers/models.ts";

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
const rate = fc.integer({ min: 1, max: 64 }).map((i) => i / 64);
const point = fc.tuple(rate, rate, rate).map((rates) => new Map(leaves.map((leaf, i) => [`${leaf}`, rates[i]])));

test("a formula is the least of its ways' greatest conjuncts, for formulas of + - max min abs and numbers", () =>
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
      ok(Math.abs(found - valueOf(g, at)) < 1e-9 * Math.max(1, Math.abs(found)), `${g}: ${found}, not ${valueOf(g, at)}`);
    }),
    runs,
  ));

test("conjuncts are those that a reader would write", () => {
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
  // A product stays whole; since both are at least 0, it needs one bound of each.
  deepEqual(shown("ACC * PR >= 0.5"), [[["0.5 - ACC * PR", 0.025, 0.025]]]);
  // A difference may have either sign, so what it is multiplied by needs both bounds.
  deepEqual(shown("ACC * (PR - 0.5) <= 0.2"), [[["ACC * (PR - 0.5) - 0.2", 0.0125, 0.025]]]);
  deepEqual(shown("log(ACC) >= -0.2"), [[["-0.2 - log(ACC)", 0.05]]]);
});

test("a linear form has the sign of its formula, wherever divisors are positive", () =>
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
        ok(form !== null && (Math.sign(valueOfForm(form, at)) === Math.sign(value) || Math.abs(value) < 1e-12), `${g}`);
      }
      // A divisor that may have either sign cannot be multiplied out.
      equal(linearForm(PM.over(PF.minus(0.5)), () => [0, 1]), null);
    }),
    runs,
  ));

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

/** Bounds apart, with equal shares: the same bounds on both sides of the comparison. */
function apart(promised: Promised): Promised {
  return { ...promised, ways: promised.ways.map((way) => way.map((conjunct) => ({ ...conjunct, asOne: false }))) };
}

test("what passes under interval analysis with equal shares passes under conjunctive analysis", () => {
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

test("a plan never predicts a higher bound than equal shares, and keeps delta", () => {
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

/** A model that says its only feature, as it is. */

function testOf(
  rows: [p: number, y: number, columns: string][],
  options: Partial<SafetyTestOptions> & Pick<SafetyTestOptions, "constraints">,
  exclusive = [["M", "F"]],
) {
  const names = [...new Set(rows.flatMap(([, , columns]) => columns.split("")))];
  const columns = Object.fromEntries(names.map((name) => [name, rows.map(([, , columns]) => columns.includes(name) ? 1 : 0)]));
  const data = { features: tensor(rows.map(([p]) => [p])), labels: rows.map(([, y]) => y), columns, exclusive };
  return safetyTest({ model: echo, data: new DataSet(data), ...options });
}

const groups: [number, number, string][] = Array.from(
  { length: 120 },
  (_, i) => [i % 5 === 0 ? 0.25 : 0.75, i % 3 === 0 ? 0 : 1, i % 3 === 1 ? "F" : "M"],
);

test("a difference of rates is bounded as one statistic: of blocks, or of counts for decisions", async () => {
  const constraints = [{ text: "abs((PR | [M]) - (PR | [F])) <= 0.3", delta: 0.05 }];
  const expected = (await testOf(groups, { constraints })).constraints[0];
  deepEqual(expected.conjuncts.map(({ statistic }) => [statistic!.bound, statistic!.n, statistic!.text]), [
    ["star", 40, "(PR | [M]) - (PR | [F]) - 0.3"],
    ["star", 40, "(PR | [F]) - (PR | [M]) - 0.3"],
  ]);
  const decided = (await testOf(groups, { constraints, rates: "decided" })).constraints[0];
  deepEqual(decided.conjuncts.map(({ statistic }) => [statistic!.bound, statistic!.n]), [["buehler", 120], ["buehler", 120]]);
  const [k, n] = [decided.leaves.map(({ n, mean }) => Math.round(n * mean)), decided.leaves.map(({ n }) => n)];
  const by = bounds.twoRatesUpper({ coefficient: 1, k: k[0], n: n[0] }, { coefficient: -1, k: k[1], n: n[1] }, 0.05);
  ok(Math.abs(decided.conjuncts[0].upper - (by - 0.3)) < 1e-12);
  // Weights ask for bounds apart.
  const weighted = (await testOf(groups, { constraints, shares: { "PR | [M]": 1, "PR | [F]": 3 } })).constraints[0];
  equal(weighted.conjuncts[0].statistic, undefined);
  deepEqual(weighted.leaves.map(({ deltaUpper }) => deltaUpper), [0.0125, 0.0375]);
});

test("two groups that may overlap have one account, more are bounded apart, measures of the same rows are taken together", async () => {
  const constraints = [{ text: "(PR | [M]) - (PR | [F]) <= 0.3", delta: 0.05 }];
  // Whether a row of the data is in both makes no difference.
  for (const column of ["MF", "M"]) {
    const rows = groups.map(([p, y, own], i): [number, number, string] => [p, y, i === 0 ? column : own]);
    const [{ conjuncts: [{ statistic, upper, value }] }] = (await testOf(rows, { constraints }, [])).constraints;
    ok(statistic!.bound === "one-account" && statistic!.n === 120 && statistic!.delta === 0.05);
    ok(value < upper && upper < value + 0.25, `${value}, at most ${upper}`);
  }
  const three = [{ text: "(PR | [M]) + (PR | [F]) - 2 * PR <= 0.9", delta: 0.06 }];
  const [apart] = (await testOf(groups, { constraints: three }, [])).constraints;
  ok(apart.conjuncts[0].statistic === undefined);
  ok(apart.leaves.every(({ deltaUpper, deltaLower }) => Math.abs((deltaUpper ?? deltaLower)! - 0.02) < 1e-15));
  const [paired] = (await testOf(groups, { constraints: [{ text: "ACC - PR <= 0.3", delta: 0.05 }] })).constraints;
  deepEqual([paired.conjuncts[0].statistic!.n, paired.conjuncts[0].statistic!.bound], [120, "star"]);
});

test("without candidate data a disjunction splits delta over its ways", async () => {
  const [found] = (await testOf(groups, { constraints: [{ text: "min(ACC, PR) <= 0.9", delta: 0.05 }] })).constraints;
  equal(found.leaves[0].deltaUpper, 0.025);
  ok(found.passed);
});

test("too many conjuncts, unknown options and weights are errors", async () => {
  const long = Array.from({ length: 8 }, () => "abs(ACC - 0.5)").join(" + ");
  throws(
    () => conjuncts(constraint(`${long} <= 1`).g),
    /it is 256 of them, and 64 is the most; write it as several constraints, or set analysis: "interval"$/,
  );
  const message = (options: Record<string, unknown>) =>
    testOf(groups, { constraints: [{ text: "(PR | [M]) - (PR | [F]) <= 0.3", delta: 0.05 }], ...options }).then(
      () => "",
      ({ message }) => message,
    );
  equal(await message({ ranges: { ACC: [0, 1] } }), 'Cannot use a range for "ACC": the constraints have PR');
  equal(
    await message({ ranges: { PR: [1, 0] } }),
    'Cannot use the range [1,0] for "PR": wanted a least and a greater greatest value',
  );
  equal(
    await message({ ranges: { PR: [0, 0.5] } }),
    "Cannot bound PR | [M]: the value of row 2 is 0.75, outside of the declared range [0, 0.5]",
  );
  equal(
    await message({ constraints: [{ text: "Mean_Squared_Error <= 2", delta: 0.05 }], bound: "hoeffding" }),
    'Cannot bound Mean_Squared_Error by "hoeffding", which needs a finite range, and its values lie in [0, Infinity]: ' +
      'declare one, as in ranges: { Mean_Squared_Error: [0, 25] }, or use "student"',
  );
  equal(await message({ rates: "guessed" }), 'Cannot test: rates is "guessed"; wanted "expected" or "decided"');
  equal(await message({ shares: "all" }), 'Cannot test: shares is "all"; wanted "optimal", "equal" or a weight for each measure');
  equal(
    await message({ shares: { "PR | [M]": 1 } }),
    'Cannot share delta out: there is no weight for "PR | [F]"; the weights given are for PR | [M]',
  );
  equal(
    await message({ shares: { "PR | [M]": 1, "PR | [F]": 0 } }),
    'Cannot share delta out: the weight of "PR | [F]" is 0; wanted a number above 0',
  );
  equal(
    await message({ bound: "normal" }),
    `Cannot bound a mean by "normal": wanted auto, ${bounds.families.map(({ name }) => name).join(", ")}, or a Bound`,
  );
});

test("a bound on two groups that may overlap is predicted as it will be found", () => {
  const judgement: Judgement = { rates: "expected", bound: undefined, ranges: {} };
  const asked = promise(constraint("(PR | [A]) - 0.8 * (PR | [B]) <= 0"), 0.05, judgement, {
    analysis: "conjunctive",
    shares: "equal",
  });
  for (const n of [100, 400, 2000]) {
    let predicted = 0, found = 0;
    for (let trial = 0; trial < 20; trial++) {
      const random = randomStream(trial, "draws"), u = () => uniformFloat64(random);
      const z = Float64Array.from({ length: n }, () => u() ** 2),
        A = z.map(() => u() < 0.5 ? 1 : 0),
        B = z.map(() => u() < 0.3 ? 1 : 0);
      const columns = new Map([["A", Uint8Array.from(A)], ["B", Uint8Array.from(B)]]);
      const batch = new Batch(Tensor.from(z), Tensor.from(new Float64Array(n)), columns),
        { value, interval } = evaluatePromise(asked, batch);
      found += interval.upper.value - value;
      predicted += evaluatePromise(asked, batch, { inflation: 1 }).interval.upper.value - value;
    }
    ok(Math.abs(predicted / found - 1) < 0.1, `n ${n}: ${predicted / 20} predicted, ${found / 20} found`);
  }
});
