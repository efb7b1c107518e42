import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { type Contender, experiment, Results, resultsPage } from "../../../seldonian/experiments/mod.ts";
import { small } from "../../helpers/small_experiment.ts";

/** Results of contenders at sizes: every trial has a model, none breaks its promise. */
function resultsOf(names: readonly string[], sizes: readonly number[], performance = "loss"): Results {
  const trials = sizes.flatMap((size) =>
    names.flatMap((contender, i) =>
      [0, 1].map((trial) => ({
        ...{ contender, size, trial, solution: true, values: [-0.1], broken: false, seconds: 1 },
        performance: i + trial / 10,
      }))
    )
  );
  return new Results(trials, [{ text: "ACC >= 0.9", delta: 0.05 }], performance);
}

/** The symbols of a figure with their place, the legend's first. */
function symbolsIn(figure: string): { x: number; y: number; colour: string; shape: string }[] {
  return Array.from(
    figure.matchAll(/<path (?=[^>]*stroke="(#\w+)")(?=[^>]*d="([^"]+)")[^>]*translate\(([-\d.]+),([-\d.]+)\)/g),
    ([, colour, shape, x, y]) => ({ colour, shape: shape.replace(/-?[\d.]+/g, (n) => Number(n).toFixed(1)), x: +x, y: +y }),
  );
}

const many = Array.from({ length: 16 }, (_, i) => `contender number ${i}`);

test("every contender has a look of its own, and its name in the legend within the figure", async () => {
  const figure = await resultsOf(many, [100, 1000]).plot(), legend = symbolsIn(figure).slice(0, many.length);
  equal(new Set(legend.map(({ colour, shape }) => colour + shape)).size, many.length);
  // A letter is about 6.6 pixels wide.
  ok(legend.every(({ x }, i) => x + 10 + 6.6 * many[i].length < 1080), JSON.stringify(legend.map(({ x }) => x)));
  equal(new Set(legend.map(({ x, y }) => `${x} ${y}`)).size, many.length);
  const height = Number(figure.match(/height="(\d+)"/)![1]);
  equal(height, 320 + 28 * new Set(legend.map(({ y }) => y)).size);
});

test("contenders side by side are nearer to their own number of rows than to the next", async () => {
  for (const [names, sizes] of [[["a", "b"], [100, 101]], [many, [60, 70, 43303]], [["a", "b", "c"], [1, 1e9]]] as const) {
    const symbols = symbolsIn(await resultsOf(names, sizes).plot()).slice(names.length);
    equal(symbols.length, 3 * names.length * sizes.length);
    // In a panel, symbols come by size, then by name.
    for (let i = 1; i < symbols.length; i++) {
      if (i % (names.length * sizes.length) !== 0) ok(symbols[i].x > symbols[i - 1].x, `${i}`);
    }
  }
});

test("panels have the same sizes, also where a contender has no model", async () => {
  const { trials, constraints } = resultsOf(["a"], [100, 1000]);
  const none = trials.map((one) => one.size === 100 ? { ...one, solution: false, performance: null } : one);
  for (const shown of [none, none.map((one) => ({ ...one, solution: false, performance: null }))]) {
    const figure = await new Results(shown, constraints, "loss").plot();
    for (const size of ["100", "1,000"]) equal(figure.split(`>${size}</text>`).length, 4);
  }
});

test("one trial has an axis with short labels", async () => {
  const { trials, constraints } = resultsOf(["a"], [100]);
  for (const performance of [0.3, 0, -1 / 3]) {
    const figure = await new Results([{ ...trials[0], performance }], constraints, "loss").plot();
    const labels = Array.from(figure.matchAll(/>([−-]?[\d.]+)<\/text>/g), ([, label]) => label);
    ok(labels.length > 15 && labels.every((label) => label.length < 7), labels.join());
  }
});

test("the band of two models does not hide what the others say", async () => {
  const trials = [[0.4, 0.41, 0.42], [0.44, 0.5]].flatMap((performances, i) =>
    performances.map((performance, trial) => ({ ...resultsOf(["ab"[i]], [100]).trials[0], trial, performance }))
  );
  // Student's band of the two goes from 0.09 to 0.85.
  const figure = await new Results(trials, [{ text: "ACC >= 0.9", delta: 0.05 }], "loss").plot();
  const [panel] = figure.split('<g transform="translate(360,');
  const labels = Array.from(panel.matchAll(/>(\d\.\d+)<\/text>/g), ([, label]) => Number(label));
  ok(labels.length > 3 && Math.min(...labels) > 0.25 && Math.max(...labels) < 0.65, labels.join());
});

test("names with control characters and half letters are shown in figures that are XML, and in tables of one line each", async () => {
  const names = ["a\u0000b\u0008", "line\nbreak", "half \ud800", "\ufffe", "\u001b[2J", "]]> <b>"];
  const results = resultsOf(names, [100], "a\u0001"), figure = await results.plot();
  // deno-lint-ignore no-control-regex
  ok(!/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(figure) && figure.isWellFormed());
  const lines = `${results}`.split("\n");
  equal(lines.length, 3 + names.length);
  match(lines[4], /line\\u000abreak +2 /);
  // deno-lint-ignore no-control-regex
  ok(!/[\0-\x1f]/.test(lines.join("")));
});

test("pages have experiments of any name, and contenders that tell no settings", async () => {
  const page = await resultsPage({ trials: resultsOf(["a"], [100]), constraints: resultsOf(["b"], [100]) });
  match(page, /<h2>trials<\/h2>[^]*<h2>constraints<\/h2>/);
  for (const settings of [undefined, Symbol("settings")]) {
    const silent: Contender = { settings, outputs: () => Promise.resolve(null) };
    match(await (await experiment({ ...small, contenders: { silent }, sizes: [40], trials: 1 })).page(), /<dt>silent<\/dt>/);
  }
});
