import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { bounds, DataSet } from "../../../mod.ts";
import { experiment, Results, resultsPage, type TrialResult } from "../../../seldonian/experiments/mod.ts";
import { fc } from "../../deps.ts";
import { small } from "../../helpers/small_experiment.ts";

const constraints = [{ text: "ACC >= 0.9", delta: 0.05 }];

/** Trials of one contender; true: a model, which breaks the promise if the second is true. */
function trialsOf(
  outcomes: readonly (readonly [solution: boolean, broken: boolean])[],
  contender = "a",
  size = 100,
): TrialResult[] {
  return outcomes.map(([solution, broken], trial) => ({
    ...{
      contender,
      size,
      trial,
      solution,
      broken: solution && broken,
      seconds: 1 + trial,
      values: solution ? [broken ? 0.1 : -0.1] : [],
    },
    performance: solution ? trial / 10 : null,
  }));
}

test("rates have Clopper and Pearson's band, means Student's", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 30 }), (outcomes) => {
      const trials = trialsOf(outcomes), [one] = new Results(trials, constraints, "loss").summaries, n = outcomes.length;
      const solved = trials.filter(({ solution }) => solution), k = solved.length;
      equal(one.solutions.value, k / n);
      equal(one.broken.value, trials.filter(({ broken }) => broken).length / n);
      // The band's ends have binomial tails of 2.5 %.
      const tail = (p: number, from: number, to: number) => {
        let sum = 0;
        for (let i = from; i <= to; i++) sum += choose(n, i) * p ** i * (1 - p) ** (n - i);
        return sum;
      };
      if (k > 0) ok(Math.abs(tail(one.solutions.low, k, n) - 0.025) < 1e-6);
      else ok(one.solutions.low < 1e-9);
      if (k < n) ok(Math.abs(tail(one.solutions.high, 0, k) - 0.025) < 1e-6);
      else ok(one.solutions.high > 1 - 1e-9);
      if (k === 0) return equal(one.performance, null);
      const values = solved.map(({ performance }) => performance!), mean = values.reduce((a, b) => a + b) / k;
      ok(Math.abs(one.performance!.value - mean) < 1e-12);
      if (k === 1) return ok(Number.isNaN(one.performance!.low));
      const asked = { delta: 0.025, range: [-Infinity, Infinity] as const, method: "student" as const };
      ok(Math.abs(one.performance!.high - bounds.upperBound(values, asked)) < 1e-9);
    }),
    { seed: 1, numRuns: 60 },
  );
});

function choose(n: number, k: number): number {
  let found = 1;
  for (let i = 1; i <= k; i++) found *= (n - k + i) / i;
  return found;
}

const some = new Results(
  [...trialsOf([[true, false], [false, false]], "the kit"), ...trialsOf([[true, true], [true, false]], 'a "rival", <b>')],
  constraints,
  "log loss",
);

test("the table and the CSV have a line for each contender and trial", () => {
  const [first, , head, ...lines] = `${some}`.split("\n");
  equal(first, "ACC >= 0.9, delta 0.05");
  match(head, /n +contender +trials +solutions +log loss +breaks the promise +seconds/);
  equal(lines.length, 2);
  match(lines[0], /100 +the kit +2 +0\.50 \(0\.01 to 0\.99\)/);
  const csv = some.toCsv().trimEnd().split("\n");
  equal(csv.length, 5);
  deepEqual(csv[1], "the kit,100,0,1,0,0,1,,-0.1");
  match(csv[3], /^"a ""rival"", <b>",100,0,1/);
});

test("the figure and the page name every contender, escaped, and need neither scripts nor the network", async () => {
  const page = await some.page(), figure = await some.plot();
  for (const text of [page, figure]) {
    match(text, /the kit/);
    ok(text.includes("a &quot;rival&quot;, &lt;b&gt;") || text.includes('a "rival", &lt;b&gt;'));
    ok(!/<b>|<script|src=|NaN|undefined/.test(text), text.match(/.{30}(<b>|<script|src=|NaN|undefined).{30}/)?.[0]);
  }
  equal(page.match(/<svg/g)!.length, 1);
  match(figure, /rate of solutions/);
  match(figure, /delta 0\.05/);
});

test("failures are told on the page", async () => {
  const failed = { ...trialsOf([[false, false]])[0], error: "it <ended> with 3" };
  match(await new Results([failed], constraints, "loss").page(), /Failures.*it &lt;ended&gt; with 3/s);
});

test("below a table stands why trials failed, the first reason of each contender", () => {
  const failing = (contender: string, errors: readonly string[]) =>
    trialsOf(errors.map(() => [false, false]), contender).map((one, i) => ({ ...one, error: errors[i] }));
  const results = new Results(
    [...failing("a", ["no\nrows", "other"]), ...failing("b", [""]), ...trialsOf([[true, false]], "c")],
    constraints,
    "loss",
  );
  deepEqual(`${results}`.split("\n").slice(-3), [
    "",
    "a failed in 2 trials, first: no\\u000arows",
    "b failed in 1 trial, first: ",
  ]);
  match(results.table({ against: "c" }), /a failed in 2 trials/);
  equal(`${some}`.includes("failed"), false);
});

test("one page has several experiments, each under its name, with a figure and a table of its own", async () => {
  const page = await resultsPage({ "the <first>": some, second: some });
  deepEqual(Array.from(page.matchAll(/<h2>(.*?)<\/h2>/g), ([, name]) => name), ["the &lt;first&gt;", "second"]);
  equal(page.match(/<figure><svg/g)!.length, 2);
  equal(page.match(/<table>/g)!.length, 2);
  equal(page.match(/<html/g)!.length, 1);
});

test("the figure names every number of rows that has room", async () => {
  const named = async (sizes: readonly number[]) => {
    const trials = sizes.flatMap((size) => trialsOf([[true, false], [true, false]]).map((trial) => ({ ...trial, size })));
    const figure = await new Results(trials, constraints, "loss").plot();
    return sizes.filter((size) => figure.split(`>${size.toLocaleString("en")}</text>`).length === 4);
  };
  const sizes = [60, 116, 224, 432, 834, 1611, 6005, 43303];
  // 834 and 1,611 would touch.
  deepEqual(await named(sizes), sizes.filter((size) => size !== 1611));
  deepEqual(await named([139, 228, 373, 611, 1000]), [139, 228, 373, 611, 1000]);
  deepEqual(await named([500]), [500]);
  deepEqual(await named([1000, 1010, 2000, 100000]), [1000, 2000, 100000]);
});

test("a page of an experiment says how to repeat it: seed, settings and digests", async () => {
  const circle: unknown[] = [1n];
  circle.push({ same: 3, circle }, [3], [3]);
  const { contenders: { constant: one } } = small,
    other = { ...one, settings: ["<other>", class Model {}, new DataSet({ items: [1] }), circle] };
  const results = await experiment({ ...small, contenders: { one, other }, sizes: [40], trials: 1, seed: 7 }),
    page = await results.page();
  match(page, /with seed 7\./);
  match(page, /<dt>one<\/dt><dd><code>\[&quot;constant&quot;,null\]<\/code><br><small>[0-9a-f]{64}<\/small>/);
  match(
    page,
    /<dt>other<\/dt><dd><code>\[&quot;&lt;other&gt;&quot;,&quot;Model&quot;,&quot;DataSet&quot;,\[&quot;1&quot;,{&quot;same&quot;:3,&quot;circle&quot;:&quot;above&quot;},\[3\],\[3\]\]\]<\/code>/,
  );
});
