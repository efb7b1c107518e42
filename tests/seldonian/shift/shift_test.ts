import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../deps.ts";
import { DataSet, explain, nn, safetyTest, type SafetyTestOptions, train, verify } from "../../../mod.ts";
import { vertices } from "../../../seldonian/shift/vertices.ts";
import { points } from "../../helpers/line.ts";
import { echo } from "../../helpers/models.ts";
import { resealed } from "../../helpers/small_run.ts";

type Shift = NonNullable<SafetyTestOptions["shift"]>;

const n = 600, features = points(n), race = features.map((_, i) => i % 5 === 0 ? "b" : "a"), M = features.map((_, i) => i % 2);
const labels = features.map(([x, y], i) => x + 0.3 * y + 0.5 * Math.sin(11.7 * i) > (race[i] === "b" ? 0.2 : -0.2) ? 1 : 0);
const age = features.map((_, i) => 20 + 7 * i % 40), columns = { race, M, F: M.map((m) => 1 - m), age };
const data = new DataSet({ features, labels, columns, exclusive: [["M", "F"]] });
const half = { race: { a: 0.5, b: 0.5 } }, some = { race: { a: [0.4, 0.9], b: [0.1, 0.6] } } as const;

/** Outputs that are the labels' probabilities by group. */
const rows = new DataSet({ features: features.map(([x]) => [(x + 1) / 2]), labels, columns, exclusive: [["M", "F"]] });
const upperOf = async (text: string, shift?: Shift) =>
  (await safetyTest({ model: echo, data: rows, constraints: [{ text, delta: 0.1 }], shift })).constraints[0].upper;

test("a promise about rows of one group does not depend on its proportion", async () => {
  for (const text of ["(PR | [race == 'b']) <= 0.9", "abs((PR | [race == 'a']) - (PR | [race == 'b'])) <= 0.3"]) {
    equal(await upperOf(text, half), await upperOf(text));
    equal(await upperOf(text, some), await upperOf(text));
  }
});

test("the bound of a set of populations is the greatest of its vertices' bounds, and the greater the set, the greater the bound", async () => {
  for (const text of ["PR <= 0.9", "FPR <= 0.9", "(PR | [M]) <= 0.9"]) {
    const [whole, first, last] = [
      await upperOf(text, some),
      await upperOf(text, { race: { a: 0.4, b: 0.6 } }),
      await upperOf(text, { race: { a: 0.9, b: 0.1 } }),
    ];
    equal(whole, Math.max(first, last));
  }
  const text = "(PR | [M]) - (PR | [F]) <= 0.5";
  ok(await upperOf(text, some) >= await upperOf(text, half));
});

test("a population with the data's own proportions has about the usual bound", async () => {
  for (const text of ["PR <= 0.9", "FPR <= 0.9", "(PR | [M]) - (PR | [F]) <= 0.3", "(TPR | [M]) >= 0.9 * (TPR | [F])"]) {
    const [same, usual] = [await upperOf(text, { race: { a: 0.8, b: 0.2 } }), await upperOf(text)];
    ok(Math.abs(same - usual) < 0.03, `${text}: ${same} and ${usual}`);
  }
});

test("groups may be conditions, flags, or values that are numbers", async () => {
  const text = "PR <= 0.9", byAge: Shift = { "age < 30": 0.3, "age >= 30": 0.7 };
  ok(Number.isFinite(await upperOf(text, byAge)));
  equal(await upperOf(text, { M: [0.3, 0.4], F: [0.6, 0.7] }), await upperOf(text, { M: { 1: [0.3, 0.4], 0: [0.6, 0.7] } }));
  equal(await upperOf(text, { "race == 'a'": 0.5, "!(race == 'a')": 0.5 }), await upperOf(text, half));
});

test("a shift that says nothing, or that the data does not allow, is refused with the place and the cure", async () => {
  const wrong: [unknown, RegExp][] = [
    [{}, /Cannot shift nothing: wanted the proportions/],
    [{ race: { a: 0.5, b: 0.5 }, M: { 0: 0.5, 1: 0.5 } }, /Cannot shift 2 columns at once: .*or of conditions/],
    [{ race: { a: 0.5, b: 0.6 } }, /Cannot use shift\.race: its lower ends sum to 1\.1, .*sum to 1/],
    [{ race: { a: [0.1, 0.2], b: [0.1, 0.2] } }, /its upper ends sum to 0\.4/],
    [{ race: { a: [0.6, 0.2], b: 0.5 } }, /Cannot use shift\.race\.a, \[0\.6,0\.2\]: .*low first/],
    [{ race: { a: "many", b: 0.5 } }, /Cannot use shift\.race\.a, "many": wanted a proportion/],
    [{ race: { a: NaN, b: 0.5 } }, /Cannot use shift\.race\.a, NaN: wanted a proportion/],
    [{ race: { a: [0.5, NaN], b: 0.5 } }, /Cannot use shift\.race\.a, \[0\.5,NaN\]: wanted a proportion/],
    [new Map(), /shift is a Map; wanted an object/],
    [{ race: { a: 1 } }, /Cannot use shift\.race: wanted the proportions of two groups or more/],
    [{ rase: { a: 0.5, b: 0.5 } }, /Cannot shift by "rase": .*the nearest is "race"/],
    [{ "age < 25 && rice == 'a'": 0.5, "age >= 25": 0.5 }, /Cannot shift by "rice": .*the nearest is "race"/],
    [{ race: { a: 0.5, b: 0.4, c: 0.1 } }, /Cannot use shift\.race\.c: no row of the data is in it \(race == "c"\)/],
    [{ race: { a: 0.5, c: 0.5 } }, /row 0 is in none of the groups, because race is "b"; add its group/],
    [{ race: { A: 0.5, b: 0.5 } }, /row 1 is in none of the groups, because race is "a"; the nearest is "A", add its group/],
    [{ "age < 30": 0.5, "age < 40": 0.2, "age >= 40": 0.3 }, /row 0 is in two groups, age < 30 and age < 40/],
    [{ age: { old: 0.5, 20: 0.5 } }, /Cannot use shift\.age\.old: column "age" has numbers/],
    [{ "age <": 0.5, "age >= 25": 0.5 }, /age </],
    [[0.5, 0.5], /shift is a list; wanted an object/],
  ];
  for (const [shift, message] of wrong) {
    await rejects(
      upperOf("PR <= 0.9", shift as Shift),
      (error: Error) => (match(error.message, message), true),
      JSON.stringify(shift),
    );
  }
});

test("promises that are not proven for other populations are refused", async () => {
  const asked = (options: Partial<SafetyTestOptions>) =>
    safetyTest({ model: echo, data: rows, constraints: [{ text: "PR <= 0.9", delta: 0.1 }], shift: half, ...options });
  await rejects(asked({ data: rows.clustered(M) }), /for other populations: rows are in clusters/);
  await rejects(asked({ bound: "student" }), /the bound "student" is not proven for them/);
  await rejects(
    asked({ constraints: [{ text: "(PR | more) <= 0.9", delta: 0.1 }], others: { more: rows } }),
    /of another data set/,
  );
  await rejects(
    asked({ constraints: [{ text: "CVaR_[0.1] <= 0.9", delta: 0.1 }], ranges: { CVaR: [0, 1] } }),
    /CVaR is no mean; leave out shift/,
  );
});

test("train() chooses a model for the worst population, and says for which ones the promise is kept", async () => {
  const constraints = [{ text: "PR <= 0.5", delta: 0.1 }, { text: "(PR | [M]) - (PR | [F]) <= 0.2", delta: 0.1 }];
  const inputs = features.map(([x, y], i) => [x, y, race[i] === "b" ? 1 : 0]), given = { candidates: 1, constraints, seed: 1 };
  const own = inputs.map(([x, y, b], i) => x + 0.3 * y + 0.5 * Math.sin(11.7 * i) > (b ? -0.6 : 0.3) ? 1 : 0);
  const people = new DataSet({ features: inputs, labels: own, columns, exclusive: [["M", "F"]] });
  const model = new nn.LogisticRegression(3),
    make = (shift?: Shift) => train({ data: people, model, objective: nn.logLoss, shift, ...given });
  const [result, without] = [await make(some), await make()];
  ok(result.passed && without.passed, `${result}`);
  match(`${result}`, /\n {4}For populations where race is a 0\.4 to 0\.9, b 0\.1 to 0\.6\n/);
  deepEqual(result.constraints.map(({ populations }) => populations), new Array(2).fill("race is a 0.4 to 0.9, b 0.1 to 0.6"));
  const worst = async (model: nn.Module) =>
    (await safetyTest({ model, data: people, constraints, shift: some })).constraints.map(({ verdict }) => verdict);
  deepEqual([await worst(result.model), await worst(without.model)], [["kept", "kept"], ["violated", "kept"]]);
});

test("a failure says what the populations cost", async () => {
  // In group b nothing can be learned.
  const own = features.map(([x], i) => race[i] === "a" ? (x > 0 ? 1 : 0) : Math.sin(11.7 * i) + 0.3 * x > 0 ? 1 : 0);
  const result = await train({
    data: new DataSet({ features, labels: own, columns: { race } }),
    model: new nn.LogisticRegression(2),
    objective: nn.logLoss,
    constraints: [{ text: "ER <= 0.48", delta: 0.05 }],
    shift: { race: { a: [0.2, 0.9], b: [0.1, 0.8] } },
  });
  ok(!result.passed, `${result}`);
  const [{ attempt, seen }] = result.advice;
  match(attempt, /^narrower intervals in shift/);
  match(seen, /^the predicted bound is 0\.\d+ in the worst population of shift, and 0\.0\d+ in the data's own$/);
});

test("a certificate names the populations, and verify() compares them with the wanted ones", async () => {
  const constraints = [{ text: "PR <= 0.75", delta: 0.1 }],
    { candidate, safety } = { candidate: data.take(even(0)), safety: data.take(even(1)) };
  const result = await train({
    data: { candidate, safety },
    model: new nn.LogisticRegression(2),
    objective: nn.logLoss,
    constraints,
    shift: some,
  });
  ok(result.passed, `${result}`);
  const certificate = JSON.parse(JSON.stringify(await result.certificate()));
  deepEqual(certificate.test.shift, some);
  const differences = async (shift?: Shift) =>
    (await verify(certificate, result.model, safety, { promise: { constraints, shift } })).differences;
  deepEqual(await differences({ race: { b: [0.1, 0.6], a: [0.4, 0.9] } }), []);
  deepEqual(await differences(half), [
    "shift: the test is for populations where race is a 0.4 to 0.9, b 0.1 to 0.6, and wanted: populations where race is a 0.5, b 0.5",
  ]);
  match((await differences()).join(), /and wanted: the population that the data is from/);
  const { report, assumed } = await verify(certificate, result.model, safety);
  match(explain(report!), /For populations where race is a 0\.4 to 0\.9/);
  ok(assumed.includes("in the world to come, race is a 0.4 to 0.9, b 0.1 to 0.6"));
  // The populations are a part of what is tested.
  delete certificate.test.shift;
  const forged = await verify(await resealed(certificate), result.model, safety);
  match(forged.differences.join("\n"), /constraints\.0\.populations is undefined, and the certificate says race is a/);
});

function even(rest: number): Int32Array {
  return Int32Array.from({ length: n / 2 }, (_, i) => 2 * i + rest);
}

test("vertices() finds the greatest and the least value of every linear function on the distributions within limits", () => {
  const limits = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 2,
    maxLength: 5,
  }).map((ends) =>
    ends.map(([a, b]) => ({ low: Math.min(a, b) / ends.length, high: Math.min(1, Math.max(a, b) + 1 / ends.length) }))
  );
  const weights = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(limits, weights, (limits, weights) => {
      const found = vertices(limits), value = (p: readonly number[]) => p.reduce((sum, x, d) => sum + x * weights[d], 0);
      for (const p of found) {
        ok(Math.abs(p.reduce((sum, x) => sum + x, 0) - 1) < 1e-12);
        ok(p.every((x, d) => x >= limits[d].low - 1e-8 && x <= limits[d].high + 1e-8));
      }
      // Fill up the groups of the greatest weights first.
      const best = limits.map(({ low }) => low);
      let rest = 1 - best.reduce((sum, x) => sum + x, 0);
      for (const d of limits.map((_, d) => d).sort((a, b) => weights[b] - weights[a])) {
        const more = Math.min(rest, limits[d].high - limits[d].low);
        best[d] += more;
        rest -= more;
      }
      ok(Math.abs(value(best) - Math.max(...found.map(value))) < 1e-7);
    }),
    { seed: 1, numRuns: 200 },
  );
  deepEqual(vertices([{ low: 0.3, high: 0.3 }, { low: 0.7, high: 0.7 }]), [[0.3, 0.7]]);
});

test("groups that are nearly nobody are still those of the worst population", async () => {
  const people = new DataSet({
    features: features.map((_, i) => [[0.1, 0.9, 0.5][i % 3]]),
    labels,
    columns: { race: features.map((_, i) => "abc"[i % 3]) },
  });
  for (const text of ['(PR | [race != "c"]) <= 0.5', '(PR | [race != "c"]) >= 0.5']) {
    const uppers = await Promise.all([1e-3, 1e-11, 1e-13, 1e-15].map(async (part) => {
      const shift = { race: { a: [0, part], b: [0, part], c: [0, 1] } } as const;
      return (await safetyTest({ model: echo, data: people, constraints: [{ text, delta: 0.05 }], shift })).constraints[0].upper;
    }));
    ok(uppers[0] > 0.4);
    deepEqual(uppers, uppers.map(() => uppers[0]));
  }
});

test("vertices that are close are two, and one that rounding finds twice is one", () => {
  equal(vertices([{ low: 0, high: 1e-13 }, { low: 0, high: 1e-13 }, { low: 0, high: 1 }]).length, 4);
  for (const third of [0.1, 0.3, 1 / 3]) {
    const limits = [third, 0.7 - third, 0.3].map((part) => ({ low: part / 2, high: part }));
    // All at their upper ends, which sum to 1 but for rounding.
    equal(vertices(limits).length, 1);
  }
});
