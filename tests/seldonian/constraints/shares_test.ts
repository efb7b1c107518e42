import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { constraint, DataSet, measures, safetyTest, type SafetyTestOptions } from "../../../mod.ts";
import { forTest, promise } from "../../../seldonian/constraints/promise.ts";
import { shareDelta } from "../../../seldonian/constraints/shares.ts";
import { fc } from "../../deps.ts";
import { echo } from "../../helpers/models.ts";
import { exactly } from "../../helpers/exact.ts";

const { PR } = measures;

test("shareDelta() splits delta over distinct measures, then over all bounds that each needs", () => {
  const shares = (text: string) =>
    shareDelta(constraint(text), 0.12).map(({ leaf, lower, upper }) => [`${leaf}`, lower ?? null, upper ?? null]);
  deepEqual(shares("ACC >= 0.9"), [["ACC", 0.12, null]]);
  deepEqual(shares("abs((PR | [M]) - (PR | [F])) <= 0.1"), [["PR | [M]", 0.03, 0.03], ["PR | [F]", 0.03, 0.03]]);
  // The toolkit keeps the first occurrence's bounds here, and gets an infinite bound.
  deepEqual(shares("ACC - ACC*0.5 + exp(0-ACC) <= 1"), [["ACC", 0.06, 0.06]]);
  // As doubles, three times 0.04 is more than 0.12.
  const third = 0.04 - 2 ** -57;
  deepEqual(shares("max(FPR, FNR) - TPR <= 0"), [["FPR", null, third], ["FNR", null, third], ["TPR", third, null]]);
  for (const delta of [0, 1, -0.1, NaN]) throws(() => shareDelta(constraint("ACC >= 0.9"), delta), RangeError);
});

test("in exact arithmetic, shares of delta never sum to more than delta, and to hardly less", () => {
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
        // Otherwise a part would be too small for all digits.
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

test("delta is split by weight, for both analyses and all formulas", async () => {
  const spent = async (text: string, options: Partial<SafetyTestOptions>) =>
    Object.fromEntries(
      (await tested(text, options)).constraints[0].leaves.map(({ name, deltaLower, deltaUpper }) => [name, [
        deltaLower,
        deltaUpper,
      ]]),
    );
  const shares = { ACC: 3, "PR | [M]": 1 }, interval = { analysis: "interval", shares } as const;
  // Each of a measure's two bounds gets half of its share.
  deepEqual(await spent("abs(ACC - (PR | [M])) <= 0.9", interval), { ACC: [0.03, 0.03], "PR | [M]": [0.01, 0.01] });
  deepEqual(await spent("ACC - (PR | [M]) <= 0.9", interval), { ACC: [null, 0.06], "PR | [M]": [0.02, null] });
  deepEqual(await spent("ACC - (PR | [M]) <= 0.9", { shares }), { ACC: [null, 0.06], "PR | [M]": [0.02, null] });
  deepEqual(await spent("ACC * (PR | [M]) <= 0.9", { shares }), { ACC: [null, 0.06], "PR | [M]": [null, 0.02] });
  deepEqual(await spent("ACC * (PR | [M]) <= 0.9", { analysis: "interval", shares: "equal" }), {
    ACC: [0.02, 0.02],
    "PR | [M]": [0.02, 0.02],
  });
});

test("a weight for an unused measure is an error, and so is a weight that is not positive", async () => {
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
          'Cannot share delta out: the weight 5e-324 of "PR | [M]" gets no share beside the others\'; wanted a larger one',
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
    // A measure that cancels out needs no bound, but its weight is still checked.
    await rejects(tested("ACC - ACC + (PR | [M]) <= 0.9", { analysis, shares: { ACC: -1, "PR | [M]": 1 } }), {
      message: 'Cannot share delta out: the weight of "ACC" is -1; wanted a number above 0',
    });
  }
});

test("a family of bounds for an unused measure is an error", async () => {
  for (const family of ["auto", "student"] as const) {
    await rejects(tested("ACC <= 0.9", { bound: { nonsense: family } }), {
      message: 'Cannot use a bound for "nonsense": the constraints have ACC',
    });
  }
});
