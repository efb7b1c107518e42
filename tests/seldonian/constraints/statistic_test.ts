import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { bounds, constraint, DataSet, safetyTest, type SafetyTestOptions, Tensor, tensor } from "../../../mod.ts";
import { Batch } from "../../../seldonian/constraints/batch.ts";
import { conjuncts } from "../../../seldonian/constraints/conjuncts.ts";
import type { Judgement } from "../../../seldonian/constraints/judgement.ts";
import { evaluatePromise, promise } from "../../../seldonian/constraints/promise.ts";
import { uniformFloat64 } from "../../../deps.ts";
import { randomStream } from "../../../seldonian/random.ts";
import { echo } from "../../helpers/models.ts";

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

test("a difference of rates is bounded as one statistic, of blocks or, for decisions, of counts", async () => {
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
  // Weights give separate bounds.
  const weighted = (await testOf(groups, { constraints, shares: { "PR | [M]": 1, "PR | [F]": 3 } })).constraints[0];
  equal(weighted.conjuncts[0].statistic, undefined);
  deepEqual(weighted.leaves.map(({ deltaUpper }) => deltaUpper), [0.0125, 0.0375]);
});

test("two overlapping groups share one account, three get separate bounds, and measures of the same rows are one statistic", async () => {
  const constraints = [{ text: "(PR | [M]) - (PR | [F]) <= 0.3", delta: 0.05 }];
  // The result does not depend on whether a row of the data is in both groups.
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

test("without candidate data, a disjunction splits delta over its ways", async () => {
  const [found] = (await testOf(groups, { constraints: [{ text: "min(ACC, PR) <= 0.9", delta: 0.05 }] })).constraints;
  equal(found.leaves[0].deltaUpper, 0.025);
  ok(found.passed);
});

test("too many conjuncts, unknown options and weights are errors", async () => {
  const long = Array.from({ length: 8 }, () => "abs(ACC - 0.5)").join(" + ");
  throws(
    () => conjuncts(constraint(`${long} <= 1`).g),
    /it has 256, and the limit is 64; write it as several constraints, or set analysis: "interval"$/,
  );
  const message = (options: Record<string, unknown>) =>
    testOf(groups, { constraints: [{ text: "(PR | [M]) - (PR | [F]) <= 0.3", delta: 0.05 }], ...options }).then(
      () => "",
      ({ message }) => message,
    );
  equal(await message({ ranges: { ACC: [0, 1] } }), 'Cannot use a range for "ACC": the constraints have PR');
  equal(
    await message({ ranges: { PR: [1, 0] } }),
    'Cannot use the range [1,0] for "PR": wanted [low, high] with low < high',
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

test("the forecast of a bound on two overlapping groups is within 10 % of the bound", () => {
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
