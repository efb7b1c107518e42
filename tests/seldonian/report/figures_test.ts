import { equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, explain, plotBounds, plotRates, plotTree, safetyTest } from "../../../mod.ts";
import { echo } from "../../helpers/models.ts";

const p = Array.from({ length: 400 }, (_, i) => [(i * 7 % 101) / 100]), M = p.map((_, i) => i % 2);
const data = new DataSet({
  features: p,
  labels: p.map(([p], i) => i % 9 === 0 ? 1 - Math.round(p) : Math.round(p)),
  columns: { M, F: M.map((m) => 1 - m) },
  exclusive: [["M", "F"]],
});
const tested = (text: string, more = {}) => safetyTest({ model: echo, data, constraints: [{ text, delta: 0.05 }], ...more });

/** Checks that an SVG text closes every element once. */
function wellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, close, name, self] of svg.matchAll(/<(\/?)([\w-]+)(?:[^<>"]|"[^"]*")*?(\/?)>/g)) {
    if (close !== "") equal(open.pop(), name);
    else if (self === "") open.push(name);
  }
  equal(open.length, 0);
  match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]* role="img" aria-label="[^"<]+"/);
}

test("a tree shows each constraint, its formulas and measures, with bounds, delta and a sign for the verdict", async () => {
  const { constraints } = await tested("abs((PR | [M]) - (PR | [F])) <= 0.2"), svg = plotTree(constraints);
  wellFormed(svg);
  equal(svg.match(/✓/g)?.length, 3);
  equal(svg.match(/PR \| \[M\]<\/tspan>/g)?.length, 2);
  match(svg, /abs\(\(PR \| \[M\]\) - \(PR \| \[F\]\)\) &lt;= 0\.2<\/tspan>.*✓ kept at delta 0\.05/);
  match(svg, /one statistic of 200 values at delta 0\.05/);
  const apart = plotTree((await tested("ACC * PR >= 0.9")).constraints);
  match(apart, /✗ violated at delta 0\.05/);
  match(apart, /ACC<\/tspan>.*on 400 rows, at least 0\.\d+ \(delta 0\.025\)/);
});

test("plotRates() draws the test's intervals as solid lines, and intervals that the test did not need as dashed lines", async () => {
  const svg = await plotRates((await tested("abs((PR | [M]) - (PR | [F])) <= 0.2", { analysis: "interval" })).constraints);
  wellFormed(svg);
  match(svg, /PR \| \[M\] \(n = 200\)/);
  ok(!/stroke-dasharray="5,3"[^>]*>\s*<line/.test(svg), "bounds of the test are no dashed lines");
  match(await plotRates((await tested("abs((PR | [M]) - (PR | [F])) <= 0.2")).constraints), /stroke-dasharray="5,3"/);
  await rejects(async () => plotRates((await tested("Mean_Error <= 2")).constraints), /none has a finite range/);
});

test("plotBounds() draws the families, and refuses an unknown one", async () => {
  const svg = await plotBounds({ mean: 0.9, limit: 0.85, families: ["star", "clopper-pearson"] });
  wellFormed(svg);
  ok(["star", "clopper-pearson", "number of values"].every((text) => svg.includes(`>${text}`)));
  await rejects(plotBounds({ mean: 0.9, families: ["gauss" as "star"] }), /Cannot draw "gauss": wanted some of /);
});

test("explain() describes a passed and a failed test", async () => {
  match(explain(await tested("PR <= 0.7")), /^The safety test passed\.\n {2}PR <= 0\.7: kept with confidence 95 %/);
  match(explain(await tested("PR <= 0.2")), /^The safety test failed\.\n {2}PR <= 0\.2: violated \(/);
});
