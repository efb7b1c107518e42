import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { Results, type TrialResult } from "../../../seldonian/experiments/mod.ts";
import { fc } from "../../deps.ts";

/** A trial: no model, a model that keeps the promise, or one that breaks it; with a performance. */
type Outcome = readonly [what: "none" | "kept" | "broken", performance: number];

function trialsOf(contender: string, outcomes: readonly Outcome[], size = 100): TrialResult[] {
  return outcomes.map(([what, performance], trial) => {
    const solution = what !== "none", broken = what === "broken";
    return {
      ...{ contender, size, trial, solution, broken, seconds: 1, values: solution ? [broken ? 0.1 : -0.1] : [] },
      performance: solution ? performance : null,
    };
  });
}

function resultsOf(...trials: readonly TrialResult[][]): Results {
  return new Results(trials.flat(), [{ text: "ACC >= 0.9", delta: 0.05 }], "loss");
}

const outcome = fc.tuple(fc.constantFrom("none" as const, "kept" as const, "broken" as const), fc.integer({ min: 0, max: 9 }));

test("differences are means over pairs of the same trial, and change their sign with the order of the two", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(outcome, outcome), { minLength: 1, maxLength: 40 }), (pairs) => {
      const a = pairs.map(([one]) => one), b = pairs.map(([, one]) => one), n = pairs.length;
      // A trial that one of them has not run is no pair.
      const results = resultsOf(trialsOf("a", a), trialsOf("b", [...b, ["kept", 3]]));
      const [less] = results.differences("b"), [more] = results.differences("a");
      deepEqual([less.contender, less.size, less.pairs], ["a", 100, n]);
      const rate = (holds: (one: Outcome) => boolean) => (a.filter(holds).length - b.filter(holds).length) / n;
      ok(Math.abs(less.solutions.value - rate(([what]) => what !== "none")) < 1e-12);
      ok(Math.abs(less.broken.value - rate(([what]) => what === "broken")) < 1e-12);
      for (const one of [less.solutions, less.broken]) {
        ok(-1 <= one.low && one.low <= one.value && one.value <= one.high && one.high <= 1);
      }
      const close = (x: number, y: number) => ok(Object.is(x, y) || Math.abs(x - y) < 1e-9, `${x}, ${y}`);
      for (const name of ["solutions", "broken"] as const) {
        close(less[name].low, -more[name].high);
        close(less[name].high, -more[name].low);
      }
      const both = pairs.filter(([[one], [other]]) => one !== "none" && other !== "none");
      if (both.length === 0) return equal(less.performance, null);
      close(less.performance!.value, both.reduce((sum, [[, x], [, y]]) => sum + x - y, 0) / both.length);
    }),
    { seed: 5, numRuns: 60 },
  );
});

test("pairs show a difference that separate bands hide", () => {
  // Where the second finds a solution, the first does, too.
  const found = (least: number) => Array.from({ length: 60 }, (_, i): Outcome => [(7 * i) % 10 >= least ? "kept" : "none", i]);
  const results = resultsOf(trialsOf("more", found(3)), trialsOf("less", found(5))), [more, less] = results.summaries;
  ok(more.solutions.low < less.solutions.high);
  const [{ solutions }] = results.differences("less");
  ok(Math.abs(solutions.value - 0.2) < 1e-12 && solutions.low > 0, `${solutions.low}`);
});

test("a band of equal contenders has 0 in its middle, and narrows with the number of pairs", () => {
  const width = (n: number) => {
    const same = Array.from({ length: n }, (): Outcome => ["kept", 1]);
    const [{ solutions: { low, high }, performance }] = resultsOf(trialsOf("a", same), trialsOf("b", same)).differences("b");
    ok(Math.abs(low + high) < 1e-9 && low < 0);
    deepEqual(performance, { value: 0, low: 0, high: 0 });
    return high - low;
  };
  ok(width(50) < 0.2 && width(50) < width(20));
});

test("the table, the figure and the page show differences to a contender on wish", async () => {
  const some = ["kept", "none", "broken", "kept"].map((what, i) => [what, i] as Outcome);
  const results = resultsOf(trialsOf("it", some), trialsOf("<today>", some.toReversed()), trialsOf("no", [["none", 0]]));
  match(
    results.table({ against: "<today>" }),
    /contender, less <today> +pairs +solutions +loss +breaks the promise\n.*it +4 +0\.00/,
  );
  equal(`${results}`, results.table());
  const figure = await results.plot({ against: "<today>" }), page = await results.page({ against: "<today>" });
  match(figure, /rate of solutions, difference/);
  ok(!/delta 0\.05|NaN/.test(figure));
  equal(page.match(/<svg/g)!.length, 2);
  match(page, /Less &lt;today&gt;, trial by trial/);
  throws(() => results.differences("tomorrow"), {
    name: "RangeError",
    message: "Cannot compare with tomorrow: the contenders are it, <today>, no",
  });
});
