import { equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { type Bound, DataSet, safetyTest, samplesNeeded } from "../../../mod.ts";
import { atLeast, binomial } from "../../helpers/exact.ts";
import { delta, promise, rows, uniforms } from "../../helpers/promises.ts";

test("samplesNeeded() returns the number of rows at which a Clopper-Pearson test has the wanted power", () => {
  const rate = 0.93,
    least = 0.9,
    delta = 0.05,
    power = 0.8,
    found = samplesNeeded(`ACC >= ${least}`, { delta, power, draws: 2000, rates: { ACC: rate } });
  // The exact probability of passing: the test passes from the smallest k whose lower bound reaches the limit.
  const powerAt = (rows: number) => {
    let k = Math.floor(least * rows);
    while (atLeast(k, rows, least) > delta) k++;
    return binomial(rows, rate).subarray(k).reduce((sum, p) => sum + p, 0);
  };
  ok(Math.abs(powerAt(found) - power) < 0.05, `${found} rows pass with probability ${powerAt(found)}`);
  equal(samplesNeeded("ACC >= 0.9", { delta, rates: { ACC: 0.9 } }), Infinity);
});

test("samplesNeeded() handles groups, and needs fewer rows for one statistic than for separate bounds", () => {
  const rates = { "PR | [M]": { rate: 0.5, part: 0.6 }, "PR | [F]": { rate: 0.55, part: 0.4 } },
    text = "(PR | [F]) - (PR | [M]) <= 0.3";
  const [one, apart] = [undefined, { "PR | [M]": 1, "PR | [F]": 1 }].map((shares) =>
    samplesNeeded(text, { delta: 0.05, power: 0.8, draws: 100, rates, shares })
  );
  ok(one < 0.85 * apart && one > 50 && apart < 1000, `${one} and ${apart}`);
});

test("samplesNeeded() passes no draw that the test would not: a bound below its own estimate shows nothing", () => {
  const hopeful: Bound = {
    ...{ name: "hopeful", assumes: "everything", guarantee: "finite-sample", values: "bounded" },
    upper: (_, { range: [low] }) => low,
    forecast: ({ mean }) => mean,
  };
  const found = samplesNeeded("ACC >= 0.9", { delta, power: 0.8, draws: 1000, rates: { ACC: 0.93 }, bound: hopeful });
  const passes = binomial(found, 0.93).subarray(Math.ceil(0.9 * found)).reduce((sum, p) => sum + p, 0);
  ok(Math.abs(passes - 0.8) < 0.05, `${found} rows pass with probability ${passes}`);
});

test("samplesNeeded() tells what it tried: the answer is the least number that is enough, and an error ends it", () => {
  const tried: [rows: number, isEnough: boolean][] = [], rates = { PR: 0.1 };
  const onTry = (rows: number, isEnough: boolean) => void tried.push([rows, isEnough]);
  const found = samplesNeeded("PR <= 0.2", { delta: 0.05, rates, onTry });
  const those = (enough: boolean) => tried.filter(([, isEnough]) => isEnough === enough).map(([rows]) => rows);
  equal(Math.min(...those(true)), found);
  ok(Math.max(...those(false)) < found && Math.max(...those(false)) > 0.95 * found, `${tried}`);
  const stop = (rows: number) => {
    if (rows > 100) throw new Error(`${rows} rows are too many`);
  };
  throws(() => samplesNeeded("PR <= 0.1001", { delta: 0.05, rates, onTry: stop }), /^Error: 128 rows are too many/);
});

test("errors of samplesNeeded() name what is missing or out of range", () => {
  throws(() => samplesNeeded("ACC >= 0.9", { delta: 0.05, rates: {} }), {
    message: 'Cannot tell how much data is needed: "ACC" has no rate; those given are none',
  });
  throws(() => samplesNeeded("ACC >= 0.9", { delta: 0.05, rates: { ACC: 93 } }), {
    message: 'Cannot use the rate 93 of "ACC": wanted a number from 0 to 1',
  });
  throws(() => samplesNeeded("ACC >= 0.9", { delta: 0.05, rates: { ACC: 0.93 }, power: 1 }), {
    message: "Cannot ask for power 1: wanted a probability between 0 and 1",
  });
  throws(() => samplesNeeded("ACC >= 0.9", { delta: 0.05, rates: { ACC: 0.93 }, draws: 1e12 }), {
    message: "Cannot tell how much data is needed: draws is 1000000000000; wanted a whole number from 1 to 1,000,000",
  });
});

const together: [text: string, rates: Record<string, number>, cells: [p: number, label: number, decided: number][]][] = [
  ["TP - FN >= 0.05", { TP: 0.45, FN: 0.1 }, [[0.45, 1, 1], [0.1, 1, 0], [0.45, 0, 0]]],
  // Among the laws with these rates, the one with the greatest spread.
  ["ACC + PR >= 0.9", { ACC: 0.8, PR: 0.5 }, [[0.4, 1, 1], [0.1, 0, 1], [0.4, 0, 0], [0.1, 1, 0]]],
  ["Precision >= 0.55", { TP: 0.4, FP: 0.1 }, [[0.4, 1, 1], [0.1, 0, 1], [0.5, 0, 0]]],
];
for (const [text, rates, cells] of together) {
  test(`samplesNeeded() accounts for the dependence of measures on the same rows: ${text}`, async () => {
    const n = samplesNeeded(text, { delta, rates, power: 0.9, draws: 100 });
    ok(n > 10 && n < 400, `${n}`);
    let passes = 0;
    for (let trial = 0; trial < 200; trial++) {
      const uniform = uniforms(trial),
        drawn = rows(n, () => {
          let left = uniform();
          return cells.find(([p]) => (left -= p) < 0) ?? cells[0];
        });
      const data = new DataSet({ features: drawn.map(([, , decided]) => [decided]), labels: drawn.map(([, label]) => label) });
      if ((await safetyTest({ ...promise(text, { rates: "decided" }), data })).passed) passes++;
    }
    ok(passes >= 165, `${passes} of 200 at ${n} rows`);
  });
}
