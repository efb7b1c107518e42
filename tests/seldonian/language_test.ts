import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import {
  constraint,
  ConstraintError,
  DataSet,
  forEvery,
  measures,
  nn,
  safetyTest,
  split,
  Tensor,
  tensor,
  train,
  verify,
  where,
} from "../../mod.ts";
import { Batch } from "../../seldonian/constraints/batch.ts";
import { valueOf } from "../../seldonian/constraints/evaluate.ts";
import { type Expression, leavesIn } from "../../seldonian/constraints/expression.ts";
import { fc } from "../deps.ts";
import { echo, logistic } from "../helpers/models.ts";

const { PR } = measures;

/** What a formula is on decisions and labels. */
function valueOn(x: Expression, decisions: number[], labels: number[], columns = new Map<string, Uint8Array>()): number {
  const batch = new Batch(Tensor.from(Float64Array.from(decisions)), Tensor.from(Float64Array.from(labels)), columns);
  return valueOf(x, new Map(leavesIn(x).map((leaf) => [`${leaf}`, batch.estimate(leaf).value])));
}

/** The formula that `text >= 0` bounds from below, as it stands. */
const formula = (text: string) => constraint(`${text} >= 0`).left;

test("ratios of rates are those of the counts", () =>
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
  /** Says what it sees. */
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
  // Two ratios have two divisors, so that their measures are bounded apart.
  const { constraints: [{ value, upper, conjuncts: apart }] } = await report("abs(Precision - NPV) <= 0.3");
  ok(apart[0].statistic === undefined && Math.abs(value - (1 / 6 - 0.3)) < 1e-9 && upper < 1, `${value} ${upper}`);
});

test("ratios are read with classes and conditions, and printed as what they are", () => {
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

test("a name stands for every group, and each formula is tested at the whole delta", async () => {
  const each = forEvery("g", ["young", "old"], constraint("abs((PR | [g, M]) - PR) <= 0.2"));
  equal(`${each}`, "max(abs((PR | [young, M]) - PR) - 0.2, abs((PR | [old, M]) - PR) - 0.2) <= 0");
  equal(`${constraint(`${each}`)}`, `${each}`);
  equal(`${forEvery("g", ["old"], constraint("(ACC | [g]) >= 0.7"))}`, "0.7 - (ACC | [old])");
  throws(
    () => forEvery("h", ["old"], constraint("(ACC | [g]) >= 0.7")),
    /no measure has a condition with h, which is to stand for old/,
  );
  throws(() => forEvery("g", [], constraint("(ACC | [g]) >= 0.7")), /there is nothing for g to stand for/);

  const features = Array.from({ length: 600 }, (_, i) => [Math.sin(7.1 * i), Math.cos(3.3 * i)]),
    labels = features.map(([x]) => x > 0 ? 1 : 0);
  const columns = Object.fromEntries(["a", "b", "c"].map((name, k) => [name, labels.map((_, i) => i % 3 === k ? 1 : 0)]));
  const result = await train({
    data: { features, labels, columns },
    model: logistic(),
    objective: nn.logLoss,
    constraints: [{ text: "(ACC | [g]) >= 0.6", forEvery: { g: ["a", "b", "c"] }, delta: 0.05 }],
    optimizer: { thetaRate: 0.05, epochs: 100 },
  });
  ok(result.passed);
  const [{ conjuncts, leaves }] = result.constraints;
  deepEqual(leaves.map(({ name, deltaLower }) => [name, deltaLower]), ["a", "b", "c"].map((name) => [`ACC | [${name}]`, 0.05]));
  equal(conjuncts.length, 3);
});

test("texts may name measures of one's own", async () => {
  const features = Array.from({ length: 400 }, (_, i) => [Math.sin(7.1 * i)]), labels = features.map(([x]) => 2 * x + 1);
  /** The part of the predictions that is too high, by more than a tenth. */
  const tooHigh: measures.Measure = {
    name: "TooHigh",
    task: "regression",
    indices: 0,
    range: [0, 1],
    values: ({ predictions, labels }) => predictions.reshape(labels.size).sub(labels).sub(0.1).mul(20).sigmoid(),
  };
  const options = {
    data: { features, labels },
    model: new nn.Linear(1, 1),
    objective: nn.meanSquaredError,
    constraints: [{ text: "TooHigh <= 0.3", delta: 0.05 }],
    optimizer: { thetaRate: 0.05, epochs: 200 },
  };
  const result = await train({ ...options, measures: [tooHigh] });
  ok(result.passed && result.constraints[0].leaves[0].name === "TooHigh", `${result}`);
  await rejects(train(options), /unknown measure "TooHigh"/);
});

const people = new DataSet({
  features: [[0.9], [0.2], [0.6], [0.7], [0.1]],
  labels: [1, 0, 1, 1, 0],
  columns: {
    age: [17, 25, 31, 64, 25],
    race: ["a", "b", "b", "c", "a"],
    M: [1, 0, 1, 0, 1],
    "home town": ["x", "y", "x", "y", "x"],
  },
});

test("conditions compare columns, and mean what JavaScript means by them", async () => {
  const table: [string, (row: { age: number; race: string; M: number; town: string }) => boolean][] = [
    ["age < 25", ({ age }) => age < 25],
    ["25 >= age", ({ age }) => age <= 25],
    ["age == 25", ({ age }) => age === 25],
    ["age !== 25", ({ age }) => age !== 25],
    ["age > -3 && age <= 31", ({ age }) => age <= 31],
    ['race == "a"', ({ race }) => race === "a"],
    ['race >= "b" && !M', ({ race, M }) => race >= "b" && M !== 1],
    ['!(race == "b" || M) || age > 60', ({ race, M, age }) => !(race === "b" || M === 1) || age > 60],
    ['(race == "b" || M) && age < 30', ({ race, M, age }) => (race === "b" || M === 1) && age < 30],
    ['"home town" == "x"', ({ town }) => town === "x"],
  ];
  const { labels, columns } = people, p = people.whole().features.data as Float32Array;
  const [age, race, M, town] = ["age", "race", "M", "home town"].map((name) => columns.get(name)!);
  for (const [text, holds] of table) {
    const stated = constraint(`(PR | [${text}]) <= 0.9`), [leaf] = stated.leaves;
    equal(`${constraint(`${stated}`)}`, `${stated}`);
    equal(`${PR.given(where(text)).atMost(0.9)}`, `${stated}`);
    const chosen = labels.map((_, i) =>
      Number(holds({ age: age[i] as number, race: race[i] as string, M: M[i] as number, town: town[i] as string }))
    );
    const { constraints: [{ leaves: [{ n, mean }] }] } = await safetyTest({
      model: echo,
      data: people,
      constraints: [{ text: stated, delta: 0.1 }],
    });
    const count = chosen.reduce((a, b) => a + b, 0), sum = p.reduce((sum, value, i) => sum + chosen[i] * value, 0);
    equal(n, count, `${leaf}`);
    ok(Math.abs(mean - sum / count) < 1e-7, `${leaf}`);
  }
});

test("a name stands for every value of a column too", () => {
  const each = forEvery("r", ["a", "b"], constraint("(PR | [race == r]) >= 0.2"));
  equal(`${each}`, 'max(0.2 - (PR | [race == "a"]), 0.2 - (PR | [race == "b"])) <= 0');
  equal(`${forEvery("y", [3], constraint("(PR | [year != y]) >= 0.2"))}`, "0.2 - (PR | [year != 3])");
});

test("conditions that cannot be asked of a row are named with it", async () => {
  const report = (text: string) => safetyTest({ model: echo, data: people, constraints: [{ text, delta: 0.1 }] });
  const table: [string, RegExp][] = [
    [
      "(PR | [age]) <= 1",
      /^Cannot tell whether row \d counts for PR \| \[age\]: column "age" is \d+, not 0 or 1; write a comparison/,
    ],
    ["(PR | [race]) <= 1", /column "race" is "\w", not 0 or 1; write a comparison, as in \[race == "\w"\]/],
    ["(PR | [race < 3]) <= 1", /column "race" is "\w", which is compared with 3; write a text, in quotes, as in \[race < "\w"\]/],
    ["(PR | [race == a]) <= 1", /"a" is no value; write a text in quotes, or say in forEvery what it stands for/],
    ["(PR | [rave == 3]) <= 1", /unknown column "rave"; the nearest is "race"/],
    ["(PR | M) <= 1", /there is no data set "M" in others; for the rows where a column is 1 write \(PR \| \[M\]\)/],
  ];
  for (const [text, message] of table) {
    await rejects(report(text), (error: Error) => message.test(error.message) || error.message);
  }
  throws(() => where("M, age < 3"), /it is several conditions; join them by &&/);
});

test("any text of a condition is read, or an error of the kit", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          "age",
          "M",
          "<",
          ">=",
          "==",
          "=",
          "!",
          "&&",
          "||",
          "(",
          ")",
          "[",
          "]",
          "25",
          '"a"',
          ",",
          "-",
          "|",
          "other",
        ),
      ),
      (words) => {
        try {
          const read = constraint(`(PR | [${words.join(" ")}]) <= 0.5`);
          equal(`${constraint(`${read}`)}`, `${read}`);
        } catch (error) {
          ok(error instanceof ConstraintError, `${words.join(" ")}: ${error}`);
        }
      },
    ),
    { seed: 5, numRuns: 2000 },
  ));

test("a measure of pairs of rows is bounded by its own values", async () => {
  const gap: measures.Measure = {
    name: "Gap",
    task: "regression",
    indices: 0,
    range: [-1, 1],
    perRow: false,
    values: ({ predictions, columns }) => {
      const M = columns.get("M")!,
        p = predictions.reshape(predictions.size),
        rows = Array.from({ length: M.length }, (_, row) => row);
      const [men, women] = [1, 0].map((sex) => rows.filter((row) => M[row] === sex)), n = Math.min(men.length, women.length);
      const at = (chosen: number[]) => p.take(Tensor.from(Int32Array.from(chosen.slice(0, n))));
      return at(men).sub(at(women));
    },
  };
  const features = Array.from({ length: 300 }, (_, i) => [(i * 7 % 11) / 11]), M = features.map((_, i) => i % 3 === 0 ? 1 : 0);
  const data = new DataSet({ features, columns: { M } });
  const { constraints: [{ leaves: [{ n, name }], passed, conjuncts }] } = await safetyTest({
    model: echo,
    data,
    constraints: [{ text: "abs(Gap) <= 0.3", delta: 0.1 }],
    measures: [gap],
  });
  ok(passed && n === 100 && name === "Gap" && conjuncts.length === 2);
  await rejects(
    safetyTest({ model: echo, data, constraints: [{ text: "(Gap | [M]) <= 1", delta: 0.1 }], measures: [gap] }),
    /Gap has no value for each row, so it takes no condition/,
  );
  await rejects(
    safetyTest({ model: echo, data, constraints: [{ text: "Gap <= 1", delta: 0.1 }], measures: [{ ...gap, perRow: true }] }),
    /Cannot use the values of Gap, of shape \[100\]: wanted one a row, \[300\]; or say perRow: false/,
  );
});

test("what is no data is named, with what was wanted", async () => {
  const features = Array.from({ length: 60 }, (_, i) => [Math.sin(7.1 * i)]), labels = features.map(([x]) => x > 0 ? 1 : 0);
  const data = new DataSet({ features, labels }),
    stated = {
      model: new nn.LogisticRegression(1),
      objective: nn.logLoss,
      constraints: [{ text: "(ACC | there) >= 0.6", delta: 0.1 }],
    };
  const parts = "a DataSet or a stream, { features, labels } or { items, labels }", made = "as split() makes them";
  const whole = `${parts}, or { candidate, safety } ${made}`,
    source = "a DataSet or a stream, as new DataSet({ features, labels })";
  const lone = (has: string, lacks: string) =>
    `there is a ${has} part and no ${lacks} part; wanted both, ${made}, or the data whole, to be split here`;
  const trained: [given: unknown, why: string, part?: string][] = [
    [{ candidate: data }, lone("candidate", "safety")],
    [{ safety: data }, lone("safety", "candidate")],
    [{ candidate: data, safety: undefined }, lone("candidate", "safety")],
    [{ candidate: data, safety: [1] }, `it is a list; wanted ${parts}`, "the safety part of "],
    [undefined, `it is undefined; wanted ${whole}`],
    [null, `it is null; wanted ${whole}`],
    ["x.csv", `it is "x.csv"; wanted ${whole}`],
    [features, `it is a list; wanted ${whole}`],
    [{ data, safetyRows: 10 }, `it is an object with data, safetyRows; wanted ${whole}`],
    [{}, `it is an object with nothing; wanted ${whole}`],
  ];
  for (const [given, why, part = ""] of trained) {
    const others = { there: given as DataSet };
    await rejects(train({ ...stated, data, others }), { message: `Cannot use ${part}the data set "there" of others: ${why}` });
    await rejects(train({ ...stated, data: given as DataSet }), { message: `Cannot use ${part}the data: ${why}` });
  }
  const tested: [given: unknown, why: string][] = [
    [{ features, labels }, `it is an object with features, labels; wanted ${source}`],
    [{ candidate: data, safety: data }, `it is an object with candidate, safety; wanted ${source}`],
    [undefined, `it is undefined; wanted ${source}`],
  ];
  for (const [given, why] of tested) {
    const others = { there: given as DataSet };
    await rejects(safetyTest({ ...stated, data, others }), { message: `Cannot use the data set "there" of others: ${why}` });
    await rejects(safetyTest({ ...stated, data: given as DataSet }), { message: `Cannot use the data: ${why}` });
  }
  // Plain data is split as the main one is.
  const there = { features: features.map(([x]) => [x / 2]), labels };
  equal(typeof (await train({ ...stated, data, others: { there }, optimizer: { epochs: 2 } })).passed, "boolean");
});

test("constraints on other data sets train on them and are tested on them", async () => {
  const rowsOf = (n: number, shift: number) =>
    Array.from({ length: n }, (_, i) => [Math.sin(7.1 * i) + shift, Math.cos(3.3 * i)]);
  const here = rowsOf(800, 0), there = rowsOf(500, 0.3), label = ([x, y]: number[]) => x + 0.3 * y > 0 ? 1 : 0;
  const other = { features: there, labels: there.map(label), columns: { M: there.map((_, i) => i % 2) } };
  const options = {
    data: { features: here, labels: here.map(label) },
    others: { there: other },
    independent: ["there"],
    model: logistic(),
    objective: nn.logLoss,
    constraints: [
      { text: "(PR | there[M]) <= 0.5", delta: 0.05 },
      { text: "abs(PR - (PR | there)) <= 0.3", delta: 0.05 },
    ],
    optimizer: { thetaRate: 0.05, lambdaRate: 0.05, epochs: 20, batchSize: 100 },
  };
  const result = await train(options);
  ok(result.passed, `${result}`);
  const [{ leaves: [one] }, { conjuncts: [, second] }] = result.constraints;
  equal(one.name, "PR | there[M]");
  ok(one.n > 100 && one.n < 150);
  // Rows of two data sets that are said to be independent: one statistic, a block for each row of the smaller.
  equal(second.statistic!.n, 250);
  const p = (x: number[][]) => result.model.forward(tensor(x)).mean().value;
  ok(p(there) < p(here) + 0.3);
  ok(p(there.filter((_, i) => i % 2 === 1)) < 0.5);

  const certificate = await result.certificate(),
    { safety } = split(new DataSet(options.data)),
    test = split(new DataSet(other)).safety;
  const { valid, assumed } = await verify(certificate, result.model, safety, { others: { there: test } });
  ok(valid && assumed.includes(`the rows of "there" are independent of the data's`));
  const { differences } = await verify(certificate, result.model, safety, { others: { there: test.take([0]) } });
  match(differences[0], /^the number of rows of the data "there" is 1, and the certificate says 250/);
  match((await verify(certificate, result.model, safety)).differences[0], /^the number of rows of the data "there" is undefined/);
});
